import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { Lane } from '../domain/lane.js';
import { query, type Db } from './database.js';
import { aboutMark } from './deliveries.js';
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
  /** Attempts before this one that met a defect of the far node (INTERNAL), since it was last opened. */
  readonly defects: number;
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
              last_reason = 0, last_error = ''
         from due where d.id = due.id and d.state = 1
       returning d.*)
     select c.id, c.message_seq as "messageSeq", c.entity, c.action, c.kind, c.rule, c.revision, c.attempts,
            c.far_effect <> 0 as "sentAgain", c.defects,
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
