import type { Lane } from '../domain/lane.js';
import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { Knex } from 'knex';
import { query, type Db } from './database.js';
import { bringBackDeliveries } from './history-moves.js';
import type { MessageId } from './messages.js';

/** What a comparison with a peer found and did. */
export interface Reconciliation {
  readonly peer: string;
  readonly fromDate: string;
  readonly toDate: string;
  /** Messages on this side. */
  readonly compared: number;
  readonly missingThere: number;
  readonly missingHere: number;
  readonly different: number;
  /** Deliveries opened again to mend what is missing there. */
  readonly resent: number;
}

/** Keeps the report of a comparison. */
export async function saveReconciliation(db: Db, report: Reconciliation): Promise<void> {
  await query(
    db,
    `insert into reconciliations (at, peer, from_date, to_date, compared, missing_there,
            missing_here, different, resent)
     values (now(), ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      report.peer,
      report.fromDate,
      report.toDate,
      report.compared,
      report.missingThere,
      report.missingHere,
      report.different,
      report.resent,
    ],
  );
}

/** A kept report and when it was made. */
export type StoredReconciliation = Reconciliation & { readonly at: Date };

/** The newest reports, newest first. */
export async function listReconciliations(db: Db, limit: number): Promise<StoredReconciliation[]> {
  const { rows } = await query<StoredReconciliation>(
    db,
    `select at, peer, from_date as "fromDate", to_date as "toDate", compared,
            missing_there as "missingThere", missing_here as "missingHere", different, resent
       from reconciliations order by id desc limit ?`,
    [limit],
  );
  return rows;
}

/**
 * Opens acknowledged deliveries of these messages to a peer again, of history too. They pass the second gate like
 * all others, and what the peer has already changes nothing there. Returns the lanes to wake.
 */
export async function reopenAcknowledged(
  knex: Knex,
  peer: string,
  ids: readonly MessageId[],
): Promise<Lane[]> {
  const missing = `d.destination = ? and d.state = 2 and d.action = ${DeliveryAction.CARRY}
        and d.message_seq in (
              select m.seq from unnest(?::text[], ?::text[]) as k(source_node, message_id)
                join messages m using (source_node, message_id))`;
  const values = [peer, ids.map((id) => id.sourceNode), ids.map((id) => id.messageId)];
  return knex.transaction(async (trx) => {
    await bringBackDeliveries(trx, missing, values);
    const { rows } = await query<Lane>(
      trx,
      `update deliveries d set state = 1, next_attempt_at = null, settled_at = null, defects = 0
        where ${missing} returning d.destination, d.lane`,
      values,
    );
    return rows;
  });
}
