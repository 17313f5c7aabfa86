import type { LicensingAuthority, PermitItem, ScopeEntry } from '#gen/zhengzhao/v1/catalog_pb.js';
import { Severity, type Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { grouped } from '../grouped.js';
import type { FreeTradeZoneFact } from '../validation/facts.js';
import { checkZone, type ZoneClaim } from './free-trade-zone-check.js';
import { nextStepOf, type NextStep } from './next-steps.js';
import { FindingList } from './release-findings.js';
import { renderScopeText } from './scope-text.js';
import type { CatalogView } from './view.js';

/** What a registrar ticked, and where (R8, R22). */
export interface ScopeQuestion extends ZoneClaim {
  /** 住所行政区划: six digits. */
  readonly regionCode: string;
  readonly scopeEntryCodes: readonly string[];
}

/** The facts the answer rests on. */
export interface ScopeFacts {
  readonly view: CatalogView;
  /** The pilot zone of a name or code (VR11). */
  readonly zoneOf: (nameOrCode: string) => FreeTradeZoneFact | undefined;
  /** Whether a code is in any release held, to tell an expired code from a wrong one. */
  readonly isKnownCode: (code: string) => boolean;
  /** The province extends the pilot beyond its zones (R21). */
  readonly pilotEverywhere: boolean;
}

/** An item that the chosen entries imply (R6). */
export interface ImpliedItem {
  readonly item: PermitItem;
  /** Chosen entries that imply it. */
  readonly entryCodes: readonly string[];
  /** Who is told, for the region (R22, VR15). */
  readonly receivers: readonly LicensingAuthority[];
  readonly nextStep: NextStep;
}

/** The answer to a `ScopeQuestion`. */
export interface ScopeAnswer {
  /** Canonical 经营范围 of the valid entries (R8). */
  readonly opScope: string;
  /** Valid entries, in the order asked. */
  readonly entries: readonly ScopeEntry[];
  /** Implied items, in the order in which the entries imply them. */
  readonly items: readonly ImpliedItem[];
  /** Whether the enterprise must carry the 证照分离 flag (R21). */
  readonly licenseSeparationFlag: boolean;
  /** Wrong codes, zones that do not fit, items without a receiver. */
  readonly findings: readonly Finding[];
}

/** Resolves ticked entries into scope text, items, receivers and flag (R8, R21, R22, R24). */
export function resolveScope(question: ScopeQuestion, facts: ScopeFacts): ScopeAnswer {
  const list = new FindingList();
  checkRegion(list, question);
  const inZone = checkZone(list, question, facts.zoneOf(question.ftz));
  const entries = chosenEntries(list, question.scopeEntryCodes, facts);
  const items = impliedItems(list, entries, question.regionCode, facts.view);
  return {
    opScope: renderScopeText(entries),
    entries,
    items,
    licenseSeparationFlag: items.length > 0 && (inZone || facts.pilotEverywhere),
    findings: list.findings,
  };
}

function checkRegion(list: FindingList, question: ScopeQuestion): void {
  if (question.province !== undefined) return;
  list.add('region_code', {
    rule: 'VR5',
    code: 'REGION_UNKNOWN',
    zh: '住所行政区划“{}”应为 6 位数字，且属于某个省份。',
    en: 'The region "{}" must have six digits and lie in a province.',
    value: question.regionCode,
  });
}

function chosenEntries(
  list: FindingList,
  codes: readonly string[],
  facts: ScopeFacts,
): readonly ScopeEntry[] {
  const entries = new Map<string, ScopeEntry>();
  if (codes.length === 0) addNothingChosen(list);
  codes.forEach((code, index) => {
    const field = `scope_entry_codes[${index}]`;
    const entry = facts.view.entry(code);
    if (!entry) addUnusable(list, field, code, facts.isKnownCode(code));
    else if (entries.has(code)) addRepeated(list, field, code);
    else entries.set(code, entry);
  });
  return [...entries.values()];
}

function addNothingChosen(list: FindingList): void {
  list.add('scope_entry_codes', {
    rule: 'R24',
    code: 'SCOPE_ENTRIES_MISSING',
    zh: '请至少勾选一个经营范围条目。',
    en: 'Tick at least one scope entry.',
  });
}

function addUnusable(list: FindingList, field: string, code: string, known: boolean): void {
  list.add(field, {
    rule: 'R24',
    code: known ? 'SCOPE_ENTRY_NOT_IN_FORCE' : 'SCOPE_ENTRY_UNKNOWN',
    zh: known ? '条目“{}”在该日期无效，请改选有效条目。' : '条目代码“{}”不在目录中。',
    en: known
      ? 'The entry "{}" is not valid on this date; choose one that is.'
      : 'The entry code "{}" is not in the catalogue.',
    value: code,
  });
}

function addRepeated(list: FindingList, field: string, code: string): void {
  list.add(field, {
    rule: 'R24',
    code: 'SCOPE_ENTRY_REPEATED',
    zh: '条目“{}”重复勾选，只计一次。',
    en: 'The entry "{}" was ticked twice and counts once.',
    value: code,
    severity: Severity.WARNING,
  });
}

function impliedItems(
  list: FindingList,
  entries: readonly ScopeEntry[],
  regionCode: string,
  view: CatalogView,
): readonly ImpliedItem[] {
  const entryCodes = grouped(
    entries.flatMap(({ scopeEntryCode }) =>
      view.itemsOf(scopeEntryCode).map((item) => [item, scopeEntryCode] as const),
    ),
  );
  return [...entryCodes].map(([item, implying], index) => {
    const receivers = view.authoritiesOf(item, regionCode);
    if (receivers.length === 0) addWithoutReceiver(list, index, item);
    return { item, entryCodes: implying, receivers, nextStep: nextStepOf(item.reformMode) };
  });
}

function addWithoutReceiver(list: FindingList, index: number, item: PermitItem): void {
  list.add(`items[${index}].receiving_departments`, {
    rule: 'VR15',
    code: 'NO_RECEIVER',
    zh: '许可事项“{}”在该行政区划没有接收部门，请联系目录管理员。',
    en: 'The permit item "{}" has no receiving department for this region; tell the catalogue administrator.',
    value: `${item.permitItemCode} ${item.name}`,
  });
}
