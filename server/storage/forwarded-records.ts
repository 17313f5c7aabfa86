import type { RecordKey } from '../domain/message.js';
import { FORWARDING_RULE } from '../domain/routing/table.js';
import { query, type Db } from './database.js';

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
