import type { Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { EventType, type RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { errorFinding, warningFinding } from '../finding.js';
import { normaliseName } from '../identifiers/text.js';
import { normaliseUscc } from '../identifiers/uscc.js';

/** A department that was told about an enterprise, and the items because of which it was (R30). */
export interface ToldDepartment {
  readonly code: string;
  readonly name: string;
  readonly items: readonly string[];
  /** Told because another department passed its package on; events still name that one (F22). */
  readonly reassigned?: boolean;
}

/** What a node holds of an enterprise besides the last event itself. */
export interface Enterprise {
  readonly uscc: string;
  readonly pripid: string;
  readonly regNo: string;
  readonly entName: string;
  /** Newest first (VR20). */
  readonly formerNames: readonly string[];
  readonly regState: string;
  readonly regOrg: string;
  readonly regOrgName: string;
  /** The province whose registration authority keeps it (D2). */
  readonly homeNode: string;
  readonly businessKey: string;
  readonly recordVersion: number;
  /** Approval date, or cancellation date: what orders events of different business keys. */
  readonly effectiveDate: string;
  readonly cancelled: boolean;
  readonly ftz: boolean;
  /** Permit items of the current event; those that need a licence are awaited (R12, R15). */
  readonly permitItems: readonly string[];
  readonly told: readonly ToldDepartment[];
  /** The stored message that holds the current event. */
  readonly messageSeq: number;
}

/** Date from which an event holds. */
export function effectiveDateOf(event: RegistrationEvent): string {
  return event.eventType === EventType.CANCEL
    ? (event.cancel?.cancelDate ?? event.apprDate)
    : event.apprDate;
}

function sameEvent(current: Enterprise, event: RegistrationEvent): boolean {
  return current.businessKey === event.envelope?.businessKey;
}

/**
 * Whether an event is older than what is held. One business key is ordered by its version;
 * events of different business keys by the day from which they hold, then by arrival (D14).
 */
export function isStale(current: Enterprise | undefined, event: RegistrationEvent): boolean {
  if (!current) return false;
  if (sameEvent(current, event))
    return Number(event.envelope?.recordVersion ?? 0n) <= current.recordVersion;
  return effectiveDateOf(event) < current.effectiveDate;
}

/**
 * Rules that need what is held: VR16 established twice, VR17 not established, VR18 after
 * cancellation, VR19 content before a change. A higher version of the current event corrects it
 * and is always allowed. An enterprise that another province keeps is not changed from here.
 */
export function judgeSequence(
  current: Enterprise | undefined,
  previous: RegistrationEvent | undefined,
  event: RegistrationEvent,
  node: string,
): Finding[] {
  const establishing = event.eventType === EventType.ESTABLISH;
  if (!current) return establishing ? [] : [notEstablished()];
  // A copy of another province's enterprise: it may move in, but is not changed from here.
  if (current.homeNode !== node) return establishing ? [] : [movedAway()];
  if (sameEvent(current, event)) return [];
  if (event.eventType === EventType.ESTABLISH) return current.cancelled ? [] : [establishedTwice()];
  if (current.cancelled) return [afterCancellation()];
  return previous ? beforeValueFindings(previous, event) : [];
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
    zh: '该统一社会信用代码已登记且未注销;如为更正,请用原业务主键和更高版本号报送。',
    en: 'This credit code is registered and active; to correct it, send its business key with a higher version.',
  });
}

function afterCancellation(): Finding {
  return errorFinding('VR18', 'event_type', 'ENTITY_CANCELLED', {
    zh: '该主体已注销,不能再变更或注销;如为更正,请用原业务主键和更高版本号报送。',
    en: 'The enterprise is cancelled; to correct the cancellation, send its business key with a higher version.',
  });
}

/** Current value of the change items that have a field of their own. */
const changedField: Readonly<Record<string, (event: RegistrationEvent) => string>> = {
  '01': (event) => event.entName,
  '02': (event) => event.dom,
  '03': (event) => event.lerep,
  '04': (event) => event.entType,
  '07': (event) => event.opScope,
};

function beforeValueFindings(previous: RegistrationEvent, event: RegistrationEvent): Finding[] {
  return event.changes.flatMap((change, index) => {
    const held = changedField[change.altItem.padStart(2, '0')]?.(previous);
    if (held === undefined || normaliseName(held) === normaliseName(change.altBe)) return [];
    return [
      warningFinding('VR19', `changes[${index}].alt_be`, 'BEFORE_VALUE_MISMATCH', {
        zh: '变更前内容与本节点现有内容不一致,请核对是否有漏报的变更。',
        en: 'The content before the change is not what is held here; check whether a change was left out.',
      }),
    ];
  });
}

/** Former names after an event, newest first, without the current one (VR20). */
function formerNamesAfter(current: Enterprise | undefined, entName: string): string[] {
  if (!current) return [];
  const seen = new Set([normaliseName(entName)]);
  return [current.entName, ...current.formerNames].filter((name) => {
    const normalised = normaliseName(name);
    return !seen.has(normalised) && seen.add(normalised);
  });
}

/** The enterprise after an event that is not stale. `homeNode` is decided by its registration authority. */
export function applyRegistration(
  current: Enterprise | undefined,
  event: RegistrationEvent,
  placed: { homeNode: string; messageSeq: number; told: readonly ToldDepartment[] },
): Enterprise {
  return {
    uscc: normaliseUscc(event.uscc),
    pripid: event.pripid,
    regNo: event.regNo,
    entName: event.entName,
    formerNames: formerNamesAfter(current, event.entName),
    regState: event.regState,
    regOrg: event.regOrg,
    regOrgName: event.regOrgName,
    homeNode: placed.homeNode,
    businessKey: event.envelope?.businessKey ?? '',
    recordVersion: Number(event.envelope?.recordVersion ?? 0n),
    effectiveDate: effectiveDateOf(event),
    cancelled: event.eventType === EventType.CANCEL,
    ftz: event.ftzFlag,
    permitItems: [...new Set(event.permitItems.map((ref) => ref.permitItemCode))],
    told: placed.told,
    messageSeq: placed.messageSeq,
  };
}
