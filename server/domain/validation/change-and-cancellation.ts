import {
  EventType,
  type RegistrationChange,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { normaliseName } from '../identifiers/text.js';
import { capitalMatches } from './capital-text.js';
import type { Check, ValidationContext } from './context.js';
import { compileFields, inSequence, isBefore, isBlank } from './field-checks.js';
import { TWO_DIGITS } from './field-specs.js';
import type { MessageFindings } from './message-findings.js';
import { termMatches } from './term-text.js';
import { asIs } from './quotation.js';
import { CANCELLATION_FIELDS, CHANGE_FIELDS, REGISTRATION_LIMITS } from './registration-fields.js';

type RuleArguments = Parameters<Check<RegistrationEvent>>;

const checkChangeFields = compileFields(CHANGE_FIELDS);
const checkCancellationFields = compileFields(CANCELLATION_FIELDS);

const ALT_ITEM_LABEL = { zh: '变更事项代码(alt_item)', en: 'change item' };
const CHANGES_LABEL = { zh: '变更事项(changes)', en: 'list of changes' };
const ONE_DIGIT = /^\d$/;

/** Which field of the event a change item is about, and whether it holds a content of the change. */
interface ChangedField {
  readonly field: string;
  readonly holds: (event: RegistrationEvent, content: string) => boolean;
}

/**
 * VR19: change items whose content after the change is a field of the event, and before it a field of the
 * one before. 06 实收资本 is none: no registration states it.
 */
const CHANGED_FIELDS: ReadonlyMap<string, ChangedField> = new Map([
  ['01', { field: 'ent_name', holds: (event, after) => sameText(event.entName, after) }],
  ['02', { field: 'dom', holds: (event, after) => sameText(event.dom, after) }],
  ['03', { field: 'lerep', holds: (event, after) => sameText(event.lerep, after) }],
  ['04', { field: 'ent_type', holds: (event, after) => sameType(event.entType, after) }],
  ['05', { field: 'reg_cap_fen', holds: (event, after) => capitalMatches(after, event.regCapFen) }],
  ['07', { field: 'op_scope', holds: (event, after) => sameText(event.opScope, after) }],
  ['08', { field: 'op_to', holds: (event, after) => termMatches(after, event) }],
]);

/** Whether an event can have had the content that a change states as before; of other items it is not known. */
export function heldBefore(
  previous: RegistrationEvent,
  { altItem, altBe }: RegistrationChange,
): boolean {
  return CHANGED_FIELDS.get(paddedItem(altItem))?.holds(previous, altBe) ?? true;
}

/** VR18 and VR19 as far as they need no stored state. */
export const checkChangeAndCancellation: Check<RegistrationEvent> = inSequence([
  checkChanges,
  checkCancellation,
]);

/** Change item as two digits (VR10): a single digit is padded. */
export function paddedItem(altItem: string): string {
  return ONE_DIGIT.test(altItem) ? `0${altItem}` : altItem;
}

/** Whether a change event changes the item, in two digits. */
export function changesItem(event: RegistrationEvent, item: string): boolean {
  return event.changes.some((change) => paddedItem(change.altItem) === item);
}

function checkChanges(...[event, at, context, found]: RuleArguments): void {
  const { changes } = event;
  const isChange = event.eventType === EventType.CHANGE;
  if (isChange && changes.length === 0) found.add('CHANGES_REQUIRED', `${at}changes`);
  if (changes.length === 0) return;
  if (!isChange) found.add('CHANGES_NOT_EXPECTED', `${at}changes`);
  const max = REGISTRATION_LIMITS.changes;
  if (changes.length > max) {
    const values = { label: CHANGES_LABEL, length: changes.length, max };
    found.add('TOO_MANY', `${at}changes`, values);
  }
  const checked = changes.slice(0, max);
  checked.forEach((change, i) => {
    checkChange(change, `${at}changes[${i}].`, context, found);
  });
  checkDuplicates(checked, at, found);
  if (isChange) checkContentAfter(event, checked, at, found);
}

function checkChange(...[change, at, context, found]: Parameters<Check<RegistrationChange>>): void {
  checkAltItem(change.altItem, `${at}alt_item`, context, found);
  checkChangeFields(change, at, context, found);
  if (!isBlank(change.altAf) && change.altBe.trim() === change.altAf.trim()) {
    found.add('CHANGE_WITHOUT_DIFFERENCE', `${at}alt_af`);
  }
}

/** VR10: a single digit is accepted and padded. Of the list only 69 and 99 are confirmed, so it refuses nothing. */
function checkAltItem(
  value: string,
  field: string,
  context: ValidationContext,
  found: MessageFindings,
): void {
  const padded = paddedItem(value);
  const label = ALT_ITEM_LABEL;
  if (isBlank(value)) found.add('REQUIRED', field, { label }, 'VR10');
  else if (!TWO_DIGITS.pattern.test(padded)) {
    found.add('CODE_FORMAT', field, { label, value, shape: TWO_DIGITS });
  } else if (!context.facts.codes('change_item').has(padded)) {
    found.add('CODE_NOT_LISTED', field, { label, value });
  } else if (padded !== value) found.add('ALT_ITEM_NOT_PADDED', field, { value, padded });
}

/** VR19: the same item, contents and date count once. */
function checkDuplicates(
  changes: readonly RegistrationChange[],
  at: string,
  found: MessageFindings,
): void {
  const seen = new Map<string, number>();
  changes.forEach((change, i) => {
    const key = changeKey(change);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, i);
    else found.add('CHANGE_DUPLICATE', `${at}changes[${i}]`, { first: first + 1 });
  });
}

