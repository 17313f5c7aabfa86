import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CatalogRelease } from '#gen/zhengzhao/v1/catalog_pb.js';
import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import {
  createCatalogLibrary,
  type ReleaseLibrary,
} from '../../../server/domain/catalog/library.js';
import { regionLineage } from '../../../server/reference/region-codes.js';
import { authority, entry, item, localItem, release } from './builders.js';

function library(releases: readonly CatalogRelease[], node = '330000'): ReleaseLibrary {
  return createCatalogLibrary(releases, { node, lineageOf: regionLineage });
}

const names = (releases: ReleaseLibrary, date: string) =>
  releases.on(date)?.entries.map((one) => `${one.scopeEntryCode} ${one.name}`);

describe('releases in force', () => {
  const first = release({ version: 'v1', entries: [entry('E1', { name: '旧' })] });
  const second = release({
    version: 'v2',
    effectiveFrom: '2020-06-01',
    entries: [entry('E1', { name: '新' }), entry('E2')],
  });

  it('R23 answers with the release of the date, whatever order they were stored in', () => {
    const held = library([second, first]);
    expect(held.on('2019-11-30')).toBeUndefined();
    expect(held.on('2019-12-01')?.version).toBe('v1');
    expect(held.on('2020-05-31')?.version).toBe('v1');
    expect(held.on('2020-06-01')?.version).toBe('v2');
    expect(names(held, '2020-06-01')).toEqual(['E1 新', 'E2 表述E2']);
    expect([held.has('v1'), held.has('v2'), held.has('v3')]).toEqual([true, true, false]);
  });

  it('R4 of two releases with one effective date the later stored one is in force', () => {
    const correction = release({
      ...first,
      version: 'v1a',
      entries: [entry('E1', { name: '改' })],
    });
    expect(library([first, correction]).on('2020-01-01')?.version).toBe('v1a');
    expect(library([correction, first]).on('2020-01-01')?.version).toBe('v1');
  });

  it('keeps the same view for dates between which nothing changes', () => {
    const held = library([first, second]);
    expect(held.on('2019-12-01')).toBe(held.on('2020-05-31'));
    expect(held.on('2020-05-31')).not.toBe(held.on('2020-06-01'));
  });

  it('counts the last day of an entry and not the day after', () => {
    const held = library([
      release({
        entries: [
          entry('E1', { effectiveTo: '2020-02-28' }),
          entry('E2', { effectiveFrom: '2020-02-29' }),
        ],
        items: [item('I1', ['E1', 'E2'], { effectiveTo: '2020-03-01' })],
      }),
    ]);
    expect(names(held, '2020-02-28')).toEqual(['E1 表述E1']);
    expect(names(held, '2020-02-29')).toEqual(['E2 表述E2']);
    expect(held.on('2020-02-29')?.itemsOf('E1')).toEqual([]);
    expect(held.on('2020-03-01')?.itemsOf('E2')).toHaveLength(1);
    expect(held.on('2020-03-02')?.itemsOf('E2')).toHaveLength(0);
    expect(held.knowsEntry('E1')).toBe(true);
    expect(held.knowsEntry('E9')).toBe(false);
  });

  it('R23 agrees on every date with reading all rows one by one', () => {
    const date = fc
      .integer({ min: 1, max: 28 })
      .map((day) => `2020-02-${String(day).padStart(2, '0')}`);
    const open = fc.option(date, { nil: '' });
    const rows = fc.uniqueArray(
      fc.record({ code: fc.constantFrom('A', 'B', 'C'), from: open, to: open }),
      {
        selector: (row) => row.code,
      },
    );
    const releases = fc.uniqueArray(fc.record({ from: date, rows }), {
      maxLength: 5,
      selector: ({ from }) => from,
    });
    fc.assert(
      fc.property(releases, fc.array(date, { maxLength: 30 }), (made, dates) => {
        const all = made.map(({ from, rows: its }, index) =>
          release({
            version: `v${index}`,
            effectiveFrom: from,
            entries: its.map((row) =>
              entry(row.code, { effectiveFrom: row.from, effectiveTo: row.to }),
            ),
            items: [],
          }),
        );
        const held = library(all);
        for (const day of dates) {
          const current = all
            .filter((one) => one.effectiveFrom <= day)
            .sort((a, b) => (a.effectiveFrom < b.effectiveFrom ? -1 : 1))
            .at(-1);
          const valid = current?.entries.filter(
            (one) => one.effectiveFrom <= day && (one.effectiveTo === '' || day <= one.effectiveTo),
          );
          expect(held.on(day)?.entries.map((one) => one.scopeEntryCode)).toEqual(
            valid?.map((one) => one.scopeEntryCode).sort(),
          );
        }
      }),
    );
  });
});

