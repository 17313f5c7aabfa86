import { afterEach, describe, expect, it, vi } from 'vitest';
import { createLog } from '../../server/log.js';
import { yearsWithoutHolidays } from '../../server/reference/holidays.js';
import { startTestNode } from '../support/nodes.js';

describe('years whose days off nobody has announced', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('are looked for among this one and, from December on, the next', () => {
    expect(yearsWithoutHolidays('2026-11-30')).toEqual([]);
    expect(yearsWithoutHolidays('2025-12-01')).toEqual([]);
    expect(yearsWithoutHolidays('2090-11-30')).toEqual([2090]);
    expect(yearsWithoutHolidays('2090-12-01')).toEqual([2090, 2091]);
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
