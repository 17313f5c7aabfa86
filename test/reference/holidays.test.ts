import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../server/log.js';
import { readDeclaredDays } from '../../server/reference/holidays-file.js';
import { daysOff } from '../../server/reference/holidays.js';
import { startTestNode } from '../support/nodes.js';

describe('years whose days off nobody has announced', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('are looked for among this one and, from December on, the next', () => {
    expect(daysOff().unknownYears('2026-11-30')).toEqual([]);
    expect(daysOff().unknownYears('2025-12-01')).toEqual([]);
    expect(daysOff().unknownYears('2090-11-30')).toEqual([2090]);
    expect(daysOff().unknownYears('2090-12-01')).toEqual([2090, 2091]);
  });

  it('are told by a node at its start, and by its status', async () => {
    const lines: string[] = [];
    // Noon of 5 December in Asia/Shanghai.
    vi.spyOn(Date, 'now').mockReturnValue(Date.UTC(2090, 11, 5, 4));
    const log = createLog('warn', '330000', { write: (line) => void lines.push(line) });
    const node = await startTestNode({ HUB_REGION: '330000' }, log);
    try {
      expect(lines.filter((line) => line.includes('[2090,2091]'))).toHaveLength(1);
      const { yearsWithoutHolidays: years } = await node.dataCenter.getNodeStatus({});
      expect(years).toEqual([2090, 2091]);
    } finally {
      await node.stop();
    }
  });
});

describe('days off that were announced later (HUB_HOLIDAYS_FILE)', () => {
  let directory: string;
  const fileOf = async (...lines: readonly string[]): Promise<string> => {
    const file = join(directory, 'days.csv');
    await writeFile(file, ['date,day', ...lines, ''].join('\n'));
    return file;
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'holidays-'));
  });
  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  it('VR31 go before what the program knows, in Chinese or English', async () => {
    const file = await fileOf(
      '2090-10-02,休',
      '2090-10-07,班',
      '2026-10-01,work',
      '2026-11-24,off',
    );
    const { isHoliday, unknownYears } = daysOff(await readDeclaredDays(file));
    // 7 October 2090 is a Saturday, the 2nd a Monday, the 9th a Monday of which nothing is said.
    expect(['2090-10-02', '2090-10-07', '2090-10-09'].map(isHoliday)).toEqual([true, false, false]);
    expect(['2026-10-01', '2026-11-24', '2026-10-02'].map(isHoliday)).toEqual([false, true, true]);
    expect(unknownYears('2090-12-01')).toEqual([2091]);
  });

  it('leave a year unknown whose festivals are not among them', async () => {
    const { unknownYears } = daysOff(await readDeclaredDays(await fileOf('2090-01-02,休')));
    expect(unknownYears('2090-06-01')).toEqual([2090]);
  });

  it('are refused at the start with everything that is wrong', async () => {
    const file = await fileOf('2090-02-30,休', '2090-10-01,rest', '2090-10-02,休', '2090-10-02,班');
    await expect(startTestNode({ HUB_REGION: '330000', HUB_HOLIDAYS_FILE: file })).rejects.toThrow(
      /2090-02-30 应为[^]*“rest”[^]*2090-10-02 重复/,
    );
    await expect(readDeclaredDays(join(directory, 'none.csv'))).rejects.toThrow('can not be read');
    await writeFile(file, 'day\n休\n');
    await expect(readDeclaredDays(file)).rejects.toThrow('column date is missing');
    const many = Array.from({ length: 1_001 }, () => '2090-01-01,休');
    await expect(readDeclaredDays(await fileOf(...many))).rejects.toThrow('more than 1000 rows');
  });

  it('are known to a node that is told of them', async () => {
    vi.spyOn(Date, 'now').mockReturnValue(Date.UTC(2090, 11, 5, 4));
    const file = await fileOf('2090-10-01,休', '2091-10-01,休');
    const node = await startTestNode({ HUB_REGION: '330000', HUB_HOLIDAYS_FILE: file });
    try {
      expect((await node.dataCenter.getNodeStatus({})).yearsWithoutHolidays).toEqual([]);
    } finally {
      await node.stop();
      vi.restoreAllMocks();
    }
  });
});
