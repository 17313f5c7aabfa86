import { SetLevel, type PermitItem } from '#gen/zhengzhao/v1/catalog_pb.js';
import type { PermitItemRef, RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { CatalogView } from '../catalog/view.js';
import type { Bilingual } from '../errors.js';
import { grouped } from '../grouped.js';
import { normaliseName } from '../identifiers/text.js';
import { NATIONAL_NODE, type ValidationContext } from './context.js';
import { compileFields, isBlank } from './field-checks.js';
import type { FindingCode } from './finding-texts.js';
import type { MessageFindings } from './message-findings.js';
import { asIs } from './quotation.js';
import { PERMIT_ITEM_FIELDS, REGISTRATION_LIMITS } from './registration-fields.js';
import { isCancellation } from './scope.js';

const checkItemFields = compileFields(PERMIT_ITEM_FIELDS);

const ITEMS_LABEL = { zh: '许可事项(permit_items)', en: 'list of permit items' };
const ITEM_SCOPE_LABEL = {
  zh: '许可事项对应的经营范围条目(scope_entry_codes)',
  en: 'list of scope entries of the permit item',
};
/** Departments named in a finding; more would be no help. */
const DEPARTMENTS_SHOWN = 3;

/** What every permit item of one event is judged against. */
interface ItemContext {
  readonly event: RegistrationEvent;
  readonly view: CatalogView;
  readonly context: ValidationContext;
  readonly chosen: ReadonlySet<string>;
  readonly found: MessageFindings;
}

/** VR12–VR15, R21, R22, R25: the permit items of a registration. */
export function checkPermitItems(
  event: RegistrationEvent,
  view: CatalogView | undefined,
  context: ValidationContext,
  found: MessageFindings,
): void {
  checkFlag(event, context, found);
  const max = REGISTRATION_LIMITS.permit_items;
  const { length } = event.permitItems;
  if (length > max) found.add('TOO_MANY', 'permit_items', { label: ITEMS_LABEL, length, max });
  const refs = event.permitItems.slice(0, max);
  refs.forEach((ref, i) => {
    checkItemFields(ref, `permit_items[${i}].`, context, found);
  });
  if (!view) return;
  const chosen = new Set(event.scopeEntryCodes.slice(0, REGISTRATION_LIMITS.scope_entry_codes));
  const items: ItemContext = { event, view, context, chosen, found };
  refs.forEach((ref, i) => {
    checkItem(ref, `permit_items[${i}].`, items);
  });
  checkDuplicates(refs, found);
  if (event.licenseSeparationFlag || event.ftzFlag) checkCompleteness(refs, items);
}

/** VR12 and R21. A cancellation is not held up by a mark of before. */
function checkFlag(
  event: RegistrationEvent,
  context: ValidationContext,
  found: MessageFindings,
): void {
  const extended = context.pilotEverywhere ?? false;
  if (event.licenseSeparationFlag && !event.ftzFlag && !extended && !isCancellation(event))
    found.add('FLAG_OUTSIDE_ZONE', 'license_separation_flag');
  const hasItems = event.permitItems.length > 0;
  if (event.licenseSeparationFlag && !hasItems) found.add('FLAG_WITHOUT_ITEMS', 'permit_items');
  if (!event.licenseSeparationFlag && hasItems) {
    found.add('ITEMS_WITHOUT_FLAG', 'license_separation_flag');
  }
}

function checkItem(ref: PermitItemRef, at: string, items: ItemContext): void {
  checkItemScope(ref, at, items);
  const value = ref.permitItemCode;
  if (isBlank(value)) return;
  const item = items.view.item(value);
  if (!item) {
    const kept = isCancellation(items.event);
    const code: FindingCode = kept ? 'PERMIT_ITEM_NOT_IN_FORCE' : 'PERMIT_ITEM_UNKNOWN';
    items.found.add(code, `${at}permit_item_code`, { value });
    return;
  }
  checkItemName(ref, item, at, items);
  checkLayer(item, at, items);
  checkMapping(ref, item, at, items);
  checkDepartment(ref, item, at, items);
}

/** VR13: the entries listed with an item are among those of the event. */
function checkItemScope(ref: PermitItemRef, at: string, items: ItemContext): void {
  const field = `${at}scope_entry_codes`;
  const { length } = ref.scopeEntryCodes;
  const max = REGISTRATION_LIMITS.scope_entry_codes;
  if (length === 0) items.found.add('REQUIRED', field, { label: ITEM_SCOPE_LABEL }, 'VR13');
  if (length > max) items.found.add('TOO_MANY', field, { label: ITEM_SCOPE_LABEL, length, max });
  ref.scopeEntryCodes.slice(0, max).forEach((value, i) => {
    if (!items.chosen.has(value))
      items.found.add('ITEM_SCOPE_NOT_OF_EVENT', `${field}[${i}]`, { value });
  });
}

function checkItemName(ref: PermitItemRef, item: PermitItem, at: string, items: ItemContext): void {
  if (isBlank(ref.permitItemName) || sameName(ref.permitItemName, item.name)) return;
  const values = { value: ref.permitItemCode, expected: asIs(item.name) };
  const code = judged(items, 'PERMIT_ITEM_NAME_MISMATCH', 'PERMIT_ITEM_NAME_AT_CANCELLATION');
  items.found.add(code, `${at}permit_item_name`, values);
}

/** R25: central rows everywhere, local rows in their own province only. */
function checkLayer(item: PermitItem, at: string, { context, found }: ItemContext): void {
  if (item.ownerNode === NATIONAL_NODE || item.ownerNode === context.node) return;
  const values = { value: item.permitItemCode, owner: item.ownerNode };
  found.add('PERMIT_ITEM_OTHER_LAYER', `${at}permit_item_code`, values);
}

/** VR13: at least one entry maps to the item; the others do no harm. */
function checkMapping(ref: PermitItemRef, item: PermitItem, at: string, items: ItemContext): void {
  const { found } = items;
  const codes = ref.scopeEntryCodes.slice(0, REGISTRATION_LIMITS.scope_entry_codes);
  if (codes.length === 0) return;
  const maps = (code: string): boolean => item.scopeEntryCodes.includes(code);
  if (!codes.some(maps)) {
    const values = { value: ref.permitItemCode };
    const code = judged(items, 'ITEM_NOT_MAPPED', 'ITEM_NOT_MAPPED_AT_CANCELLATION');
    found.add(code, `${at}scope_entry_codes`, values);
    return;
  }
  codes.forEach((value, i) => {
    if (!maps(value))
      found.add('SCOPE_ENTRY_NOT_OF_ITEM', `${at}scope_entry_codes[${i}]`, { value });
  });
}

/** VR15: code and name of the receiving department, for the district of the domicile. */
function checkDepartment(
  ref: PermitItemRef,
  item: PermitItem,
  at: string,
  items: ItemContext,
): void {
  const { event, view, found } = items;
  const value = ref.receivingDeptCode;
  if (isBlank(value)) return;
  const field = `${at}receiving_dept_code`;
  const authorities = view.authoritiesOf(item, event.domDistrict);
  const itemCode = asIs(item.permitItemCode);
  if (authorities.length === 0) {
    found.add('RECEIVING_DEPT_UNVERIFIED', field, { item: itemCode });
    return;
  }
  const named = authorities.filter((authority) => authority.orgCode === value);
  if (named.length === 0) {
    const expected = shown(authorities.map((authority) => authority.orgCode));
    const code = judged(items, 'RECEIVING_DEPT_UNKNOWN', 'RECEIVING_DEPT_AT_CANCELLATION');
    found.add(code, field, { value, item: itemCode, expected });
  } else if (!isBlank(ref.receivingDeptName)) {
    if (named.some((authority) => sameName(authority.orgName, ref.receivingDeptName))) return;
    const values = { value, expected: asIs(named[0]?.orgName ?? '') };
    const code = judged(
      items,
      'RECEIVING_DEPT_NAME_MISMATCH',
      'RECEIVING_DEPT_NAME_AT_CANCELLATION',
    );
    found.add(code, `${at}receiving_dept_name`, values);
  }
}

/** The catalogue may have changed since the items were chosen: that does not hold up a cancellation. */
function judged(
  { event }: ItemContext,
  code: FindingCode,
  atCancellation: FindingCode,
): FindingCode {
  return isCancellation(event) ? atCancellation : code;
}

/** The first few of a list of departments. */
function shown(departments: readonly string[]): Bilingual {
  const listed = departments.slice(0, DEPARTMENTS_SHOWN);
  return { zh: listed.join('、'), en: listed.join(', ') };
}

function checkDuplicates(refs: readonly PermitItemRef[], found: MessageFindings): void {
  if (refs.length < 2) return;
  const seen = new Map<string, number>();
  refs.forEach((ref, i) => {
    const key = `${ref.permitItemCode}\n${ref.receivingDeptCode}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, i);
    else found.add('PERMIT_ITEM_DUPLICATE', `permit_items[${i}]`, { first: first + 1 });
  });
}

/** VR14: every item that a chosen entry implies is listed, so that its departments are told. */
function checkCompleteness(refs: readonly PermitItemRef[], items: ItemContext): void {
  const departments = grouped(refs.map((ref) => [ref.permitItemCode, ref.receivingDeptCode]));
  const settled = new Set(departments.keys());
  // Departments told before hear of a cancellation whoever is named in it (R30).
  if (!isCancellation(items.event))
    for (const [code, named] of departments) checkDepartmentsOf(code, named, items);
  for (const entry of items.chosen) {
    for (const item of items.view.itemsOf(entry)) {
      if (settled.has(item.permitItemCode)) continue;
      settled.add(item.permitItemCode);
      reportMissing(item, entry, items);
    }
  }
}

/** One finding for an item, however many of its departments are missing. */
function checkDepartmentsOf(
  value: string,
  named: readonly string[],
  { event, view, found }: ItemContext,
): void {
  const item = view.item(value);
  const receivers = item ? view.authoritiesOf(item, event.domDistrict) : [];
  if (receivers.length < 2) return;
  // Where a department is wrong, that is said: which one is meant is not known.
  if (!named.every((code) => receivers.some(({ orgCode }) => orgCode === code))) return;
  const missing = receivers.filter(({ orgCode }) => !named.includes(orgCode));
  if (missing.length === 0) return;
  const expected = shown(missing.map(({ orgCode, orgName }) => `${orgName} ${orgCode}`));
  found.add('RECEIVING_DEPT_MISSING', 'permit_items', { value, expected });
}

function reportMissing(item: PermitItem, entry: string, { event, found }: ItemContext): void {
  const implied: FindingCode =
    item.setLevel === SetLevel.CENTRAL ? 'PERMIT_ITEM_MISSING' : 'PERMIT_ITEM_MISSING_LOCAL';
  const code = isCancellation(event) ? 'PERMIT_ITEM_MISSING_AT_CANCELLATION' : implied;
  const values = { entry, value: item.permitItemCode, name: asIs(item.name) };
  found.add(code, 'permit_items', values);
}

/** Names are equal when they differ in brackets, width, spaces or case only. */
export function sameName(a: string, b: string): boolean {
  return a === b || normaliseName(a) === normaliseName(b);
}
