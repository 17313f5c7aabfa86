import type { CatalogRelease, ScopeEntry } from '#gen/zhengzhao/v1/catalog_pb.js';
import { Severity } from '#gen/zhengzhao/v1/common_pb.js';
import { normaliseName } from '../identifiers/text.js';
import type { FieldCheck } from './field-check.js';
import { breaksScopeText } from './scope-text.js';
import type { Place } from './release-findings.js';

const INDUSTRY = /^(?:[A-T]|\d{2,4})$/;
const MAX_NOTE = 2000;
/** No classification is deeper; it also bounds the walk up. */
const MAX_DEPTH = 32;

/**
 * Checks the entries of a release (R4, R8, R25) and gives the codes an item may map to, with the
 * entry of each: its own, and those of the central release that it lies on.
 */
export function checkEntries(
  check: FieldCheck,
  release: CatalogRelease,
  central: readonly CatalogRelease[],
): ReadonlyMap<string, ScopeEntry> {
  const own = new Map(release.entries.map((entry) => [entry.scopeEntryCode, entry]));
  const below = new Map(central[0]?.entries.map((entry) => [entry.scopeEntryCode, entry]));
  const reachable = new Map([...own, ...below]);
  const taken = new Set(central.flatMap((r) => r.entries.map((entry) => entry.scopeEntryCode)));
  const codes = new Set<string>();
  const names = new Set<string>();
  release.entries.forEach((entry, row) => {
    const at = (column: string): Place => ({ table: 'entries', row, column });
    checkFields(check, at, entry);
    checkUnique(check, at, entry, codes, names);
    checkParent(check, at, entry, reachable);
    if (taken.has(entry.scopeEntryCode)) redefines(check, at, entry);
  });
  return reachable;
}

type At = (column: string) => Place;

function checkFields(check: FieldCheck, at: At, entry: ScopeEntry): void {
  check.code(at('scope_entry_code'), entry.scopeEntryCode, 10);
  check.text(at('name'), entry.name, 200);
  check.chosen(at('category'), entry.category);
  check.optionalText(at('description'), entry.description, MAX_NOTE);
  check.optionalText(at('include_note'), entry.includeNote, MAX_NOTE);
  check.optionalText(at('exclude_note'), entry.excludeNote, MAX_NOTE);
  check.optionalText(at('provenance'), entry.provenance, MAX_NOTE);
  for (const keyword of entry.keywords) check.optionalText(at('keywords'), keyword, 50);
  check.period(at('effective_from'), entry.effectiveFrom, at('effective_to'), entry.effectiveTo);
  checkIndustries(check, at, entry);
  if (breaksScopeText(entry.name)) {
    check.list.add(check.locate(at('name')), {
      rule: 'R8',
      code: 'NAME_BREAKS_TEXT',
      zh: '规范表述“{}”含分号、句号或“一般项目：”等字样，写入经营范围后无法区分。',
      en: 'The name "{}" holds a separator or label of the scope text and could not be told apart in it.',
      value: entry.name,
    });
  }
}

function checkIndustries(check: FieldCheck, at: At, entry: ScopeEntry): void {
  for (const code of entry.industryCodes) {
    if (INDUSTRY.test(code)) continue;
    check.list.add(check.locate(at('industry_codes')), {
      rule: 'VR10',
      code: 'INDUSTRY_CODE_FORMAT',
      zh: '行业代码“{}”应为门类字母，或 2 至 4 位数字（电子表格可能丢失了前面的 0）。',
      en: 'The industry code "{}" must be a section letter or 2 to 4 digits (a spreadsheet may have dropped a leading 0).',
      value: code,
    });
  }
}

function checkUnique(
  check: FieldCheck,
  at: At,
  entry: ScopeEntry,
  codes: Set<string>,
  names: Set<string>,
): void {
  if (codes.has(entry.scopeEntryCode)) {
    check.list.add(check.locate(at('scope_entry_code')), {
      rule: 'R4',
      code: 'DUPLICATE_CODE',
      zh: '条目代码“{}”重复。',
      en: 'The entry code "{}" occurs twice.',
      value: entry.scopeEntryCode,
    });
  }
  const name = normaliseName(entry.name);
  if (name !== '' && names.has(name)) {
    check.list.add(check.locate(at('name')), {
      rule: 'R8',
      code: 'DUPLICATE_NAME',
      zh: '规范表述“{}”重复：经营范围文字无法区分两个条目。',
      en: 'The name "{}" occurs twice: a scope text cannot tell the two entries apart.',
      value: entry.name,
      severity: Severity.WARNING,
    });
  }
  codes.add(entry.scopeEntryCode);
  names.add(name);
}

/** Each step up must exist, and the way must end. */
function checkParent(
  check: FieldCheck,
  at: At,
  entry: ScopeEntry,
  reachable: ReadonlyMap<string, ScopeEntry>,
): void {
  const passed = new Set([entry.scopeEntryCode]);
  let parent = entry.parentCode;
  if (parent !== '' && !reachable.has(parent)) {
    pointsNowhere(check, at, parent);
    return;
  }
  while (parent !== '' && !passed.has(parent) && passed.size <= MAX_DEPTH) {
    passed.add(parent);
    parent = reachable.get(parent)?.parentCode ?? '';
  }
  if (parent === '') return;
  check.list.add(check.locate(at('parent_code')), {
    rule: 'R4',
    code: 'PARENT_CYCLE',
    zh: '上级条目在“{}”处成环，或层级过深。',
    en: 'The parents form a circle at "{}", or are too deep.',
    value: parent,
  });
}

function pointsNowhere(check: FieldCheck, at: At, parent: string): void {
  check.list.add(check.locate(at('parent_code')), {
    rule: 'R4',
    code: 'PARENT_UNKNOWN',
    zh: '上级条目代码“{}”不存在。',
    en: 'The parent code "{}" does not exist.',
    value: parent,
  });
}

function redefines(check: FieldCheck, at: At, entry: ScopeEntry): void {
  check.list.add(check.locate(at('scope_entry_code')), {
    rule: 'R25',
    code: 'REDEFINES_CENTRAL',
    zh: '条目代码“{}”已在总局目录中，省级层不得改动。',
    en: 'The entry code "{}" is in the central catalogue; a provincial layer may not change it.',
    value: entry.scopeEntryCode,
  });
}
