import { MessageKind, type Effect, type NamingState } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { Lane } from '../domain/lane.js';
import type { RecordKey } from '../domain/message.js';
import { Columns } from './columns.js';
import { query, type Db } from './database.js';
import type { StoredHop } from './messages.js';
import { takeTurn } from './node-locks.js';

/** A delivery taken for an attempt, with all that is sent. */
export interface ClaimedDelivery {
  readonly id: number;
  readonly messageSeq: number;
  readonly entity: string;
  readonly action: DeliveryAction;
  readonly kind: MessageKind;
  readonly rule: string;
  readonly revision: number;
  readonly attempts: number;
  /** The far node acknowledged it before: it was opened again because that node may have lost it. */
  readonly sentAgain: boolean;
  /** The attempt before this one ended in a defect of the far node (INTERNAL). */
  readonly metDefect: boolean;
  readonly messageId: string;
  readonly sourceNode: string;
  readonly messageKind: MessageKind;
  readonly recordKind: MessageKind;
  readonly ownerOrg: string;
  readonly businessKey: string;
  readonly payload: Buffer | null;
  /** The stored payload is a copy that was rewritten on the way here (D5). */
  readonly redacted: boolean;
  readonly digest: Buffer;
  readonly hops: readonly StoredHop[];
  readonly acceptedAt: Date;
  /** The mark as it is now; null when the record is not held (then it may not go up). */
  readonly nonPublic: boolean | null;
  readonly contentMarked: boolean | null;
  readonly namedUscc: string | null;
  readonly namedBy: string | null;
  readonly namedAt: Date | null;
  readonly namingMethod: string | null;
  /**
   * Of an inspection or penalty: numbers of the enterprise's licences that are not public (D5), as their
   * newest versions spell them; also of those of which an earlier version of the program kept no others.
   */
  readonly hiddenLicenceNos: readonly string[];
}

/** How many deliveries one claim takes, and for how long they are this worker's. */
export interface ClaimLimits {
  readonly count: number;
  readonly leaseMs: number;
  /** Only one of each enterprise at a time, where outcomes come one by one. */
  readonly onePerEntity?: boolean;
}

/**
 * Whether a delivery of an alias is about a mark: a withdrawal, or a change of the mark. Such a one
 * waits for nobody and keeps nobody else waiting: the revision of the mark tells what counts, in
 * whatever order they come (D7, F20). The words of the index `deliveries_marks`.
 */
export function aboutMark(alias: string): string {
  return `(${alias}.action = ${DeliveryAction.WITHDRAW} or ${alias}.kind = ${MessageKind.PUBLICITY_CHANGE})`;
}

/**
 * Takes the next deliveries of a lane, in order. One whose enterprise has an earlier delivery that
 * waits for a retry, is a dead letter, or stands in a lane of an earlier version stays behind it (D14).
 *
 * Before all others go those about marks, in half of a claim at most. A withdrawal passes whatever
 * waits; so does a change of the mark, but for what is in flight: a receiver of an earlier version
 * refuses it for good while it has not the record. Only what is sent again of a withdrawn message waits
 * for its withdrawal, and what follows of its enterprise behind it: had it come first, the far node
 * would keep the content that it replaces. Who waits so is left out here, not after the limit: else the
 * many that wait of one enterprise would be all that a claim sees of its lane.
 *
 * While more is due than one claim takes, half of it goes to the newest, of enterprises of which nothing
 * else waits: behind a long outage, or a replay of dead letters, what is fresh does not wait for all
 * that is old. The claim is written before anything is sent, so that a later recall knows that the
 * message may have left (D7).
 *
 * Whether one stands before is asked of each candidate by itself, through the index of its
 * enterprise: as `not exists` PostgreSQL would join the lane with itself, which grows with the
 * square of what waits.
 *
 * It is asked again of those that were locked, by the one that stands next before each: who holds the lock
 * of an earlier one, such as an operator who stops a replay, makes it drop out here without being
 * settled, and what follows it must not overtake it.
 *
 * The words of a defect at the far end stay while the next attempt is made, and no others: so its outcome
 * knows whether it is the first of them.
 *
 * It is planned each time: the right plan for an empty lane is the wrong one behind an outage.
 *
 * Claims of one lane take turns: two workers that claim at the same moment would not see each
 * other's leases, and the second could overtake the first.
 */
