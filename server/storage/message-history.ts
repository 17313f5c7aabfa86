import type { Effect, Finding, MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { RecordState } from '../domain/record/record-state.js';
import { query, type Db } from './database.js';
import type { MessageId, StoredHop } from './messages.js';
import { RECORD_COLUMNS, recordFromRow, type RecordRow } from './records.js';

/** A stored message without its content. */
export interface StoredMessage {
  readonly seq: number;
  readonly sourceNode: string;
  readonly messageId: string;
  readonly kind: MessageKind;
  readonly recordKind: MessageKind;
  readonly ownerOrg: string;
  readonly businessKey: string;
  readonly recordVersion: number;
  readonly digest: Buffer;
  readonly hasContent: boolean;
  readonly origin: string;
  /** Organisation that sent it; empty once withdrawn. */
  readonly sourceOrg: string;
  readonly hops: readonly StoredHop[];
  readonly effect: Effect;
  readonly warnings: readonly Finding[];
  readonly acceptedAt: Date;
  /** Null when it was accepted before receipts were signed. */
  readonly receiptProof: Buffer | null;
}

const MESSAGE_COLUMNS = `seq, source_node as "sourceNode", message_id as "messageId", kind,
  record_kind as "recordKind", owner_org as "ownerOrg", business_key as "businessKey",
  record_version as "recordVersion", digest, payload is not null as "hasContent", origin,
  source_org as "sourceOrg", hops, effect, warnings, accepted_at as "acceptedAt",
  receipt_proof as "receiptProof"`;

/** One message by its id; undefined when it is not held here. */
export async function findMessage(db: Db, id: MessageId): Promise<StoredMessage | undefined> {
  const { rows } = await query<StoredMessage>(
    db,
    `select ${MESSAGE_COLUMNS} from messages where source_node = ? and message_id = ?`,
    [id.sourceNode, id.messageId],
  );
  return rows[0];
}

/** Where a message was sent, or kept from going. */
export interface StoredDelivery {
  readonly id: number;
  readonly destination: string;
  readonly action: DeliveryAction;
  readonly rule: string;
  readonly state: number;
  readonly attempts: number;
  readonly lastReason: ErrorReason;
  readonly lastError: string;
  readonly farEffect: Effect;
  readonly farNaming: number;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
  /** Who had it sent again, when and why. Null: nobody, or before that was kept. */
  readonly replayedBy: string | null;
  readonly replayedAt: Date | null;
  readonly replayReason: string | null;
}

const DELIVERY_COLUMNS = `id, destination, action, rule, state, attempts, last_reason as "lastReason",
  last_error as "lastError", far_effect as "farEffect", far_naming as "farNaming",
  created_at as "createdAt", settled_at as "settledAt", replayed_by as "replayedBy",
  replayed_at as "replayedAt", replay_reason as "replayReason"`;

/** For clocks of the node's processes and of its database that differ. */
const CLOCK_MARGIN_MS = 86_400_000;

/**
 * Since when the history of a message can have anything: nothing that it led to ended before it was
 * accepted, so that PostgreSQL does not open the months before. `accepted_at` is that of the first time and
 * stays so when its content is stored again (D7), and what is sent again only ends later. A constant, not
 * an expression: months are left out while the statement is planned.
 */
function endedSince({ acceptedAt }: MessagePlace): string {
  return new Date(acceptedAt.getTime() - CLOCK_MARGIN_MS).toISOString();
}

/** What the history of a message is found by. */
export type MessagePlace = Pick<StoredMessage, 'seq' | 'acceptedAt'>;

/** All deliveries of a message, oldest first. */
export async function deliveriesOf(db: Db, message: MessagePlace): Promise<StoredDelivery[]> {
  const { seq } = message;
  const { rows } = await query<StoredDelivery>(
    db,
    `select ${DELIVERY_COLUMNS} from deliveries where message_seq = ?
      union all
     select ${DELIVERY_COLUMNS} from deliveries_history
      where message_seq = ? and settled_at >= ?::timestamptz
      order by id`,
    [seq, seq, endedSince(message)],
  );
  return rows;
}

/** A package that a registration led to, with one of its states. */
export interface StoredPackageStep {
  readonly packageId: string;
  readonly deptCode: string;
  readonly deptName: string;
  readonly rules: readonly string[];
  readonly status: number;
  readonly at: Date;
}

/** Every state of every package of a message, oldest first. */
export async function packageStepsOf(db: Db, message: MessagePlace): Promise<StoredPackageStep[]> {
  const since = endedSince(message);
  const { rows } = await query<StoredPackageStep>(
    db,
    `select p.package_id as "packageId", p.dept_code as "deptCode", p.dept_name as "deptName",
            p.rules, s.status, s.at
       from all_packages p join all_package_steps s using (package_id)
      where p.message_seq = ?
        -- Null: of the hot table.
        and (p.ended_at is null or p.ended_at >= ?::timestamptz)
        and (s.ended_at is null or s.ended_at >= ?::timestamptz)
      order by s.id`,
    [message.seq, since, since],
  );
  return rows;
}

/** The record that a message is about, as it is now; undefined when it is about none. */
export async function recordOf(db: Db, seq: number): Promise<RecordState | undefined> {
  const { rows } = await query<RecordRow>(
    db,
    `select ${RECORD_COLUMNS} from messages m
       join records r on r.kind = m.record_kind and r.owner_org = m.owner_org
                     and r.business_key = m.business_key
      where m.seq = ?`,
    [seq],
  );
  return rows[0] && recordFromRow(rows[0]);
}

/** The record whose current version this message is; undefined when a later one replaced it. */
export async function currentRecordOf(db: Db, seq: number): Promise<RecordState | undefined> {
  const record = await recordOf(db, seq);
  return record?.messageSeq === seq ? record : undefined;
}

/** An event of an enterprise as stored. */
export interface StoredEvent extends StoredMessage {
  readonly payload: Buffer;
}

/** Events of an enterprise after a sequence number, oldest first. */
export async function eventsOf(
  db: Db,
  uscc: string,
  after: number,
  limit: number,
): Promise<StoredEvent[]> {
  const { rows } = await query<StoredEvent>(
    db,
    `select ${MESSAGE_COLUMNS}, payload from messages
      where kind = 1 and entity = ? and seq > ? and payload is not null
      order by seq limit ?`,
    [uscc, after, limit],
  );
  return rows;
}

/** The bytes of a stored message; undefined when they were deleted. */
export async function contentOf(db: Db, seq: number): Promise<Buffer | undefined> {
  const { rows } = await query<{ payload: Buffer | null }>(
    db,
    'select payload from messages where seq = ?',
    [seq],
  );
  return rows[0]?.payload ?? undefined;
}
