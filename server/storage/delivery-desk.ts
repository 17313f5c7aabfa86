import type { Lane } from '../domain/lane.js';
import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { query, type Db } from './database.js';

/** A delivery as an operator sees it. */
export interface DeliveryRow {
  readonly id: number;
  readonly messageId: string;
  readonly sourceNode: string;
  readonly kind: MessageKind;
  readonly destination: string;
  readonly state: number;
  readonly action: DeliveryAction;
  readonly rule: string;
  readonly attempts: number;
  readonly nextAttemptAt: Date | null;
  readonly lastReason: ErrorReason;
  readonly lastError: string;
  readonly createdAt: Date;
  readonly settledAt: Date | null;
  readonly replayedBy: string;
  readonly replayReason: string;
  readonly replayedAt: Date | null;
}

/** Which deliveries to list; empty or 0 means any. */
export interface DeliveryFilter {
  readonly destination: string;
  readonly state: number;
  readonly messageId: string;
}

/** Deliveries after an id, oldest first, of history too. */
export async function listDeliveries(
  db: Db,
  filter: DeliveryFilter,
  after: number,
  limit: number,
): Promise<DeliveryRow[]> {
  const { rows } = await query<DeliveryRow>(
    db,
    `select d.id, m.message_id as "messageId", m.source_node as "sourceNode", m.kind, d.destination,
            d.state, d.action, d.rule, d.attempts, d.next_attempt_at as "nextAttemptAt",
            d.last_reason as "lastReason", d.last_error as "lastError", d.created_at as "createdAt",
            d.settled_at as "settledAt", coalesce(d.replayed_by, '') as "replayedBy",
            coalesce(d.replay_reason, '') as "replayReason", d.replayed_at as "replayedAt"
       from all_deliveries d join messages m on m.seq = d.message_seq
      where d.id > ? and (? = '' or d.destination = ?) and (? = 0 or d.state = ?)
        and (? = '' or m.message_id = ?)
      order by d.id limit ?`,
    [
      after,
      filter.destination,
      filter.destination,
      filter.state,
      filter.state,
      filter.messageId,
      filter.messageId,
      limit,
    ],
  );
  return rows;
}

/** What reopening did. */
export interface Reopened {
  readonly reopened: Lane[];
  readonly heldBack: number;
}

/** Which deliveries to open again: these, or all dead letters of a destination. */
export interface ReopenChoice {
  readonly ids: readonly number[];
  readonly destination: string;
  readonly limit: number;
  /** Who asked, and why; an empty reason: not said. */
  readonly by: string;
  readonly reason: string;
}

const CHOSEN_DEAD = `d.state = 3 and case when cardinality(?::bigint[]) > 0
                                         then d.id = any(?::bigint[]) else d.destination = ? end`;

/** Named one by one, a delivery that waits after a failed attempt need not wait any longer. */
const CHOSEN_WAITING = `d.state = 1 and d.id = any(?::bigint[]) and d.last_reason <> 0
                          and d.next_attempt_at > now()`;

/**
 * Opens dead letters again, and waiting deliveries that are named, oldest first. Upward, what is not
 * public any more is held back for good instead: a replay is filtered like everything else (R55). Who
 * asked, when and why is kept with the dead letters, and the defects that they met count no more.
 */
export async function reopenDeliveries(
  db: Db,
  choice: ReopenChoice,
  nationalNode: string,
): Promise<Reopened> {
  const { rows } = await query<Lane & { state: number }>(
    db,
    `with chosen as (
       select d.id, d.state = 3 as dead,
              case when d.action = ${DeliveryAction.WITHDRAW} or d.destination <> ? or m.kind = 1
                        or (r.non_public is false and m.payload is not null)
                   then 1 else 4 end as state
         from deliveries d join messages m on m.seq = d.message_seq
         left join records r on r.kind = m.record_kind and r.owner_org = m.owner_org
                            and r.business_key = m.business_key
        where (${CHOSEN_DEAD}) or (${CHOSEN_WAITING})
        order by d.id limit ? for update of d)
     update deliveries d
        set state = chosen.state, next_attempt_at = null,
            defects = case when dead then 0 else d.defects end,
            replayed_by = case when dead then ?::text else d.replayed_by end,
            replay_reason = case when dead then nullif(?::text, '') else d.replay_reason end,
            replayed_at = case when dead then now() else d.replayed_at end,
            settled_at = case when chosen.state = 4 then now() end
       from chosen where d.id = chosen.id
     returning d.destination, d.lane, d.state`,
    [
      ...[nationalNode, choice.ids, choice.ids, choice.destination, choice.ids, choice.limit],
      ...[choice.by, choice.reason],
    ],
  );
  return {
    reopened: rows.filter((row) => row.state === 1),
    heldBack: rows.filter((row) => row.state === 4).length,
  };
}

/**
 * Ends a replay: what was opened again for a destination and has not been sent since is a dead letter
 * again, with the reason it had. What is on its way goes on. Returns how many.
 */
export async function stopReplay(
  db: Db,
  { ids, destination, limit }: ReopenChoice,
): Promise<number> {
  const { rowCount } = await query(
    db,
    `update deliveries d set state = 3, settled_at = now(), next_attempt_at = null
      where d.id in (
              select id from deliveries
               where state = 1 and replayed_by is not null and last_reason <> 0
                 and case when cardinality(?::bigint[]) > 0
                          then id = any(?::bigint[]) else destination = ? end
               order by id limit ? for update)
        and d.state = 1 and d.last_reason <> 0`,
    [ids, ids, destination, limit],
  );
  return rowCount;
}

/** Dead letters that the same choice would still find. */
export async function countDead(db: Db, choice: ReopenChoice): Promise<number> {
  const { rows } = await query<{ n: number }>(
    db,
    `select count(*) as n from deliveries d where ${CHOSEN_DEAD}`,
    [choice.ids, choice.ids, choice.destination],
  );
  return rows[0]?.n ?? 0;
}
