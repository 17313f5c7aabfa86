import type { Standing } from '../domain/access/neighbours-word.js';
import { recordKeyText, type RecordKey } from '../domain/message.js';
import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Columns } from './columns.js';
import { query, type Db } from './database.js';

interface StandingRow extends RecordKey {
  readonly known: boolean;
  readonly party: boolean;
}

/**
 * What a province has to do with each of these records, by {@link recordKeyText}. It is party to what it
 * delivered, took in or attributed, and to what was sent to it, however long ago, or is on its way.
 * Of a record that was withdrawn before anything of it came, nobody knows whose it is.
 */
export async function standingsOf(
  db: Db,
  node: string,
  keys: readonly RecordKey[],
): Promise<Map<string, Standing>> {
  if (keys.length === 0) return new Map();
  const column = new Columns(keys);
  const { rows } = await query<StandingRow>(
    db,
    `select k.kind, k.owner_org as "ownerOrg", k.business_key as "businessKey",
            r.kind is not null and (r.state <> 3 or r.source_node <> '') as known,
            coalesce(? in (r.origin, r.source_node, r.named_by), false)
            or exists (select 1 from messages m
                        where m.record_kind <> 0 and m.record_kind = k.kind and m.owner_org = k.owner_org
                          and m.business_key = k.business_key and m.origin = ?)
            or exists (select 1 from messages m join all_deliveries d on d.message_seq = m.seq
                        where m.record_kind <> 0 and m.record_kind = k.kind and m.owner_org = k.owner_org
                          and m.business_key = k.business_key and d.destination = ?
                          and d.action = ${DeliveryAction.CARRY})
            or exists (select 1 from record_reach h
                        where h.record_kind = k.kind and h.owner_org = k.owner_org
                          and h.business_key = k.business_key and h.destination = ?) as party
       from (select distinct * from unnest(?::smallint[], ?::text[], ?::text[])
               as k(kind, owner_org, business_key)) as k
       left join records r using (kind, owner_org, business_key)`,
    [
      ...[node, node, node, node],
      column.int2((key) => key.kind),
      column.text((key) => key.ownerOrg),
      column.text((key) => key.businessKey),
    ],
  );
  return new Map(
    rows.map((row) => [
      recordKeyText(row),
      row.known ? (row.party ? 'party' : 'stranger') : 'unknown',
    ]),
  );
}