export async function claimDeliveries(
  db: Db,
  lane: Lane,
  limits: ClaimLimits,
): Promise<ClaimedDelivery[]> {
  return db.transaction(async (trx) => {
    await takeTurn(trx, 'lane', `${lane.destination}/${lane.lane}`);
    return claimNext(trx, lane, limits);
  });
}

/** Newest deliveries looked at for each one taken; the others are of enterprises that wait already. */
const LOOKED_AT = 4;

async function claimNext(
  trx: Db,
  lane: Lane,
  { count, leaseMs, onePerEntity = false }: ClaimLimits,
): Promise<ClaimedDelivery[]> {
  const fresh = Math.floor(count / 2);
  const { rows } = await query<ClaimedDelivery>(
    trx,
    `with marks as (
       select d.id from deliveries d
        where d.destination = ? and d.lane = ? and d.state = 1 and ${aboutMark('d')}
          and (d.next_attempt_at is null or d.next_attempt_at <= now())
          and (d.action = ${DeliveryAction.WITHDRAW}
               or (select true from deliveries b
                    where b.destination = d.destination and b.entity = d.entity and b.id < d.id
                      and b.state = 1 and b.next_attempt_at > now() and b.last_reason = 0
                    limit 1) is null)
        order by d.id limit ? for update of d skip locked),
     oldest as (
       select d.id, d.entity, row_number() over (order by d.id) as place,
              (select b.id from deliveries b
                where b.destination = ? and b.entity = d.entity and b.id < d.id
                  and b.state = 1 and not ${aboutMark('b')}
                order by b.id desc limit 1)
              is not distinct from lag(d.id) over (partition by d.entity order by d.id) as follows
         from (select d.id, d.entity from deliveries d
        where d.destination = ? and d.lane = ? and d.state = 1 and not ${aboutMark('d')}
          and (d.next_attempt_at is null or d.next_attempt_at <= now())
          and (select true from deliveries b
                where b.destination = d.destination and b.entity = d.entity and b.id < d.id
                  and b.state in (1, 3)
                  and ((b.state = 3 and not ${aboutMark('b')})
                       or (b.action = ${DeliveryAction.WITHDRAW}
                           and (select true from deliveries again
                                 where again.message_seq = b.message_seq
                                   and again.destination = d.destination and again.entity = d.entity
                                   and again.action = ${DeliveryAction.CARRY} and again.state = 1
                                   and again.id > b.id and again.id <= d.id
                                 limit 1) is not null)
                       or (b.state = 1 and not ${aboutMark('b')}
                           and (b.next_attempt_at > now() or b.lane <> d.lane or ?)))
                limit 1) is null
        order by d.id limit ? for update of d skip locked) d),
     newest as (
       select d.id from (
         select d.id, d.entity, d.message_seq from deliveries d
          where d.destination = ? and d.lane = ? and d.state = 1 and not ${aboutMark('d')}
            and (d.next_attempt_at is null or d.next_attempt_at <= now())
          order by d.id desc limit ?) d
        where (select count(*) from oldest) = ? and d.id > (select max(id) from oldest)
          and (select true from deliveries b
                where b.destination = ? and b.entity = d.entity and b.id < d.id and b.state in (1, 3)
                  and (not ${aboutMark('b')} or b.message_seq = d.message_seq) limit 1) is null
        order by d.id desc limit ?),
     due as (
       select id from marks
        union all
       select id from (select id, place, bool_and(follows) over (partition by entity order by id) as whole
                         from oldest) o
        where whole and place <= ? - (select count(*) from newest) - (select count(*) from marks)
        union all
       select id from newest),
     claimed as (
       update deliveries d
          set attempts = d.attempts + 1, next_attempt_at = now() + ? * interval '1 millisecond',
              last_reason = 0,
              last_error = case when d.last_reason = ${ErrorReason.INTERNAL} then d.last_error else '' end
         from due where d.id = due.id and d.state = 1
       returning d.*)
     select c.id, c.message_seq as "messageSeq", c.entity, c.action, c.kind, c.rule, c.revision, c.attempts,
            c.far_effect <> 0 as "sentAgain", c.last_error <> '' as "metDefect",
            m.message_id as "messageId", m.source_node as "sourceNode", m.kind as "messageKind",
            m.record_kind as "recordKind", m.owner_org as "ownerOrg", m.business_key as "businessKey",
            case when c.action = ${DeliveryAction.CARRY} then m.payload end as payload,
            m.redacted, m.digest, m.hops,
            m.accepted_at as "acceptedAt", r.non_public as "nonPublic",
            r.content_marked as "contentMarked", r.uscc as "namedUscc", r.named_by as "namedBy",
            r.named_at as "namedAt", r.naming_method as "namingMethod",
            case when m.kind in (${MessageKind.INSPECTION}, ${MessageKind.PENALTY}) then
              array(select unnest(string_to_array(l.licence_no, chr(10))) from records l
                     where (l.uscc = r.uscc or (l.entity = m.entity and l.naming = 1))
                       and l.kind = ${MessageKind.LICENCE} and l.non_public)
            else '{}' end as "hiddenLicenceNos"
       from claimed c
       join messages m on m.seq = c.message_seq
       left join records r on r.kind = m.record_kind and r.owner_org = m.owner_org
                          and r.business_key = m.business_key
      order by c.action = ${DeliveryAction.WITHDRAW} desc, c.id`,
    [
      ...[lane.destination, lane.lane, Math.max(1, fresh)],
      ...[lane.destination, lane.destination, lane.lane, onePerEntity, count],
      ...[lane.destination, lane.lane, fresh * LOOKED_AT, count, lane.destination, fresh],
      ...[count, leaseMs],
    ],
  );
  return rows;
}

