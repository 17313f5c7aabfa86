import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseTable, ReferenceFileError } from '../../server/reference/csv-table.js';
import { CODE_LIST_NAMES } from '../../server/reference/code-lists.js';
import { findCode, loadReference } from '../../server/reference/load-reference.js';
import { HUB_NODES } from '../../server/reference/nodes.js';

const reference = loadReference();

describe('the reference tables', () => {
  it('hold every row of their files under a code of its own', () => {
    expect(reference.regions.size).toBe(3218);
    expect(reference.industries.size).toBe(1971);
    expect(reference.enterpriseTypes.size).toBe(284);
    expect(reference.currencies.size).toBe(205);
  });

  it('know a district, its city and its province', () => {
    expect(reference.regions.get('330902')).toEqual({
      code: '330902',
      name: '定海区',
      level: 'COUNTY',
      parent: '330900',
    });
    expect(reference.regions.get('330900')?.parent).toBe('330000');
    expect(reference.regions.get('330000')).toMatchObject({ level: 'PROVINCE', parent: undefined });
  });

  it('give every region below a province a parent that exists', () => {
    const orphans = [...reference.regions.values()].filter((region) =>
      region.level === 'PROVINCE'
        ? region.parent !== undefined
        : !reference.regions.has(region.parent ?? ''),
    );
    expect(orphans).toEqual([]);
  });

  it('hold the 18 pilot zones with all 58 areas, each in a province that has a node', () => {
    const zones = [...reference.freeTradeZones.values()];
    expect(zones).toHaveLength(18);
    expect(zones.flatMap((zone) => zone.areas)).toHaveLength(58);
    expect(new Set(zones.flatMap((zone) => zone.areas.map((area) => area.code))).size).toBe(58);
    const nodes = new Set(HUB_NODES.map((node) => node.code));
    expect(zones.filter((zone) => !nodes.has(zone.province))).toEqual([]);
    const zhejiang = reference.freeTradeZones.get('FTZ-33');
    expect(zhejiang).toMatchObject({ name: '中国(浙江)自由贸易试验区', province: '330000' });
    expect(zhejiang?.areas.map((area) => area.name)).toContain('舟山离岛片区');
  });

  it('know industries with their section, enterprise types and the renminbi', () => {
    expect(reference.industries.get('6513')).toEqual({
      code: '6513',
      name: '应用软件开发',
      level: 4,
      section: 'I',
    });
    expect(reference.enterpriseTypes.get('1130')?.name).toContain('有限责任公司');
    expect(reference.currencies.get('156')).toBe('人民币元');
  });

  it('hold every code list, in Chinese and English and with its source', () => {
    expect([...reference.codeLists.keys()]).toEqual([...CODE_LIST_NAMES]);
    const values = [...reference.codeLists.values()].flatMap((list) => [...list.values()]);
    const blank = values.filter((value) => !value.nameZh || !value.nameEn || !value.source);
    expect(blank).toEqual([]);
    expect(findCode(reference, 'penalty_type', '2')?.nameZh).toBe('罚款');
    expect(findCode(reference, 'change_item', '01')?.verified).toBe(false);
    expect(findCode(reference, 'change_item', '69')?.verified).toBe(true);
    expect(findCode(reference, 'reg_state', '8')).toBeUndefined();
  });

  it('cannot be changed', () => {
    expect(Object.isFrozen(reference)).toBe(true);
    expect(Object.isFrozen(reference.regions.get('330000'))).toBe(true);
    expect(Object.isFrozen(reference.freeTradeZones.get('FTZ-33')?.areas)).toBe(true);
  });
});

describe('a table that cannot be used', () => {
  it('is refused with its file and the missing column, in Chinese and English', () => {
    expect(() => parseTable('code\n01\n', ['code', 'name'], 'x.csv')).toThrow(
      'x.csv: 缺少列 name / column name is missing',
    );
  });

  it.each([
    ['without quotes', 'code,name\n01\n'],
    ['with quotes', 'code,name\n"01"\n'],
  ])('is refused when a row has too few cells, %s', (_, text) => {
    expect(() => parseTable(text, ['code', 'name'], 'x.csv')).toThrow(ReferenceFileError);
  });

  it('is read the same with a byte order mark, other line ends, quotes and columns of its own', () => {
    const plain = parseTable('code,name\n01,甲\n', ['code', 'name'], 'x.csv');
    const quoted = parseTable(
      '\uFEFFnote,name,code\r\n"a,""b""", 甲 ,"01"\r\n',
      ['code', 'name'],
      'x.csv',
    );
    expect(quoted).toEqual(plain);
    const marked = parseTable('\uFEFFcode,name\r\n01,甲\r\n', ['code', 'name'], 'x.csv');
    expect(marked).toEqual(plain);
  });

  it('stops the start when a code list lacks, or names a code twice', () => {
    const dir = mkdtempSync(join(tmpdir(), 'reference-'));
    const source = new URL('../../reference/', import.meta.url);
    const load = (codeLists: string) => () => {
      writeFileSync(join(dir, 'code-lists.csv'), codeLists);
      loadReference(pathToFileURL(`${dir}/`));
    };
    try {
      for (const file of [
        'regions.csv',
        'ftz-areas.csv',
        'industry-gbt4754-2017.csv',
        'enterprise-types.csv',
        'currency-gbt12406.csv',
      ]) {
        writeFileSync(join(dir, file), readFileSync(new URL(file, source)));
      }
      const lists = readFileSync(new URL('code-lists.csv', source), 'utf8');
      const lines = lists.split('\n');
      expect(load(lists)).not.toThrow();
      const without = lines.filter((line) => !line.startsWith('end_kind,'));
      expect(load(without.join('\n'))).toThrow('code list end_kind is missing');
      expect(load([...lines, lines[1]].join('\n'))).toThrow('duplicate code reform_mode 1');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
