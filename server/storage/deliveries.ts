import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { MarkNotice, PlannedDelivery, Recall } from '../domain/decision/decision.js';
import { laneOf, type Lane } from '../domain/lane.js';
import type { RuleId } from '../domain/routing/table.js';
import { Columns, textArray } from './columns.js';
import { query, queryPrepared, type Db } from './database.js';

/** States of a delivery, as numbered in the contract. */
const DELIVERY_STATE = { open: 1, acknowledged: 2, dead: 3, 'held-back': 4 } as const;

const ACTION = {
  carry: DeliveryAction.CARRY,
  withdraw: DeliveryAction.WITHDRAW,
} as const;

/** Opens a batch of deliveries, one row per message and destination. */
export async function insertDeliveries(
  db: Db,
  deliveries: readonly PlannedDelivery[],
  nowMs: number,
): Promise<void> {
  if (deliveries.length === 0) return;
  const column = new Columns(deliveries);
  await queryPrepared(
    db,
    'insert into deliveries',
    `insert into deliveries (message_seq, destination, entity, lane, action, kind, rule, revision,
            state, created_at, settled_at)
     select x.*, to_timestamp(?::double precision / 1000),
            case when state = 4 then to_timestamp(?::double precision / 1000) end
       from unnest(?::bigint[], ?::text[], ?::text[], ?::smallint[], ?::smallint[], ?::smallint[],
                   ?::text[], ?::bigint[], ?::smallint[])
         as x(message_seq, destination, entity, lane, action, kind, rule, revision, state)`,
    [
      nowMs,
      nowMs,
      column.int8((d) => d.messageSeq),
      column.text((d) => d.destination),
      column.text((d) => d.entity),
      column.int2((d) => laneOf(d.entity)),
      column.int2((d) => ACTION[d.action]),
      column.int2((d) => d.kind),
      column.text((d) => d.rule),
      column.int8((d) => d.revision),
      column.int2((d) => DELIVERY_STATE[d.state]),
    ],
  );
}

const OF_RECORD = `message_seq in (select seq from messages
      where record_kind = ? and owner_org = ? and business_key = ?)`;

/**
 * Tells of a record's mark every node to which the record went, however long ago, or is on its way
 * (F20). Returns the lanes to wake.
 */
export async function tellOfMark(
  db: Db,
  { key, besides, messageSeq, entity, kind, rule, revision }: MarkNotice,
  nowMs: number,
): Promise<Lane[]> {
  const ofRecord = [key.kind, key.ownerOrg, key.businessKey];
  const { rows } = await query<Lane>(
    db,
    `insert into deliveries (message_seq, destination, entity, lane, action, kind, rule, revision,
            state, created_at)
     select ?, destination, ?, ?, ${DeliveryAction.CARRY}, ?, ?, ?, 1,
            to_timestamp(?::double precision / 1000)
       from (select destination from all_deliveries
              where action = ${DeliveryAction.CARRY} and kind = ?
                and (state <> 4 or attempts > 0) and ${OF_RECORD}
              union
             select destination from record_reach
              where record_kind = ? and owner_org = ? and business_key = ? and reached) as told
      where destination <> all(?::text[])
     returning destination, lane`,
    [
      ...[messageSeq, entity, laneOf(entity), kind, rule, revision, nowMs],
      ...[key.kind, ...ofRecord, ...ofRecord, textArray(besides)],
    ],
  );
  return rows;
}

/** The row that would have kept a record here which is called back from where it went. */
const CALLED_BACK_BY: RuleId = 'UP-HELD-BACK';

/**
 * Calls a record back (D7): what has not left is held back for good; to every node where an
 * attempt was made, however long ago, and to the one that brought it, a content-free withdrawal
 * follows (R55). Returns the lanes to wake.
 */
export async function recallRecord(db: Db, recall: Recall, nowMs: number): Promise<Lane[]> {
  const { key } = recall;
  const ofRecord = [key.kind, key.ownerOrg, key.businessKey];
  await query(
    db,
    `update deliveries set state = 4, settled_at = to_timestamp(?::double precision / 1000)
      where state in (1, 3) and action = ${DeliveryAction.CARRY} and kind = ? and ${OF_RECORD}`,
    [nowMs, key.kind, ...ofRecord],
  );
  const { rows } = await query<Lane>(
    db,
    `insert into deliveries (message_seq, destination, entity, lane, action, kind, rule, revision,
            state, created_at)
     select ?, destination, ?, ?, ${DeliveryAction.WITHDRAW}, ?, '${CALLED_BACK_BY}', ?, 1,
            to_timestamp(?::double precision / 1000)
       from (select destination from all_deliveries
              where action = ${DeliveryAction.CARRY} and kind = ? and attempts > 0 and ${OF_RECORD}
              union
             select destination from record_reach
              where record_kind = ? and owner_org = ? and business_key = ? and reached
             union
             select ?::text) as concerned
      where destination is not null and destination is distinct from ?
     returning destination, lane`,
    [
      recall.messageSeq,
      recall.entity,
      laneOf(recall.entity),
      key.kind,
      recall.revision,
      nowMs,
      key.kind,
      ...ofRecord,
      ...ofRecord,
      recall.cameFrom ?? null,
      recall.except ?? null,
    ],
  );
  return rows;
}

/**
 * Whether a delivery of an alias is about a mark: a withdrawal, or a change of the mark. Such a one
 * waits for nobody and keeps nobody else waiting: the revision of the mark tells what counts, in
 * whatever order they come (D7, F20). The words of the index `deliveries_marks`.
 */
export function aboutMark(alias: string): string {
  return `(${alias}.action = ${DeliveryAction.WITHDRAW} or ${alias}.kind = ${MessageKind.PUBLICITY_CHANGE})`;
}
