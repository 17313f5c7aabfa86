import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Columns } from './columns.js';
import { query, type Db } from './database.js';

/** A rewritten copy of a message, for one destination. */
export interface SentCopy {
  readonly messageSeq: number;
  /** The claimed delivery by which it leaves. */
  readonly deliveryId: number;
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

const SAME_RECORD = (one: string, message: string): string =>
  `${one}.record_kind = ${message}.record_kind and ${one}.record_kind <> 0
   and ${one}.owner_org = ${message}.owner_org and ${one}.business_key = ${message}.business_key`;

/**
 * To be joined laterally: of the record of a message of an alias, `withdrawn`, its last withdrawal
 * at a destination, zero: none, and `reached`, whether content went there after it in months that
 * are detached. `message` and `destination` are SQL; the latter must have no placeholder.
 */
export function standingAt(destination: string, message: string): string {
  return `(select l.withdrawn,
                  coalesce(h.reached and (l.withdrawn = 0 or h.carried > l.withdrawn), false)
                    as reached
             from (values (true)) as one
             left join record_reach h on ${SAME_RECORD('h', message)}
                                     and h.destination = ${destination}
             cross join lateral (
               select greatest(0, h.withdrawn, (
                 select max(w.id) from messages wm join all_deliveries w on w.message_seq = wm.seq
                  where ${SAME_RECORD('wm', message)} and w.destination = ${destination}
                    and w.action = ${DeliveryAction.WITHDRAW})) as withdrawn) as l)`;
}

/**
 * Notes copies before they leave. The digest under which a message was sent first stays. The copy
 * is what the destination then holds only if nothing of the message was tried there before, or was
 * withdrawn since: it keeps what came first. Otherwise what it holds is not known, and no copy is
 * noted. Answers the digests that hold.
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
     select x.message_seq, x.destination, x.digest,
            case when x.delivery_id > s.withdrawn and not s.reached and tried.attempts = 1
                 then x.copy else '' end
       from (select distinct on (message_seq) ?::text as destination, x.*
               from unnest(?::bigint[], ?::bigint[], ?::bytea[], ?::bytea[])
                 as x(message_seq, delivery_id, digest, copy)
              order by message_seq) as x
       join messages m on m.seq = x.message_seq
      cross join lateral ${standingAt('x.destination', 'm')} as s
      cross join lateral (
        select sum(d.attempts) as attempts from all_deliveries d
         where d.message_seq = x.message_seq and d.destination = x.destination
           and d.action = ${DeliveryAction.CARRY} and d.id > s.withdrawn) as tried
     on conflict (message_seq, destination) do update set copy = excluded.copy
     returning message_seq as seq, digest`,
    [
      destination,
      column.int8((one) => one.messageSeq),
      column.int8((one) => one.deliveryId),
      column.bytea((one) => one.digest),
      column.bytea((one) => one.copy),
    ],
  );
  return new Map(rows.map(({ seq, digest }) => [seq, digest]));
}
