import { EventType, type RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { normaliseName, showsNothing } from '../identifiers/text.js';
import { normaliseUscc } from '../identifiers/uscc.js';

/** A department that was told about an enterprise, and the items because of which it was (R30). */
export interface ToldDepartment {
  readonly code: string;
  readonly name: string;
  readonly items: readonly string[];
  /** Told because another department passed its package on; events still name that one (F22). */
  readonly reassigned?: boolean;
  /** Node that serves it. Unset: told before nodes were noted; the catalogue says it. */
  readonly node?: string;
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
  /** 核准日期 of the current event: what orders events of different business keys. */
  readonly effectiveDate: string;
  readonly cancelled: boolean;
  readonly ftz: boolean;
  /** Permit items of the current event; those that need a licence are awaited (R12, R15). */
  readonly permitItems: readonly string[];
  /**
   * 核准日期 by permit item: of the event since which it is stated without a break, at this home. An item
   * that has none was stated before this was noted: at the latest since the current event.
   */
  readonly itemsSince: Readonly<Record<string, string>>;
  readonly told: readonly ToldDepartment[];
  /** The stored message that holds the current event. */
  readonly messageSeq: number;
}

/** 名称: the change item whose content before is a former name. */
const NAME_ITEM = '01';

/**
 * Former names after an event, newest first, without the current one: those that it states itself,
 * which the node may never have held, and those held before (VR20).
 */
function formerNamesAfter(current: Enterprise | undefined, event: RegistrationEvent): string[] {
  const stated = event.changes
    .filter(
      (change) => change.altItem.padStart(2, '0') === NAME_ITEM && !showsNothing(change.altBe),
    )
    .map((change) => change.altBe);
  const held = current ? [current.entName, ...current.formerNames] : [];
  const seen = new Set([normaliseName(event.entName)]);
  return [...stated.reverse(), ...held].filter((name) => {
    const normalised = normaliseName(name);
    return !seen.has(normalised) && seen.add(normalised);
  });
}

/**
 * Since when each item of an event is stated. A change of something else does not make it younger; what
 * was dropped in between, or stated before a cancellation or a move from another province, begins anew.
 */
export function itemsSince(
  current: Enterprise | undefined,
  { envelope, eventType, apprDate, permitItems }: RegistrationEvent,
  homeNode: string,
): Record<string, string> {
  const goesOn = current !== undefined && !current.cancelled && current.homeNode === homeNode;
  const held = new Map(
    (goesOn ? current.permitItems : []).map((item) => [
      item,
      current?.itemsSince[item] ?? current?.effectiveDate ?? apprDate,
    ]),
  );
  // An establishment that is corrected may have another day of approval; any event may be corrected to an earlier one.
  const isCorrected =
    eventType === EventType.ESTABLISH && envelope?.businessKey === current?.businessKey;
  return Object.fromEntries(
    permitItems.map(({ permitItemCode: item }) => {
      const since = held.get(item) ?? apprDate;
      const begins = isCorrected && since === current?.effectiveDate;
      return [item, since < apprDate && !begins ? since : apprDate];
    }),
  );
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
    formerNames: formerNamesAfter(current, event),
    regState: event.regState,
    regOrg: event.regOrg,
    regOrgName: event.regOrgName,
    homeNode: placed.homeNode,
    businessKey: event.envelope?.businessKey ?? '',
    recordVersion: Number(event.envelope?.recordVersion ?? 0n),
    effectiveDate: event.apprDate,
    cancelled: event.eventType === EventType.CANCEL,
    ftz: event.ftzFlag,
    permitItems: [...new Set(event.permitItems.map((ref) => ref.permitItemCode))],
    itemsSince: itemsSince(current, event, placed.homeNode),
    told: placed.told,
    messageSeq: placed.messageSeq,
  };
}
