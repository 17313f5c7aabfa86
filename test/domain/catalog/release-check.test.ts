import { describe, expect, it } from 'vitest';
import { PublicInterest, SetLevel, type CatalogRelease } from '#gen/zhengzhao/v1/catalog_pb.js';
import { ReformMode, Severity } from '#gen/zhengzhao/v1/common_pb.js';
import { checkRelease, type ReleaseContext } from '../../../server/domain/catalog/release-check.js';
import { FindingList } from '../../../server/domain/catalog/release-findings.js';
import { provinceOf } from '../../../server/reference/region-codes.js';
import { authority, entry, item, localItem, permitEntry, release } from './builders.js';

const CONTEXT: ReleaseContext = {
  central: [],
  previous: undefined,
  today: '2019-11-20',
  provinceOf,
};

function check(checked: CatalogRelease, context: Partial<ReleaseContext> = {}): string[] {
  return checkRelease(checked, { ...CONTEXT, ...context }).findings.map(
    ({ rule, field, code }) => `${rule} ${field} ${code}`,
  );
}

describe('mapping', () => {
  it('R6 accepts a release whose items all map to entries', () => {
    expect(check(release())).toEqual([]);
  });

  it('R6 refuses an item without entry, also a cancelled one', () => {
    const cancelled = item('I2', [], { reformMode: ReformMode.CANCELLED });
    expect(check(release({ items: [item('I1', []), cancelled] }))).toEqual([
      'R6 items[0].permit_item_code ITEM_WITHOUT_ENTRY',
      'R6 items[1].permit_item_code ITEM_WITHOUT_ENTRY',
    ]);
  });

  it('R6 refuses a mapping that points nowhere, or only to entries that have ended', () => {
    const ended = entry('E2', { effectiveTo: '2019-11-30' });
    expect(
      check(
        release({
          entries: [entry('E1'), ended],
          items: [item('I1', ['E1', 'E9']), item('I2', ['E2'])],
        }),
      ),
    ).toEqual([
      'R6 items[0].scope_entry_codes[1] ENTRY_UNKNOWN',
      'R6 items[1].permit_item_code ITEM_ENTRIES_EXPIRED',
    ]);
  });

  it('R6 warns of a permit entry that leads to no item, unless it has ended or is a heading', () => {
    const entries = [
      entry('E1'),
      permitEntry('HEAD'),
      permitEntry('LEAF', { parentCode: 'HEAD' }),
      permitEntry('ALONE', { parentCode: 'HEAD' }),
      permitEntry('ENDED', { effectiveTo: '2019-11-30' }),
    ];
    const made = release({ entries, items: [item('I1', ['E1', 'LEAF'])] });
    expect(check(made)).toEqual(['R6 entries[3].scope_entry_code ENTRY_WITHOUT_ITEM']);
    expect(checkRelease(made, CONTEXT).hasErrors).toBe(false);
  });

  it('R25 warns of a local mapping whose central entry a later central release drops or ends', () => {
    const local = release({
      layer: '330000',
      entries: [entry('L1')],
      items: [localItem('LI', ['L1', 'E1', 'E2', 'E3'])],
    });
    const central = [
      release({ entries: [entry('E1'), entry('E2'), entry('E3')] }),
      release({
        version: 'v2',
        effectiveFrom: '2021-01-01',
        entries: [entry('E1'), entry('E3', { effectiveTo: '2020-12-31' })],
      }),
    ];
    expect(check(local, { central })).toEqual([
      'R25 items[0].scope_entry_codes[2] ENTRY_DROPPED_LATER',
      'R25 items[0].scope_entry_codes[3] ENTRY_DROPPED_LATER',
    ]);
    expect(checkRelease(local, { ...CONTEXT, central }).hasErrors).toBe(false);
  });

  it('R9 keeps cancelled items: they may neither end nor be left out of the next release', () => {
    const cancelled = { reformMode: ReformMode.CANCELLED };
    const previous = release({ items: [item('I1', ['E1']), item('I2', ['E1'], cancelled)] });
    const next = release({ version: 'v2', effectiveFrom: '2020-01-01' });
    expect(check(next, { previous })).toEqual(['R9 version CANCELLED_ITEM_DROPPED']);
    const ending = item('I2', ['E1'], { ...cancelled, effectiveTo: '2020-12-31' });
    expect(check(release({ items: [ending] }))).toEqual([
      'R9 items[0].effective_to CANCELLED_ITEM_ENDS',
    ]);
  });
});

