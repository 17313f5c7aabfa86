import type { Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { EventType, type RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { errorFinding, warningFinding } from '../finding.js';
import { heldBefore } from '../validation/change-and-cancellation.js';
import type { Enterprise } from './enterprise.js';

/** What is held of the events of one enterprise, besides its state. */
export interface HeldEvents {
  /** 数据汇总单位 that the current event came from. */
  readonly currentSource: string;
  /** When the first node on its way accepted the current event. */
  readonly currentTakenInAtMs: number;
  /** The current event. Unset: it was not looked up. */
  readonly current?: RegistrationEvent;
  /** 核准日期 of the establishment at its present home. Unset: it was not looked up, or is not held. */
  readonly homeSince?: string | undefined;
  /** Highest version held, by {@link eventKey}. */
  readonly versions: ReadonlyMap<string, number>;
}

/** Names a business key; those of other nodes are others. */
export function eventKey(sourceNode: string, businessKey: string): string {
  return `${sourceNode}/${businessKey}`;
}

/** An event that is to be put in its place. */
export interface ComingEvent {
  readonly event: RegistrationEvent;
  readonly sourceNode: string;
  /** When the first node on its way accepted it. */
  readonly takenInAtMs: number;
  /** Sent down by the national node, which has put it in its order already. */
  readonly fromAbove: boolean;
  /** It was here before and may have been lost, as by a restore: given back, or sent again. */
  readonly comesAgain: boolean;
}

function keyOf({ event, sourceNode }: ComingEvent): string {
  return eventKey(sourceNode, event.envelope?.businessKey ?? '');
}

function establishes({ event }: ComingEvent): boolean {
  return event.eventType === EventType.ESTABLISH;
}

function versionOf({ event }: ComingEvent): number {
  return Number(event.envelope?.recordVersion ?? 0n);
}

/** What is held once this event is kept. */
export function withEvent(held: HeldEvents, coming: ComingEvent): HeldEvents {
  return { ...held, versions: new Map(held.versions).set(keyOf(coming), versionOf(coming)) };
}

/** What is held once this event is the current one. */
export function withCurrent(held: HeldEvents | undefined, coming: ComingEvent): HeldEvents {
  const current = {
    currentSource: coming.sourceNode,
    currentTakenInAtMs: coming.takenInAtMs,
    current: coming.event,
    homeSince: establishes(coming) ? coming.event.apprDate : held?.homeSince,
  };
  return withEvent({ ...current, versions: held?.versions ?? new Map() }, coming);
}

/**
 * Where an event stands: `next` becomes the current state; `past` is history that comes late, kept
 * and sent up as every event (R34) while the state stays; `stale` is an old version of itself.
 */
export type Position = 'next' | 'past' | 'stale';

/**
 * Orders events of one enterprise (D14). One business key is ordered by its version; an event that was
 * followed by another is not current again when it is corrected. Different keys go by the day of
 * approval, then by arrival, because clocks of nodes are set back and forth; only what comes again
 * goes by the time it was first accepted, because what followed it may have come before it. Two that
 * were accepted in one batch have one time: they come again in their order. The province that kept the
 * enterprise before does not take it back with a late event: only an establishment moves it, if it is
 * no older than that of its present home, whatever that home has approved since.
 */
export function positionOf(
  current: Enterprise | undefined,
  held: HeldEvents | undefined,
  coming: ComingEvent,
): Position {
  if (!current || !held) return 'next';
  const known = held.versions.get(keyOf(coming));
  if (known !== undefined && versionOf(coming) <= known) return 'stale';
  if (known !== undefined && isOfCurrent(current, held, coming)) return 'next';
  const isElsewhere = coming.sourceNode !== current.homeNode;
  if (isElsewhere && establishes(coming))
    return orderBy(held.homeSince ?? current.effectiveDate, held, coming);
  if (known !== undefined || (isElsewhere && !coming.fromAbove)) return 'past';
  return orderBy(current.effectiveDate, held, coming);
}

function orderBy(day: string, held: HeldEvents, coming: ComingEvent): Position {
  const { event, comesAgain, takenInAtMs } = coming;
  if (event.apprDate !== day) return event.apprDate < day ? 'past' : 'next';
  return comesAgain && takenInAtMs < held.currentTakenInAtMs ? 'past' : 'next';
}

function isOfCurrent(current: Enterprise, held: HeldEvents, coming: ComingEvent): boolean {
  return keyOf(coming) === eventKey(held.currentSource, current.businessKey);
}

/**
 * Rules that need what is held: VR16 established twice, VR17 not established, VR18 after
 * cancellation, VR19 content before a change. A higher version of an event, of the same type,
 * corrects it and is always allowed. An enterprise that another province keeps is not changed from here.
 */
export function judgeSequence(
  current: Enterprise | undefined,
  held: HeldEvents | undefined,
  coming: ComingEvent,
  position: Position,
  node: string,
): Finding[] {
  const { event } = coming;
  const establishing = establishes(coming);
  if (!current || !held) return establishing ? [] : [notEstablished()];
  const late = position === 'past' ? [comesLate()] : [];
  // A copy of another province's enterprise: it may move in, but is not changed from here.
  if (current.homeNode !== node) return establishing ? late : [movedAway()];
  if (corrects(current, held, coming)) return late;
  if (establishing) return current.cancelled ? late : [establishedTwice()];
  if (position === 'past' && event.eventType !== EventType.CANCEL) return late;
  if (position === 'past' && !current.cancelled) return [cancelledBefore()];
  if (current.cancelled) return [afterCancellation()];
  return held.current ? beforeValueFindings(held.current, event) : [];
}

/**
 * Whether an event is a later version of one that is held. Some systems number all events of an
 * enterprise under one key: only the same type corrects.
 */
export function corrects(
  current: Enterprise | undefined,
  held: HeldEvents | undefined,
  coming: ComingEvent,
): boolean {
  if (!current || !held?.versions.has(keyOf(coming))) return false;
  if (!isOfCurrent(current, held, coming)) return true;
  const { eventType } = coming.event;
  return held.current
    ? held.current.eventType === eventType
    : current.cancelled === (eventType === EventType.CANCEL);
}

function notEstablished(): Finding {
  return errorFinding('VR17', 'uscc', 'ENTITY_NOT_FOUND', {
    zh: '本节点没有该主体的设立登记,请先报送设立登记(由他省迁入的,亦按设立报送并保留原成立日期),再报送变更或注销。',
    en: 'This enterprise was not established here; submit its establishment first (also when it moved in from another province, with its original date).',
  });
}

function movedAway(): Finding {
  return errorFinding('VR17', 'uscc', 'ENTITY_MOVED_AWAY', {
    zh: '该主体由他省登记机关登记,本节点只保留只读副本;迁入本省的,请按设立报送。',
    en: 'The enterprise is kept by another province and is a read-only copy here; if it moves in, submit an establishment.',
  });
}

function establishedTwice(): Finding {
  return errorFinding('VR16', 'uscc', 'DUPLICATE_ENTERPRISE', {
    zh: '该统一社会信用代码已登记且未注销;更正设立登记的,请用该次设立的业务主键和更高版本号报送;其后有变更的,请按变更报送。',
    en: 'This credit code is registered and active. To correct the establishment, send its own business key with a higher version; what changed since is a change.',
  });
}

function afterCancellation(): Finding {
  return errorFinding('VR18', 'event_type', 'ENTITY_CANCELLED', {
    zh: '该主体已注销,不能再变更或注销;更正注销登记的,请用该次注销的业务主键和更高版本号报送;撤销注销、恢复登记的,请按设立报送并保留原成立日期。',
    en: 'The enterprise is cancelled. To correct the cancellation, send its own business key with a higher version; if it was revoked, submit an establishment with the original date.',
  });
}

function cancelledBefore(): Finding {
  return errorFinding('VR18', 'appr_date', 'CANCELLED_BEFORE_LATER_EVENT', {
    zh: '注销的核准日期早于本节点已有登记事项的核准日期,请核对核准日期;确已注销的,请先更正其后的登记事项。',
    en: 'The cancellation was approved before an event that is held already. Check the date of approval; if it is right, correct the later event first.',
  });
}

function comesLate(): Finding {
  return warningFinding('VR8', 'appr_date', 'LATER_EVENT_HELD', {
    zh: '本节点已有核准日期更晚的登记事项:本条存入历史并上报,不改变主体现状,也不再推送部门。',
    en: 'An event approved later is held already: this one is kept as history and sent up, and changes neither the present state nor what departments were told.',
  });
}

function beforeValueFindings(previous: RegistrationEvent, event: RegistrationEvent): Finding[] {
  return event.changes.flatMap((change, index) => {
    if (heldBefore(previous, change)) return [];
    return [
      warningFinding('VR19', `changes[${index}].alt_be`, 'BEFORE_VALUE_MISMATCH', {
        zh: '变更前内容与本节点现有内容不一致,请核对是否有漏报的变更。',
        en: 'The content before the change is not what is held here; check whether a change was left out.',
      }),
    ];
  });
}
