import { EventType, type RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { ScopeEntry } from '#gen/zhengzhao/v1/catalog_pb.js';
import { scopeTextMatches } from '../catalog/scope-text.js';
import type { CatalogView } from '../catalog/view.js';
import { isCivilDate } from '../identifiers/civil-date.js';
import type { ValidationContext } from './context.js';
import { isBlank } from './field-checks.js';
import { SCOPE_CODE } from './field-specs.js';
import type { MessageFindings } from './message-findings.js';
import { REGISTRATION_LIMITS } from './registration-fields.js';

const ENTRIES_LABEL = { zh: '经营范围条目代码(scope_entry_codes)', en: 'list of scope entries' };
const ENTRY_LABEL = { zh: '经营范围条目代码(scope_entry_codes)', en: 'scope entry' };
const VERSION_LABEL = { zh: '目录版本(catalog_version)', en: 'catalogue version' };

/** The catalogue by which a day's business is judged: in force that day, else today (R23). */
export function catalogueFor(date: string, context: ValidationContext): CatalogView | undefined {
  return context.catalog.on(isCivilDate(date) ? date : context.today);
}

/** Whether the event ends the enterprise: its choices are history and no longer refused. */
export function isCancellation(event: RegistrationEvent): boolean {
  return event.eventType === EventType.CANCEL;
}

/**
 * R1, R8, R23, R24, VR10 and VR30: the business scope against the catalogue. Nobody could choose from it
 * before there was one: registrations of before the pilot state their scope as text (R3).
 */
export function checkScope(
  event: RegistrationEvent,
  view: CatalogView | undefined,
  context: ValidationContext,
  found: MessageFindings,
): void {
  const codes = event.scopeEntryCodes;
  if (codes.length === 0) {
    const refused = event.ftzFlag && view !== undefined && !isCancellation(event);
    found.add(refused ? 'SCOPE_NOT_CODED' : 'UNCODED_SCOPE', 'scope_entry_codes');
    return;
  }
  const max = REGISTRATION_LIMITS.scope_entry_codes;
  if (codes.length > max) {
    const values = { label: ENTRIES_LABEL, length: codes.length, max };
    found.add('TOO_MANY', 'scope_entry_codes', values);
  }
  checkVersion(event, view, context, found);
  if (!view) found.add('NO_CATALOGUE_IN_FORCE', 'appr_date');
  else checkEntries(event, codes.slice(0, max), view, found);
}

/** R23: any central release held is accepted, another than that of the day with a warning. */
function checkVersion(
  event: RegistrationEvent,
  view: CatalogView | undefined,
  context: ValidationContext,
  found: MessageFindings,
): void {
  const value = event.catalogVersion;
  if (isBlank(value)) {
    found.add('REQUIRED', 'catalog_version', { label: VERSION_LABEL }, 'R23');
  } else if (!context.catalog.has(value)) {
    found.add('CATALOGUE_VERSION_UNKNOWN', 'catalog_version', { value });
  } else if (view && view.version !== value) {
    const values = { value, expected: view.version };
    found.add('CATALOGUE_VERSION_OTHER', 'catalog_version', values);
  }
}

function checkEntries(
  event: RegistrationEvent,
  codes: readonly string[],
  view: CatalogView,
  found: MessageFindings,
): void {
  const chosen = new Map<string, ScopeEntry | undefined>();
  codes.forEach((value, i) => {
    const field = `scope_entry_codes[${i}]`;
    if (chosen.has(value)) found.add('SCOPE_ENTRY_DUPLICATE', field, { value });
    else if (!view.entry(value)) reportUnknown(event, value, field, found);
    chosen.set(value, view.entry(value));
  });
  checkScopeText(event, [...chosen.values()], found);
}

/** A cancellation may name what was in force once, but nothing that can never have been a code (VR10). */
function reportUnknown(
  event: RegistrationEvent,
  value: string,
  field: string,
  found: MessageFindings,
): void {
  if (!isCancellation(event)) found.add('SCOPE_ENTRY_UNKNOWN', field, { value });
  else if (SCOPE_CODE.pattern.test(value)) found.add('SCOPE_ENTRY_NOT_IN_FORCE', field, { value });
  else found.add('CODE_FORMAT', field, { label: ENTRY_LABEL, value, shape: SCOPE_CODE });
}

/** VR30, as sets (R8). Left out when an entry is unknown or the text too long: that is said anyway. */
function checkScopeText(
  event: RegistrationEvent,
  entries: readonly (ScopeEntry | undefined)[],
  found: MessageFindings,
): void {
  if (isBlank(event.opScope) || event.opScope.length > 6000) return;
  const known = entries.filter((entry) => entry !== undefined);
  if (known.length < entries.length) return;
  if (!scopeTextMatches(event.opScope, known)) found.add('SCOPE_TEXT_MISMATCH', 'op_scope');
}
