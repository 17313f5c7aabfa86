import { describe, expect, it } from 'vitest';
import { ScopeCategory, type CatalogRelease } from '#gen/zhengzhao/v1/catalog_pb.js';
import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import { createCatalogLibrary } from '../../../server/domain/catalog/library.js';
import {
  resolveScope,
  type ScopeAnswer,
  type ScopeQuestion,
} from '../../../server/domain/catalog/scope-resolution.js';
import { loadReference } from '../../../server/reference/load-reference.js';
import { regionLineage } from '../../../server/reference/region-codes.js';
import { indexZones } from '../../../server/reference/zone-index.js';
import { authority, item, permitEntry, release } from './builders.js';

const zoneOf = indexZones(loadReference().freeTradeZones.values());

const CATALOG = release({
  entries: [
    permitEntry('C', { name: '取消的' }),
    permitEntry('F', { name: '备案的' }),
    permitEntry('K', { name: '承诺的' }),
    permitEntry('O', { name: '优化的' }),
    permitEntry('G', { name: '一般的', category: ScopeCategory.GENERAL }),
    permitEntry('OLD', { effectiveTo: '2019-12-31' }),
  ],
  items: [
    item('I1', ['C'], { reformMode: ReformMode.CANCELLED }),
    item('I2', ['F'], { reformMode: ReformMode.FILING }),
    item('I3', ['K'], { reformMode: ReformMode.COMMITMENT }),
    item('I4', ['O', 'K'], { licensingAuthorities: [authority('330000', 'D33')] }),
  ],
});

function resolve(question: Partial<ScopeQuestion>, everywhere = false): ScopeAnswer {
  return resolveIn(CATALOG, question, everywhere);
}

function resolveIn(
  catalog: CatalogRelease,
  question: Partial<ScopeQuestion>,
  pilotEverywhere: boolean,
): ScopeAnswer {
  const library = createCatalogLibrary([catalog], { node: '330000', lineageOf: regionLineage });
  const view = library.on('2020-01-01');
  if (!view) throw new Error('no view');
  return resolveScope(
    {
      regionCode: '330902',
      province: '330000',
      ftz: '',
      ftzArea: '',
      scopeEntryCodes: ['G'],
      ...question,
    },
    { view, zoneOf, isKnownCode: (code) => library.knowsEntry(code), pilotEverywhere },
  );
}

const codes = (answer: ScopeAnswer): string[] =>
  answer.findings.map(({ field, code }) => `${field} ${code}`);

describe('resolving ticked entries', () => {
  it('R8 gives text, entries and items in the order ticked', () => {
    const answer = resolve({ scopeEntryCodes: ['O', 'G', 'K'] });
    expect(answer.opScope).toMatch(/^一般项目：一般的（.*。许可项目：优化的；承诺的（.*。$/);
    expect(answer.entries.map((one) => one.scopeEntryCode)).toEqual(['O', 'G', 'K']);
    expect(
      answer.items.map(({ item: one, entryCodes }) => [one.permitItemCode, entryCodes]),
    ).toEqual([
      ['I4', ['O', 'K']],
      ['I3', ['K']],
    ]);
    expect(answer.findings).toEqual([]);
  });

  it('R9 R11 R12 R15 tells the next step of each reform mode with its clause', () => {
    const answer = resolve({ scopeEntryCodes: ['C', 'F', 'K', 'O'] });
    const steps = answer.items.map(({ item: one, nextStep }) => [
      one.permitItemCode,
      nextStep.clause,
    ]);
    expect(steps).toEqual([
      ['I1', 'R9 3.2.1'],
      ['I2', 'R11 3.2.2'],
      ['I3', 'R12 3.2.3'],
      ['I4', 'R15 3.2.4'],
    ]);
    expect(new Set(answer.items.map(({ nextStep }) => nextStep.zh)).size).toBe(4);
    expect(new Set(answer.items.map(({ nextStep }) => nextStep.en)).size).toBe(4);
  });

  it('R21 flags an enterprise in a zone with at least one item, and no other', () => {
    const zone = { ftz: 'FTZ-33', ftzArea: '舟山离岛片区' };
    expect(resolve({ ...zone, scopeEntryCodes: ['C'] }).licenseSeparationFlag).toBe(true);
    expect(resolve({ ...zone, scopeEntryCodes: ['G'] }).licenseSeparationFlag).toBe(false);
    expect(resolve({ scopeEntryCodes: ['C'] }).licenseSeparationFlag).toBe(false);
    expect(resolve({ scopeEntryCodes: ['C'] }, true).licenseSeparationFlag).toBe(true);
  });

  it('R24 tells a wrong code from one that is no longer valid, and resolves the rest', () => {
    const answer = resolve({ scopeEntryCodes: ['G', 'OLD', 'ZZZ', 'G'] });
    expect(codes(answer)).toEqual([
      'scope_entry_codes[1] SCOPE_ENTRY_NOT_IN_FORCE',
      'scope_entry_codes[2] SCOPE_ENTRY_UNKNOWN',
      'scope_entry_codes[3] SCOPE_ENTRY_REPEATED',
    ]);
    expect(answer.entries.map((one) => one.scopeEntryCode)).toEqual(['G']);
    expect(codes(resolve({ scopeEntryCodes: [] }))).toEqual([
      'scope_entry_codes SCOPE_ENTRIES_MISSING',
    ]);
  });

  it('R22 names the receiving departments of the region, and says when there are none', () => {
    const here = resolve({ scopeEntryCodes: ['O'] });
    expect(here.items[0]?.receivers.map((one) => one.orgCode)).toEqual(['D33']);
    const elsewhere = resolve({ regionCode: '440106', province: '440000', scopeEntryCodes: ['O'] });
    expect(elsewhere.items[0]?.receivers).toEqual([]);
    expect(codes(elsewhere)).toEqual(['items[0].receiving_departments NO_RECEIVER']);
    expect(codes(resolve({ regionCode: '99', province: undefined }))).toEqual([
      'region_code REGION_UNKNOWN',
    ]);
  });

  it('R43 VR11 checks that zone, area and province fit', () => {
    const name = '中国(浙江)自由贸易试验区';
    expect(codes(resolve({ ftz: name, ftzArea: 'FTZ-33-01' }))).toEqual([]);
    const wide = { ftz: '中国（浙江）自由贸易试验区', ftzArea: '舟山离岛' };
    expect(resolve({ ...wide, scopeEntryCodes: ['O'] }).licenseSeparationFlag).toBe(true);
    expect(codes(resolve({ ftz: name }))).toEqual(['ftz_area FTZ_AREA_MISSING']);
    expect(codes(resolve({ ftz: name, ftzArea: '横琴' }))).toEqual(['ftz_area FTZ_AREA_UNKNOWN']);
    expect(codes(resolve({ ftz: '火星' }))).toEqual(['ftz FTZ_UNKNOWN']);
    expect(codes(resolve({ ftzArea: '舟山离岛片区' }))).toEqual(['ftz_area FTZ_MISSING']);
    expect(
      codes(resolve({ ftz: name, ftzArea: 'FTZ-33-01', regionCode: '440106', province: '440000' })),
    ).toEqual(['ftz FTZ_OTHER_PROVINCE']);
  });
});