describe('items', () => {
  it('R3 demands a reform mode', () => {
    const unstated = item('I1', ['E1'], { reformMode: ReformMode.UNSPECIFIED });
    expect(check(release({ items: [unstated] }))).toEqual(['R3 items[0].reform_mode NOT_STATED']);
  });

  it('VR15 demands an authority that is well formed', () => {
    const nobody = item('I1', ['E1'], { licensingAuthorities: [] });
    const odd = item('I2', ['E1'], {
      licensingAuthorities: [authority('33', 'D1'), authority('330000', ''), authority('33', 'D1')],
    });
    expect(check(release({ items: [nobody, odd] }))).toEqual([
      'VR15 items[0].permit_item_code ITEM_WITHOUT_AUTHORITY',
      'VR15 items[1].licensing_authorities[0].region_code REGION_FORMAT',
      'R4 items[1].licensing_authorities[1].org_code REQUIRED',
      'VR15 items[1].licensing_authorities[2].region_code REGION_FORMAT',
      'VR15 items[1].licensing_authorities[2].org_code DUPLICATE_AUTHORITY',
    ]);
  });

  it('VR8 demands real dates in order', () => {
    const odd = item('I1', ['E1'], { effectiveFrom: '2019-02-30' });
    const reversed = item('I2', ['E1'], { effectiveTo: '2019-11-30' });
    expect(check(release({ items: [odd, reversed] }))).toEqual([
      'VR8 items[0].effective_from DATE_FORMAT',
      'VR8 items[1].effective_to PERIOD_REVERSED',
    ]);
  });
});

describe('entries', () => {
  it('R4 demands unique codes of at most ten characters', () => {
    const entries = [
      entry('E1'),
      entry('E1', { name: '另一' }),
      entry('E1234567890'),
      entry('E 1', { name: '第四' }),
    ];
    expect(check(release({ entries }))).toEqual([
      'R4 entries[1].scope_entry_code DUPLICATE_CODE',
      'VR10 entries[2].scope_entry_code TOO_LONG',
      'VR10 entries[3].scope_entry_code CODE_FORMAT',
    ]);
  });

  it('R4 refuses a parent that does not exist and parents in a circle', () => {
    const entries = [
      entry('E1', { parentCode: 'E9' }),
      entry('E2', { parentCode: 'E3' }),
      entry('E3', { parentCode: 'E2' }),
    ];
    expect(check(release({ entries }))).toEqual([
      'R4 entries[0].parent_code PARENT_UNKNOWN',
      'R4 entries[1].parent_code PARENT_CYCLE',
      'R4 entries[2].parent_code PARENT_CYCLE',
    ]);
  });

  it('R8 refuses a name that would break the scope text and warns about equal names', () => {
    const entries = [
      entry('E1', { name: '餐饮服务；酒店' }),
      entry('E2', { name: '食品（含保健品；预包装）' }),
      entry('E3', { name: '食品(含保健品；预包装)' }),
    ];
    const checked = release({ entries });
    expect(check(checked)).toEqual([
      'R8 entries[0].name NAME_BREAKS_TEXT',
      'R8 entries[2].name DUPLICATE_NAME',
    ]);
    expect(checkRelease(checked, CONTEXT).findings[1]?.severity).toBe(Severity.WARNING);
  });

  it('VR27 refuses damaged characters', () => {
    expect(check(release({ entries: [entry('E1', { name: '餐饮\uFFFD服务' })] }))).toEqual([
      'VR27 entries[0].name REPLACEMENT_CHARACTER',
    ]);
  });
});