/** What makes two changes the same one (VR19). */
function changeKey({ altItem, altBe, altAf, altDate }: RegistrationChange): string {
  return JSON.stringify([paddedItem(altItem), altBe, altAf, altDate]);
}

/** The changes of an event, each once, in the order in which they were sent (VR19). */
export function distinctChanges(
  changes: readonly RegistrationChange[],
): readonly RegistrationChange[] {
  const seen = new Set<string>();
  return changes.filter((change) => {
    const key = changeKey(change);
    return !seen.has(key) && seen.add(key);
  });
}

/** VR19: of several changes of one item the latest must be what the event now states. */
function checkContentAfter(
  event: RegistrationEvent,
  changes: readonly RegistrationChange[],
  at: string,
  found: MessageFindings,
): void {
  for (const [item, { field, holds }] of CHANGED_FIELDS) {
    const latest = latestOf(changes, item);
    if (latest === undefined) continue;
    const after = changes[latest]?.altAf ?? '';
    if (isBlank(after) || holds(event, after)) continue;
    const values = { item: asIs(item), field: asIs(field) };
    found.add('CHANGE_AFTER_MISMATCH', `${at}changes[${latest}].alt_af`, values);
  }
}

/** Index of the latest change of an item: by date, of the same date the last one. */
function latestOf(changes: readonly RegistrationChange[], item: string): number | undefined {
  let latest: number | undefined;
  changes.forEach((change, i) => {
    if (paddedItem(change.altItem) !== item) return;
    const held = latest === undefined ? '' : (changes[latest]?.altDate ?? '');
    if (latest === undefined || change.altDate >= held) latest = i;
  });
  return latest;
}

function sameText(a: string, b: string): boolean {
  return a === b || normaliseName(a) === normaliseName(b);
}

/** VR19: a type may be written as its code or in words; words differ between systems and are let pass. */
function sameType(entType: string, after: string): boolean {
  const written = after.trim();
  return !/^\d{4}$/.test(written) || written === entType;
}

/** VR18: the block stands exactly in a cancellation. VR8: not before the establishment. */
function checkCancellation(...[event, at, context, found]: RuleArguments): void {
  const isCancel = event.eventType === EventType.CANCEL;
  const { cancel } = event;
  if (!cancel) {
    if (isCancel) found.add('CANCEL_REQUIRED', `${at}cancel`);
    return;
  }
  if (!isCancel) {
    found.add('CANCEL_NOT_EXPECTED', `${at}cancel`);
    return;
  }
  checkCancellationFields(cancel, `${at}cancel.`, context, found);
  if (isBefore(cancel.cancelDate, event.estDate)) {
    const values = { earlier: event.estDate, later: cancel.cancelDate };
    found.add('CANCELLED_BEFORE_ESTABLISHED', `${at}cancel.cancel_date`, values);
  }
}
