import { create } from '@bufbuild/protobuf';
import {
  CancelKind,
  CancellationSchema,
  EventType,
  RegistrationChangeSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { Cast } from './cast.js';
import { registrationEnvelope } from './enterprises.js';
import type { Network } from './nodes.js';
import type { ImpliedItem, PlannedRegistration, Subject } from './plan.js';
import { today } from './record-forms.js';
import { knownCodesOf, readEntries, resolve } from './scopes.js';
import { zoneOf, type Zone } from './zones.js';

/** Name under which an enterprise is known before it takes the name of the sample. */
const FORMER_SUFFIX = '（演示曾用名）';

function planned(
  { province, items }: Subject,
  event: RegistrationEvent,
  stated: readonly ImpliedItem[] = items,
): PlannedRegistration {
  return { at: province, event, items: stated };
}

/** Establishments of everybody but the one whose registration comes late. */
export async function establishments(
  network: Network,
  subjects: readonly Subject[],
  cast: Cast,
): Promise<PlannedRegistration[]> {
  const plans: PlannedRegistration[] = [];
  for (const subject of subjects) {
    if (subject === cast.late) continue;
    const zone = zoneOf(subject);
    if (subject.event.opScope === '') plans.push(withoutScope(subject));
    else if (subject === cast.renamed) plans.push(planned(subject, underFormerName(subject)));
    else if (zone) plans.push(...(await inZone(network, subject, zone)));
    else plans.push(planned(subject, subject.event));
  }
  return plans;
}

/** Rows of the sample that have no scope are sent as they are, and refused. */
function withoutScope(subject: Subject): PlannedRegistration {
  return {
    ...planned(subject, subject.event),
    refusal: {
      reason: 'VALIDATION_FAILED',
      rules: ['R51'],
      zh: '样例中没有经营范围',
      en: 'the sample has no business scope',
    },
  };
}

function underFormerName(subject: Subject): RegistrationEvent {
  return {
    ...subject.event,
    entName: `${subject.name}${FORMER_SUFFIX}`,
  };
}

/** The former name of the renamed enterprise. */
export function formerNameOf(subject: Subject): string {
  return `${subject.name}${FORMER_SUFFIX}`;
}

/**
 * In a zone the scope must be ticked, not written (R24): the text of the sample is refused, then
 * the registrar ticks those of its expressions that the catalogue has.
 */
async function inZone(
  network: Network,
  subject: Subject,
  { ftz, ftzArea }: Zone,
): Promise<PlannedRegistration[]> {
  const node = network.of(subject.province);
  const { event } = subject;
  const codes = knownCodesOf(event.opScope, await readEntries(node));
  const zone = {
    ftzFlag: true,
    ftzJudgedBy: '登记窗口（演示）',
    ftzName: ftz,
    ftzAreaName: ftzArea,
  };
  const written = { ...event, ...zone, scopeEntryCodes: [] };
  const scope = await resolve(node, event.domDistrict, codes, event.apprDate, { ftz, ftzArea });
  const ticked = {
    ...event,
    ...zone,
    ...scope.fields,
    envelope: registrationEnvelope(subject.province, event.envelope?.businessKey ?? ''),
  };
  const refusal = {
    reason: 'VALIDATION_FAILED',
    rules: ['R24'],
    zh: '自贸区企业的经营范围未勾选条目',
    en: 'in a free-trade zone the scope is written, not ticked',
  } as const;
  return [{ ...planned(subject, written, []), refusal }, planned(subject, ticked, scope.items)];
}

/** What happens to enterprises after they were established: changes, revocations, cancellations. */
export async function laterEvents(
  network: Network,
  subjects: readonly Subject[],
  cast: Cast,
): Promise<PlannedRegistration[]> {
  const there = subjects.filter(({ event }) => event.opScope !== '');
  return [
    planned(cast.renamed, renaming(cast.renamed)),
    await givingUp(network, cast.givesItemUp),
    ...there.filter(({ status }) => status === '吊销').map((one) => planned(one, revocation(one))),
    ...there
      .filter(({ status }) => status === '注销')
      .map((one) => planned(one, cancellation(one))),
  ];
}

function changed(
  subject: Subject,
  change: { altItem: string; altBe: string; altAf: string },
  fields: Partial<RegistrationEvent> = {},
): RegistrationEvent {
  return {
    ...subject.event,
    ...fields,
    envelope: registrationEnvelope(subject.province, `BG-${subject.uscc}`),
    eventType: EventType.CHANGE,
    apprDate: today(),
    changes: [create(RegistrationChangeSchema, { ...change, altDate: today() })],
  };
}

function renaming(subject: Subject): RegistrationEvent {
  return changed(subject, {
    altItem: '01',
    altBe: formerNameOf(subject),
    altAf: subject.name,
  });
}

/** Leaves out the entries of its first item; the department that knew it must hear of it (D9). */
async function givingUp(network: Network, subject: Subject): Promise<PlannedRegistration> {
  const { event, province } = subject;
  const gone = new Set(event.permitItems[0]?.scopeEntryCodes);
  const codes = event.scopeEntryCodes.filter((code) => !gone.has(code));
  const scope = await resolve(network.of(province), event.domDistrict, codes, today());
  const altAf = scope.fields.opScope ?? '';
  const next = { ...event, ...scope.fields };
  const change = { altItem: '07', altBe: event.opScope, altAf };
  return planned(subject, changed({ ...subject, event: next }, change), scope.items);
}

/** The licence of business is revoked; the enterprise stays until it is cancelled (R30). */
export function revocation(subject: Subject): RegistrationEvent {
  const change = { altItem: '69', altBe: '存续', altAf: '吊销，未注销' };
  return changed(subject, change, { regState: '2' });
}

function cancellation(subject: Subject): RegistrationEvent {
  return {
    ...subject.event,
    envelope: registrationEnvelope(subject.province, `ZX-${subject.uscc}`),
    eventType: EventType.CANCEL,
    apprDate: today(),
    regState: '4',
    cancel: create(CancellationSchema, {
      cancelDate: today(),
      cancelKind: CancelKind.ORDINARY,
      cancelReason: '决议解散（演示）',
    }),
  };
}

/** The registration that records have been waiting for. */
export function lateRegistration({ late }: Cast): PlannedRegistration {
  return planned(late, late.event);
}
