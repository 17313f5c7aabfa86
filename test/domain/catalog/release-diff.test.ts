import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import { CatalogChangeKind, CatalogTable } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { concernedBetween, departmentShares } from '../../../server/domain/catalog/concerned.js';
import {
  countChanges,
  releaseChanges,
  type ReleaseChange,
} from '../../../server/domain/catalog/release-diff.js';
import { authority, entry, item, localItem, release } from './builders.js';

const { SCOPE_ENTRY, PERMIT_ITEM, MAPPING, AUTHORITY } = CatalogTable;
const { ADDED, CHANGED, REMOVED } = CatalogChangeKind;

const before = release({
  entries: [entry('E1'), entry('E2', { name: '旧称' }), entry('E3')],
  items: [
    item('I1', ['E1', 'E2'], {
      licensingAuthorities: [authority('330000', 'D1'), authority('000000', 'D2')],
    }),
    item('I2', ['E3'], { licensingAuthorities: [authority('000000', 'D3')] }),
  ],
});
const after = release({
  version: 'v2',
  entries: [entry('E1'), entry('E2', { name: '新称', keywords: ['甲', '乙'] }), entry('E4')],
  items: [
    item('I1', ['E1', 'E4'], {
      reformMode: ReformMode.FILING,
      licensingAuthorities: [
        { ...authority('330000', 'D1'), decides: false },
        authority('440000', 'D4'),
      ],
    }),
  ],
});

/** A change in one line. */
function line({ table, kind, name, fields, ...key }: ReleaseChange): string {
  const codes = Object.values(key).filter((code) => code !== '');
  const values = fields.map((one) => `${one.field}: ${one.before} → ${one.after}`);
  return [CatalogTable[table], CatalogChangeKind[kind], codes.join('/'), name, ...values].join(' ');
}

describe('what a release changes', () => {
  it('R7 R23 tells entries, items, mappings and authorities, each field before and after', () => {
    expect(releaseChanges(before, after).map(line)).toEqual([
      'SCOPE_ENTRY CHANGED E2 新称 name: 旧称 → 新称 keywords:  → 甲；乙',
      'SCOPE_ENTRY REMOVED E3 表述E3',
      'SCOPE_ENTRY ADDED E4 表述E4',
      'PERMIT_ITEM CHANGED I1 事项I1 reform_mode: REFORM_MODE_OPTIMISED → REFORM_MODE_FILING',
      'PERMIT_ITEM REMOVED I2 事项I2',
      'MAPPING REMOVED E2/I1 事项I1',
      'MAPPING ADDED E4/I1 事项I1',
      'MAPPING REMOVED E3/I2 事项I2',
      'AUTHORITY REMOVED I1/000000/D2 机关D2',
      'AUTHORITY CHANGED I1/330000/D1 机关D1 decides: true → false',
      'AUTHORITY ADDED I1/440000/D4 机关D4',
      'AUTHORITY REMOVED I2/000000/D3 机关D3',
    ]);
  });

  it('R7 counts by table and way, and finds nothing between equal releases', () => {
    expect(countChanges(releaseChanges(before, after))).toEqual([
      { table: SCOPE_ENTRY, kind: ADDED, count: 1 },
      { table: SCOPE_ENTRY, kind: CHANGED, count: 1 },
      { table: SCOPE_ENTRY, kind: REMOVED, count: 1 },
      { table: PERMIT_ITEM, kind: CHANGED, count: 1 },
      { table: PERMIT_ITEM, kind: REMOVED, count: 1 },
      { table: MAPPING, kind: ADDED, count: 1 },
      { table: MAPPING, kind: REMOVED, count: 2 },
      { table: AUTHORITY, kind: ADDED, count: 1 },
      { table: AUTHORITY, kind: CHANGED, count: 1 },
      { table: AUTHORITY, kind: REMOVED, count: 2 },
    ]);
    expect(releaseChanges(before, release({ ...before, version: 'v9' }))).toEqual([]);
    expect(countChanges(releaseChanges(undefined, before)).map(({ kind }) => kind)).toEqual(
      Array(4).fill(ADDED),
    );
  });

  it('R7 compared the other way round, what was added is removed and what was, is again', () => {
    const rows = fc.uniqueArray(fc.constantFrom('A', 'B', 'C'), { minLength: 1 });
    const releases = fc.record({ entries: rows, items: rows, name: fc.constantFrom('甲', '乙') });
    const made = ({ entries, items, name }: { entries: string[]; items: string[]; name: string }) =>
      release({
        entries: entries.map((code) => entry(code, { name })),
        items: items.map((code) => item(code, entries)),
      });
    const turned = { [ADDED]: REMOVED, [CHANGED]: CHANGED, [REMOVED]: ADDED };
    fc.assert(
      fc.property(releases, releases, (one, other) => {
        const there = releaseChanges(made(one), made(other));
        const back = releaseChanges(made(other), made(one));
        expect(back.map(({ kind, name: _, fields, ...key }) => ({ ...key, kind, fields }))).toEqual(
          there.map(({ kind, name: _, fields, ...key }) => ({
            ...key,
            kind: turned[kind as keyof typeof turned],
            fields: fields.map((field) => ({
              ...field,
              before: field.after,
              after: field.before,
            })),
          })),
        );
      }),
    );
  });
});

describe('whom a change concerns', () => {
  const local = release({ layer: '330000', items: [localItem('L1', ['E3']), localItem('L2', [])] });
  const changes = releaseChanges(before, after);
  const concernedOf = concernedBetween(before, after, local);
  const of = (text: string) => {
    const change = changes.find((one) => line(one).startsWith(text));
    const { departments, ...codes } = concernedOf(change!);
    return { ...codes, departments: departments.map((one) => one.orgCode) };
  };

  it('R22 the departments of the items, in either release; an authority only itself', () => {
    expect(of('SCOPE_ENTRY CHANGED E2')).toEqual({
      itemCodes: ['I1'],
      localItemCodes: [],
      departments: ['D1', 'D2', 'D4'],
    });
    expect(of('PERMIT_ITEM REMOVED I2').departments).toEqual(['D3']);
    expect(of('AUTHORITY ADDED I1/440000').departments).toEqual(['D4']);
  });

  it('R25 an entry that goes leaves items of the province pointing nowhere', () => {
    expect(of('SCOPE_ENTRY REMOVED E3')).toEqual({
      itemCodes: ['I2'],
      localItemCodes: ['L1'],
      departments: ['D3', 'D33'],
    });
    expect(of('SCOPE_ENTRY ADDED E4').localItemCodes).toEqual([]);
  });

  it('R22 departments come with their number of changes, the most concerned first', () => {
    const shares = departmentShares(changes, concernedOf);
    expect(shares.map(({ department, changeCount }) => [department.orgCode, changeCount])).toEqual([
      ['D1', 6],
      ['D2', 6],
      ['D4', 6],
      ['D3', 4],
      ['D33', 1],
    ]);
    for (const { department, changeCount } of shares)
      expect(
        changes.filter((change) =>
          concernedOf(change).departments.some((one) => one.orgCode === department.orgCode),
        ),
      ).toHaveLength(changeCount);
  });
});