/**
 * Which of these attempts are still to be made: not called back (D7), settled or made anew by another
 * worker since they were claimed. Their numbers.
 */
export async function stillClaimed(
  db: Db,
  claimed: readonly Pick<ClaimedDelivery, 'id' | 'attempts'>[],
): Promise<ReadonlySet<number>> {
  const column = new Columns(claimed);
  const { rows } = await query<{ id: number }>(
    db,
    `select d.id from unnest(?::bigint[], ?::int[]) as x(id, attempts)
       join deliveries d on d.id = x.id and d.state = 1 and d.attempts = x.attempts`,
    [column.int8((one) => one.id), column.int4((one) => one.attempts)],
  );
  return new Set(rows.map(({ id }) => id));
}

/** What became of an attempt. `attempts`: its number, as it was claimed. */
export type Settlement =
  | {
      readonly id: number;
      readonly state: 'acknowledged';
      readonly effect: Effect;
      readonly naming: NamingState;
      /** The record was sent on to another region, and the far node applied it. Unset: no. */
      readonly forwarded?: boolean;
    }
  | { readonly id: number; readonly attempts: number; readonly state: 'held-back' }
  | {
      readonly id: number;
      readonly attempts: number;
      readonly state: 'dead';
      readonly reason: ErrorReason;
      readonly error: string;
    }
  | {
      readonly id: number;
      readonly attempts: number;
      readonly state: 'retry';
      readonly reason: ErrorReason;
      readonly error: string;
      readonly delayMs: number;
    };

/** A delivery whose outcome was written. */
export interface Settled {
  readonly id: number;
  readonly state: 1 | 2 | 3 | 4;
  readonly action: DeliveryAction;
  readonly messageId: string;
  readonly sourceNode: string;
  readonly destination: string;
  readonly rule: string;
}

const STATE = { acknowledged: 2, 'held-back': 4, dead: 3, retry: 1 } as const;

/**
 * Writes the outcomes of a batch. What a recall settled meanwhile stays as the recall left it. An
 * attempt whose lease ended and that was made anew meanwhile says nothing any more, except that the
 * far node took it: that stays true whichever attempt it was. What the far node answered when it took
 * it stays with what is sent again, however often that fails. Returns those that changed.
 */