describe('layers', () => {
  const central = release({
    entries: [entry('E1', { name: '总局' }), entry('E3', { effectiveTo: '2020-01-01' })],
  });
  const zhejiang = release({
    version: 'v1-33',
    layer: '330000',
    provisional: true,
    entries: [entry('E1', { name: '本省' }), entry('E2'), entry('E3', { name: '复活' })],
    items: [
      localItem('I1', ['E2'], { reformMode: ReformMode.CANCELLED }),
      localItem('L1', ['E1', 'E2']),
    ],
  });

  it('R25 the central row wins on the same code, even after it has expired', () => {
    const view = library([central, zhejiang]).on('2020-06-01');
    expect(view?.entry('E1')?.name).toBe('总局');
    expect(view?.entry('E3')).toBeUndefined();
    expect(view?.item('I1')?.reformMode).toBe(ReformMode.OPTIMISED);
    expect(view?.itemsOf('E1').map((one) => one.permitItemCode)).toEqual(['I1', 'L1']);
    expect(view?.version).toBe('v1');
    expect(view?.localVersion).toBe('v1-33');
    expect(view?.provisional).toBe(true);
  });

  it('R25 a provincial layer is valid only inside its province', () => {
    const elsewhere = library([central, zhejiang], '440000').on('2019-12-01');
    expect(elsewhere?.entry('E2')).toBeUndefined();
    expect(elsewhere?.item('L1')).toBeUndefined();
    expect(elsewhere?.provisional).toBe(false);
    expect(library([central, zhejiang], '100000').on('2019-12-01')?.item('L1')).toBeUndefined();
  });

  it('R9 a cancelled item stays, so that its department is still told', () => {
    const view = library([
      release({ items: [item('I1', ['E1'], { reformMode: ReformMode.CANCELLED })] }),
    ]).on('2030-01-01');
    expect(view?.itemsOf('E1').map((one) => one.reformMode)).toEqual([ReformMode.CANCELLED]);
  });
});

describe('authorities', () => {
  const licensed = item('I1', ['E1'], {
    licensingAuthorities: [
      authority('000000', 'NATION'),
      authority('330000', 'PROVINCE'),
      authority('330000', 'PROVINCE2'),
      authority('330900', 'CITY'),
      authority('330902', 'COUNTY'),
      authority('660000', 'XPCC'),
      authority('650000', 'XINJIANG'),
    ],
  });
  const view = library([release({ items: [licensed] })]).on('2020-01-01');
  const of = (region: string): string[] =>
    view?.authoritiesOf(licensed, region).map((one) => one.orgCode) ?? [];

  it('VR15 answers with the nearest region that has any', () => {
    expect(of('330902')).toEqual(['COUNTY']);
    expect(of('330903')).toEqual(['CITY']);
    expect(of('330106')).toEqual(['PROVINCE', 'PROVINCE2']);
    expect(of('440106')).toEqual(['NATION']);
  });

  it('D11 the cities of 新疆生产建设兵团 go by the 兵团, the rest of 65 by 新疆', () => {
    expect(of('659001')).toEqual(['XPCC']);
    expect(of('660000')).toEqual(['XPCC']);
    expect(of('650102')).toEqual(['XINJIANG']);
  });
});
