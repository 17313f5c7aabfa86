import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { Decision } from '../domain/decision/decision.js';
import { HubError } from '../domain/errors.js';
import { carriesMark, type Message } from '../domain/message.js';
import type { Backlog, BacklogLimits } from './backlog.js';

/** Which destinations may get more work. */
export type Room = Pick<Backlog, 'isFull' | 'limits' | 'hasFullDestination' | 'isFullFor'>;

/** No limit. */
export const ROOM_FOR_ALL: Room = {
  isFull: false,
  limits: { total: Infinity, perDestination: Infinity },
  hasFullDestination: false,
  isFullFor: () => false,
};

/** A node that is dead for long does not come back within seconds. */
const RETRY_AFTER_MS = 10_000;

/** Destination of every delivery that a decision opens. */
export function opens(decision: Decision): string[] {
  return decision.deliveries
    .filter((delivery) => delivery.state === 'open')
    .map((delivery) => delivery.destination);
}

/** Whether a message may be refused for want of room; only then its decision must be one that can be undone. */
export function mayLackRoom(message: Message | undefined, room: Room): boolean {
  return room.hasFullDestination || passedForMark(message, room);
}

/** Whoever takes messages while the backlog is full takes only these, without knowing what is held. */
function passedForMark(message: Message | undefined, room: Room): boolean {
  return room.isFull && message !== undefined && carriesMark(message);
}

/** Too many deliveries wait, whoever they are for. */
export function backlogFull({ total }: BacklogLimits): HubError {
  return new HubError(
    ErrorReason.BACKLOG_FULL,
    {
      zh: '待投递积压已满,请按提示时间稍后用同一消息编号重试。',
      en: 'Too many deliveries wait; try again later with the same message id.',
    },
    { retryAfterMs: 2_000, metadata: { limit: String(total) } },
  );
}

/**
 * Throws BACKLOG_FULL when a message is for a node whose share of the backlog is used up: its
 * sender keeps it and comes again, and messages for other nodes are taken all the while. That a record
 * is not public any more (D7), by a change of the mark or a version that carries it, always passes: there
 * are no more of them than of records that were taken. A new record that carries the mark is on no page,
 * and passes only where it opens nothing.
 */
export function requireRoomFor(decision: Decision, message: Message | undefined, room: Room): void {
  if (decision.notices) return;
  const opened = decision.deliveries.filter(
    ({ state, kind }) => state === 'open' && kind !== MessageKind.PUBLICITY_CHANGE,
  );
  if (opened.length > 0 && passedForMark(message, room)) throw backlogFull(room.limits);
  const full = opened.find(({ destination }) => room.isFullFor(destination));
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
