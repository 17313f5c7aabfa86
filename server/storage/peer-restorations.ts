import type { Lane } from '../domain/lane.js';
import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { PlannedDelivery } from '../domain/decision/decision.js';
import { GIVEN_BACK } from '../domain/restoration.js';
import type { Knex } from 'knex';
import { query, type Db } from './database.js';
import { bringBackDeliveries } from './history-moves.js';
import type { Restoration } from './restorations.js';

/** A neighbour's restoration, with what is still to be given back. */
export interface PeerRestoration {
  readonly node: string;
  readonly restoredAt: Date;
  readonly backupUntil: Date | null;
  readonly lastDelivery: number;
  readonly lastMessage: number;
}

/** Notes a neighbour's restoration; false when it was known. */
export async function notePeerRestoration(
  db: Db,
  node: string,
  { restoredAt, backupUntil }: Pick<Restoration, 'restoredAt' | 'backupUntil'>,
): Promise<boolean> {
  const { rowCount } = await query(
    db,
    `insert into peer_restorations (node, restored_at, backup_until) values (?, ?, ?)
     on conflict do nothing`,
    [node, restoredAt.toISOString(), backupUntil?.toISOString() ?? null],
  );
  return rowCount > 0;
}

/**
 * One that is not finished, of another node than these, kept from other processes until the
 * transaction ends.
 */
export async function takePeerRestoration(
  db: Db,
  others: readonly string[],
): Promise<PeerRestoration | undefined> {
  const { rows } = await query<PeerRestoration>(
    db,
    `select node, restored_at as "restoredAt", backup_until as "backupUntil",
            last_delivery as "lastDelivery", last_message as "lastMessage"
       from peer_restorations where finished_at is null and node <> all(?::text[])
      order by restored_at limit 1 for update skip locked`,
    [others],
  );
  return rows[0];
}

/** Whether a neighbour is still being given back what it lost. */
export async function isGivingBack(db: Db): Promise<boolean> {
  const { rows } = await query(
    db,
    'select 1 from peer_restorations where finished_at is null limit 1',
  );
  return rows.length > 0;
}

/** How far a turn came, and what it did. */
export interface Progress {
  readonly lastDelivery: number;
  readonly lastMessage: number;
  readonly sentAgain: number;
  readonly givenBack: number;
  readonly finished: boolean;
}

/** Keeps how far a turn came. */
export async function saveProgress(
  db: Db,
  { node, restoredAt }: PeerRestoration,
  done: Progress,
): Promise<void> {
  await query(
    db,
    `update peer_restorations
        set last_delivery = ?, last_message = ?, sent_again = sent_again + ?,
            given_back = given_back + ?, finished_at = case when ? then now() end
      where node = ? and restored_at = ?`,
    [
      done.lastDelivery,
      done.lastMessage,
      done.sentAgain,
      done.givenBack,
      done.finished,
      node,
      restoredAt.toISOString(),
    ],
  );
}

/** Rows looked at in one turn, and the time of which they are. */
export interface Window {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly rows: number;
}

/**
 * Opens again what a neighbour acknowledged in the time that its backup does not hold, among the next
 * deliveries, of history too; also withdrawals, so that nothing stays public there that is not (R55).
 * All pass the second gate once more.
 */
export async function reopenWindow(
  db: Knex.Transaction,
  peer: PeerRestoration,
  { fromMs, untilMs, rows: count }: Window,
): Promise<{
  readonly looked: number;
  readonly last: number;
  readonly opened: readonly Lane[];
}> {
  const { rows } = await query<{ looked: number; last: number | null }>(
    db,
    `select count(*) as looked, max(id) as last from (
       select id from all_deliveries where id > ? order by id limit ?) as next`,
    [peer.lastDelivery, count],
  );
  const looked = rows[0]?.looked ?? 0;
  const last = rows[0]?.last ?? peer.lastDelivery;
  const lost = `d.id > ? and d.id <= ? and d.destination = ? and d.state = 2
        and d.settled_at between to_timestamp(?::double precision / 1000)
                             and to_timestamp(?::double precision / 1000)`;
  const values = [peer.lastDelivery, last, peer.node, fromMs, untilMs];
  await bringBackDeliveries(db, lost, values);
  const { rows: opened } = await query<Lane>(
    db,
    `update deliveries d set state = 1, next_attempt_at = null, settled_at = null, defects = 0
      where ${lost} returning d.destination, d.lane`,
    values,
  );
  return { looked, last, opened };
}

interface LostRow {
  readonly seq: number;
  readonly withdrawn: boolean;
  readonly kind: MessageKind;
  readonly entity: string;
  readonly revision: number;
}

/**
 * Whether a message is of a record that the neighbour reported and this node holds as not public (alias `r`).
 * Of such a record nothing goes up (R55): not even the change that says so.
 */
const HIDDEN = 'coalesce(r.non_public and r.state <> 3, false)';

/**
 * What the neighbour itself reported in that time, among the next messages, as deliveries back to it:
 * the messages, and the withdrawals of records that it does not know to be withdrawn any more. What
 * was delivered to it as well is opened again and not given back.
 *
 * `upward`: to the national node, to which no content of what is not public may go. Instead of it a
 * withdrawal does, of every record of which the state here changed since its backup: whether the mark came
 * as a change, in a version, or with a version that was here before can not be told from the messages.
 */
export async function lostReports(
  db: Db,
  { node, lastMessage }: PeerRestoration,
  { fromMs, untilMs, rows: count }: Window,
  upward: boolean,
): Promise<{ readonly last: number; readonly deliveries: readonly PlannedDelivery[] }> {
  const { rows } = await query<LostRow>(
    db,
    `select m.seq, m.payload is null as withdrawn,
            case when m.payload is null then m.record_kind else m.kind end as kind, m.entity,
            coalesce(r.publicity_revision, 0) as revision
       from messages m
       left join records r on r.kind = m.record_kind and r.owner_org = m.owner_org
                          and r.business_key = m.business_key
      where m.seq > ? and m.origin = ? and m.source_node = ?
        and m.accepted_at between to_timestamp(?::double precision / 1000)
                              and to_timestamp(?::double precision / 1000)
        and (m.payload is not null or (r.state = 3 and r.message_seq = m.seq
                                       and m.kind = ${MessageKind.PUBLICITY_CHANGE}))
        and not (? and ${HIDDEN})
        and not exists (select 1 from all_deliveries d
                         where d.message_seq = m.seq and d.destination = m.origin
                           and d.action = ${DeliveryAction.CARRY})
      union all
     select m.seq, true, r.kind, r.entity, r.publicity_revision
       from records r join messages m on m.seq = r.message_seq
      where ? and ${HIDDEN} and r.message_seq > ? and r.source_node = ?
        and r.updated_at >= to_timestamp(?::double precision / 1000)
      order by 1 limit ?`,
    [
      ...[lastMessage, node, node, fromMs, untilMs, upward],
      ...[upward, lastMessage, node, fromMs, count],
    ],
  );
  const deliveries = rows.map(({ seq, withdrawn, kind, entity, revision }): PlannedDelivery => ({
    messageSeq: seq,
    destination: node,
    entity,
    action: withdrawn ? 'withdraw' : 'carry',
    kind,
    rule: GIVEN_BACK,
    revision,
    state: 'open',
  }));
  return { last: rows.at(-1)?.seq ?? lastMessage, deliveries };
}