export async function settleDeliveries(
  db: Db,
  settlements: readonly Settlement[],
): Promise<Settled[]> {
  if (settlements.length === 0) return [];
  const column = new Columns(settlements);
  const { rows } = await query<Settled>(
    db,
    `update deliveries d
        set state = x.state, last_reason = x.reason, last_error = x.error,
            far_effect = case when x.state = 2 then x.effect else d.far_effect end,
            far_naming = case when x.state = 2 then x.naming else d.far_naming end,
            settled_at = case when x.state <> 1 then now() end,
            next_attempt_at = case when x.state = 1 then now() + x.delay * interval '1 millisecond' end
       from unnest(?::bigint[], ?::smallint[], ?::smallint[], ?::smallint[], ?::smallint[], ?::text[],
                   ?::double precision[], ?::int[])
              as x(id, state, effect, naming, reason, error, delay, attempts),
            messages m
      where d.id = x.id and d.state = 1 and (x.state = 2 or d.attempts = x.attempts) and m.seq = d.message_seq
     returning d.id, d.state, d.action, d.destination, d.rule, m.message_id as "messageId",
               m.source_node as "sourceNode"`,
    [
      column.int8((s) => s.id),
      column.int2((s) => STATE[s.state]),
      column.int2((s) => (s.state === 'acknowledged' ? s.effect : 0)),
      column.int2((s) => (s.state === 'acknowledged' ? s.naming : 0)),
      column.int2((s) => (s.state === 'dead' || s.state === 'retry' ? s.reason : 0)),
      column.text((s) => (s.state === 'dead' || s.state === 'retry' ? s.error.slice(0, 700) : '')),
      column.float8((s) => (s.state === 'retry' ? s.delayMs : 0)),
      column.int4((s) => (s.state === 'acknowledged' ? 0 : s.attempts)),
    ],
  );
  return rows;
}

/** Row of the routing table by which a record goes on to another region. */
export const FORWARDING_RULE = 'UP-OTHER-REGION';

/** A record of a delivery, and the enterprise that it is of or may be of. */
export interface DeliveredRecord {
  readonly key: RecordKey;
  readonly entity: string;
}

/** The records of these deliveries. */
export async function recordsOfDeliveries(
  db: Db,
  deliveryIds: readonly number[],
): Promise<DeliveredRecord[]> {
  const { rows } = await query<RecordKey & { entity: string }>(
    db,
    `select r.kind, r.owner_org as "ownerOrg", r.business_key as "businessKey",
            coalesce(r.entity, '') as entity
       from deliveries d
       join messages m on m.seq = d.message_seq
       join records r on r.kind = m.record_kind and r.owner_org = m.owner_org
                     and r.business_key = m.business_key
      where d.id = any(?::bigint[])`,
    [deliveryIds],
  );
  return rows.map(({ entity, ...key }) => ({ key, entity }));
}

/** A record sent on to another region leaves the work list once the national node knows its province. */
export async function clearForwarded(db: Db, deliveryIds: readonly number[]): Promise<void> {
  if (deliveryIds.length === 0) return;
  await query(
    db,
    `update records r set naming_reason = 0, waiting_since = null
       from deliveries d join messages m on m.seq = d.message_seq
      where d.id = any(?::bigint[]) and d.rule = '${FORWARDING_RULE}'
        and r.kind = m.record_kind and r.owner_org = m.owner_org and r.business_key = m.business_key
        and r.message_seq = d.message_seq and r.naming = 1`,
    [deliveryIds],
  );
}

/** Lanes of these destinations that have a delivery due now: what the sweep wakes. */
export async function dueLanes(
  db: Db,
  destinations: readonly string[],
  lanes: number,
): Promise<Lane[]> {
  const { rows } = await query<Lane>(
    db,
    `select destination, lane
       from unnest(?::text[]) as destination cross join generate_series(0, ?::int - 1) as lane
      where exists (
        select 1 from deliveries d
         where d.destination = destination.destination and d.lane = lane.lane and d.state = 1
           and (d.next_attempt_at is null or d.next_attempt_at <= now()))`,
    [destinations, lanes],
  );
  return rows;
}

/** Open deliveries of each of these destinations, each counted up to a limit: the backlog. */
export async function countOpen(
  db: Db,
  destinations: readonly string[],
  limit: number,
): Promise<Map<string, number>> {
  const { rows } = await query<{ destination: string; open: number }>(
    db,
    `select destination, open
       from unnest(?::text[]) as destination cross join lateral (
         select count(*) as open from (
           select 1 from deliveries d
            where d.destination = destination.destination and d.state = 1 limit ?) as counted) as c
      where open > 0`,
    [destinations, limit],
  );
  return new Map(rows.map(({ destination, open }) => [destination, open]));
}
