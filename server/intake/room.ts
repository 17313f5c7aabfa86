import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { Decision } from '../domain/decision/decision.js';
import { HubError } from '../domain/errors.js';
import type { Backlog } from '../delivery/backlog.js';

/** Which destinations may get more work. */
export type Room = Pick<Backlog, 'hasFullDestination' | 'isFullFor'>;

/** No limit. */
export const ROOM_FOR_ALL: Room = { hasFullDestination: false, isFullFor: () => false };

/** A node that is dead for long does not come back within seconds. */
const RETRY_AFTER_MS = 10_000;

/** Destination of every delivery that a decision opens. */
export function opens(decision: Decision): string[] {
  return decision.deliveries
    .filter((delivery) => delivery.state === 'open')
    .map((delivery) => delivery.destination);
}

/**
 * Throws BACKLOG_FULL when a message is for a node whose share of the backlog is used up: its
 * sender keeps it and comes again, and messages for other nodes are taken all the while. A change of
 * the not-public mark (D7) always passes: there are no more of them than of records that were taken.
 */
export function requireRoomFor(decision: Decision, room: Room): void {
  const full = decision.deliveries.find(
    ({ state, kind, destination }) =>
      state === 'open' && kind !== MessageKind.PUBLICITY_CHANGE && room.isFullFor(destination),
  );
  if (!full) return;
  throw new HubError(
    ErrorReason.BACKLOG_FULL,
    {
      zh: `发往节点 ${full.destination} 的积压已满,本条未受理,请按提示时间用同一消息编号重试。`,
      en: `Too many deliveries wait for node ${full.destination}; this message was not accepted, try again later with the same message id.`,
    },
    { retryAfterMs: RETRY_AFTER_MS, metadata: { destination: full.destination } },
  );
}
