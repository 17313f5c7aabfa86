import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Columns } from './columns.js';
import { query, type Db } from './database.js';

/** A rewritten copy of a message, for one destination. */
export interface SentCopy {
  readonly messageSeq: number;
  /** Under which the destination knows the message. */
  readonly digest: Uint8Array;
  /** SHA-256 of the copy. */
  readonly copy: Uint8Array;
}

/** Under which digests a destination knows these messages, as far as it was given rewritten copies. */
export async function findStatedDigests(
  db: Db,
  destination: string,
  messageSeqs: readonly number[],
): Promise<Map<number, Buffer>> {
  if (messageSeqs.length === 0) return new Map();
  const { rows } = await query<{ seq: number; digest: Buffer }>(
    db,
    `select message_seq as seq, digest from sent_copies
      where destination = ? and message_seq = any(?::bigint[])`,
    [destination, messageSeqs],
  );
  return new Map(rows.map(({ seq, digest }) => [seq, digest]));
}

/**
 * Which of these messages a destination acknowledged, be it that they are to be sent again: it knows
 * them by some digest already.
 */
export async function findAcknowledged(
  db: Db,
  destination: string,
  messageSeqs: readonly number[],
): Promise<Set<number>> {
  if (messageSeqs.length === 0) return new Set();
  const { rows } = await query<{ seq: number }>(
    db,
    `select distinct message_seq as seq from all_deliveries
      where destination = ? and message_seq = any(?::bigint[]) and (state = 2 or far_effect <> 0)
        and action = ${DeliveryAction.CARRY}`,
    [destination, messageSeqs],
  );
  return new Set(rows.map((row) => row.seq));
}

/**
 * Notes copies before they leave. The digest under which a message was sent first stays. Answers the
 * digests that hold.
 */
export async function noteSentCopies(
  db: Db,
  destination: string,
  copies: readonly SentCopy[],
): Promise<Map<number, Buffer>> {
  if (copies.length === 0) return new Map();
  const column = new Columns(copies);
  const { rows } = await query<{ seq: number; digest: Buffer }>(
    db,
    `insert into sent_copies (message_seq, destination, digest, copy)
     select distinct on (message_seq) message_seq, ?, digest, copy
       from unnest(?::bigint[], ?::bytea[], ?::bytea[]) as x(message_seq, digest, copy)
      order by message_seq
     on conflict (message_seq, destination) do update set copy = excluded.copy
     returning message_seq as seq, digest`,
    [
      destination,
      column.int8((one) => one.messageSeq),
      column.bytea((one) => one.digest),
      column.bytea((one) => one.copy),
    ],
  );
  return new Map(rows.map(({ seq, digest }) => [seq, digest]));
}