describe('layers', () => {
  const central = release({ entries: [entry('E1'), entry('E2')], items: [item('I1', ['E1'])] });
  const local = (init: Parameters<typeof release>[0] = {}): CatalogRelease =>
    release({
      version: 'v1-33',
      layer: '330000',
      entries: [entry('L1')],
      items: [localItem('X1', ['L1', 'E2'])],
      ...init,
    });

  it('R25 a province may map its items to central entries', () => {
    expect(check(local(), { central: [central] })).toEqual([]);
    expect(check(local())).toEqual(['R6 items[0].scope_entry_codes[1] ENTRY_UNKNOWN']);
  });

  it('R25 a province may not redefine a central entry or item, nor one of a later release', () => {
    const later = release({ version: 'v2', effectiveFrom: '2020-06-01', entries: [entry('L1')] });
    const redefining = local({
      entries: [entry('E2', { name: '本省表述' }), entry('L1')],
      items: [localItem('I1', ['L1'])],
    });
    expect(check(redefining, { central: [central, later] })).toEqual([
      'R25 entries[0].scope_entry_code REDEFINES_CENTRAL',
      'R25 entries[1].scope_entry_code REDEFINES_CENTRAL',
      'R25 items[0].permit_item_code REDEFINES_CENTRAL',
    ]);
  });

  it('R25 central items stand in the central layer only, local ones in their province only', () => {
    expect(check(local({ items: [item('X1', ['L1'])] }), { central: [central] })).toEqual([
      'R25 items[0].set_level WRONG_LAYER',
      'R25 items[0].owner_node WRONG_OWNER',
      'R25 items[0].licensing_authorities[0].region_code REGION_OUTSIDE_PROVINCE',
    ]);
    const stray = item('I1', ['E1'], { setLevel: SetLevel.LOCAL });
    expect(check(release({ items: [stray] }))).toEqual(['R25 items[0].set_level WRONG_LAYER']);
    const abroad = localItem('X1', ['L1'], { licensingAuthorities: [authority('440000', 'D44')] });
    expect(check(local({ items: [abroad] }), { central: [central] })).toEqual([
      'R25 items[0].licensing_authorities[0].region_code REGION_OUTSIDE_PROVINCE',
    ]);
  });

  it('R25 knows the layers there are', () => {
    expect(check(release({ layer: '330100', items: [] }))).toContain('R25 layer LAYER_UNKNOWN');
    expect(check(release({ layer: '', items: [] }))).toContain('R25 layer LAYER_UNKNOWN');
  });
});

describe('the release itself', () => {
  it('R4 demands version, date, title and provenance, and content', () => {
    expect(
      check(
        release({
          version: '2019-12-01-first-version',
          effectiveFrom: '',
          titleZh: ' ',
          provenance: '',
          entries: [],
          items: [],
        }),
      ),
    ).toEqual([
      'VR10 version TOO_LONG',
      'R4 effective_from REQUIRED',
      'R4 title_zh REQUIRED',
      'R4 provenance REQUIRED',
      'R4 version RELEASE_EMPTY',
      'R23 effective_from BACKDATED',
    ]);
  });

  it('R23 warns of a date in the past and of a date that another release has', () => {
    const findings = checkRelease(release({ version: 'v2' }), {
      ...CONTEXT,
      today: '2019-12-02',
      previous: release(),
    });
    expect(findings.findings.map((finding) => finding.code)).toEqual([
      'BACKDATED',
      'SAME_EFFECTIVE_DATE',
    ]);
    expect(findings.hasErrors).toBe(false);
  });

  it('keeps 1000 findings and counts all of 3000', () => {
    const items = Array.from({ length: 3000 }, (_, index) => item(`I${index}`, []));
    const { findings, count, hasErrors } = checkRelease(release({ items }), CONTEXT);
    expect([findings.length, count, hasErrors]).toEqual([1000, 3000, true]);
  });

  it('names the errors of a release before its warnings, when there are too many', () => {
    const reasons = [PublicInterest.PUBLIC_SAFETY];
    const cancelled = { reformMode: ReformMode.CANCELLED, publicInterestReasons: reasons };
    const items = [
      ...Array.from({ length: 1200 }, (_, index) => item(`I${index}`, ['E1'], cancelled)),
      item('I9998', []),
    ];
    const list = new FindingList();
    list.addUnlocated(checkRelease(release({ items }), CONTEXT));
    list.add('version', { rule: 'R4', code: 'RELEASE_EXISTS', zh: '已发布。', en: 'Published.' });
    const errors = list.findings.filter((one) => one.severity === Severity.ERROR);
    expect(errors.map(({ code }) => code)).toEqual(['ITEM_WITHOUT_ENTRY', 'RELEASE_EXISTS']);
    expect([list.findings.length, list.count, list.hasErrors]).toEqual([1000, 1202, true]);
  });

  it('says everything in Chinese and in English, and shows no long value', () => {
    const long = 'X'.repeat(500);
    const odd = release({
      layer: long,
      entries: [entry(long, { parentCode: long, industryCodes: [long], name: `${long}；` })],
      items: [item(long, [long, long], { ownerNode: long })],
    });
    for (const finding of checkRelease(odd, CONTEXT).findings) {
      expect(finding.messageZh).toMatch(/\p{Script=Han}/u);
      expect(finding.messageEn).toMatch(/^[\x20-\x7E…]+$/);
      expect(finding.messageEn.length).toBeLessThan(200);
    }
  });
});
