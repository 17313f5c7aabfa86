import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { RecordKey, RecordKind } from '../domain/message.js';
import { Columns } from './columns.js';
import { query, type Db } from './database.js';
import { standingAt } from './sent-copies.js';

/** A stored message with the ending of something that may be a licence number. */
export interface Citation {
  readonly ending: string;
  readonly messageSeq: number;
}

/** Keeps what messages cite. */
export async function insertCitations(db: Db, citations: readonly Citation[]): Promise<void> {
  if (citations.length === 0) return;
  const column = new Columns(citations);
  await query(
    db,
    `insert into citations (ending, message_seq)
     select * from unnest(?::text[], ?::bigint[]) on conflict do nothing`,
    [column.text((one) => one.ending), column.int8((one) => one.messageSeq)],
  );
}

type LicenceKey = Pick<RecordKey, 'ownerOrg' | 'businessKey'>;

/** Notes licences whose citations have to be looked for among what has gone up. */
export async function insertCitationRecalls(
  db: Db,
  licences: readonly LicenceKey[],
): Promise<void> {
  if (licences.length === 0) return;
  const column = new Columns(licences);
  await query(
    db,
    `insert into citation_recalls (owner_org, business_key)
     select * from unnest(?::text[], ?::text[])`,
    [column.text((one) => one.ownerOrg), column.text((one) => one.businessKey)],
  );
}

/** Takes noted licences, oldest first, kept from other processes until the transaction ends. */
export async function takeCitationRecalls(
  db: Db,
  limit: number,
): Promise<(LicenceKey & { readonly id: number })[]> {
  const { rows } = await query<LicenceKey & { id: number }>(
    db,
    `select id, owner_org as "ownerOrg", business_key as "businessKey"
       from citation_recalls order by id limit ? for update skip locked`,
    [limit],
  );
  return rows;
}

/** They are done. */
export async function deleteCitationRecalls(db: Db, ids: readonly number[]): Promise<void> {
  await query(db, 'delete from citation_recalls where id = any(?::bigint[])', [ids]);
}

/** A message that may cite a licence, of which the destination was sent a copy. */
export interface SentMessage {
  readonly seq: number;
  readonly kind: RecordKind;
  readonly ownerOrg: string;
  readonly businessKey: string;
  /** The enterprise, as the record is held now. */
  readonly entity: string;
  readonly payload: Buffer;
  /** SHA-256 of the rewritten copy that it holds; empty: not known; null: sent as it is stored. */
  readonly copy: Buffer | null;
}

const KINDS = `${MessageKind.INSPECTION}, ${MessageKind.PENALTY}`;

/**
 * Inspections and penalties that may cite one of these licences, of which the destination may hold
 * what was sent to it: an attempt was made, and nothing withdrew it since; in months that are
 * detached, of any version. By the endings of the licences' numbers; those of before citations were
 * kept, by the licences' enterprises. What the destination brought here itself never comes. In the
 * order of their numbers, after the last seen.
 */
export async function findSentCiting(
  db: Db,
  licences: readonly LicenceKey[],
  destination: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<SentMessage[]> {
  if (licences.length === 0) return [];
  const column = new Columns(licences);
  const { rows } = await query<SentMessage>(
    db,
    `with licences as (
       select l.* from unnest(?::text[], ?::text[]) as k(owner_org, business_key)
         join records l on l.kind = ${MessageKind.LICENCE} and l.owner_org = k.owner_org
                       and l.business_key = k.business_key
        where l.non_public),
     citing as (
       select c.message_seq as seq
         from licences l
         join hidden_numbers n on n.owner_org = l.owner_org and n.business_key = l.business_key
         join citations c on c.ending = n.ending
        union
       select m.seq
         from licences l
         join records r on r.uscc = l.uscc and r.kind in (${KINDS})
         join messages m on m.record_kind = r.kind and m.record_kind <> 0
                        and m.owner_org = r.owner_org and m.business_key = r.business_key
        where l.uscc is not null
        union
       select m.seq
         from licences l
         join records r on r.naming = 1 and r.entity = l.entity and r.kind in (${KINDS})
         join messages m on m.record_kind = r.kind and m.record_kind <> 0
                        and m.owner_org = r.owner_org and m.business_key = r.business_key)
     select m.seq, m.kind, m.owner_org as "ownerOrg", m.business_key as "businessKey",
            r.entity, m.payload, s.copy
       from citing
       join messages m on m.seq = citing.seq and m.kind in (${KINDS})
       join records r on r.kind = m.record_kind and r.owner_org = m.owner_org
                     and r.business_key = m.business_key
      cross join (select ?::text as destination) as asked
      cross join lateral ${standingAt('asked.destination', 'm')} as standing
       left join sent_copies s on s.message_seq = m.seq and s.destination = asked.destination
      where m.seq > ? and m.payload is not null and m.origin <> asked.destination
        and not r.non_public and r.state <> 3
        and (standing.reached or exists (
          select 1 from all_deliveries d
           where d.message_seq = m.seq and d.destination = asked.destination and d.attempts > 0
             and d.action = ${DeliveryAction.CARRY} and d.id > standing.withdrawn))
      order by m.seq limit ?`,
    [
      column.text((one) => one.ownerOrg),
      column.text((one) => one.businessKey),
      ...[destination, after, limit],
    ],
  );
  return rows;
}

/** The rule by which a message went to a destination; absent: by none that is still seen. */
export async function rulesOfCarriage(
  db: Db,
  messageSeqs: readonly number[],
  destination: string,
): Promise<ReadonlyMap<number, string>> {
  const { rows } = await query<{ seq: number; rule: string }>(
    db,
    `select distinct on (message_seq) message_seq as seq, rule from all_deliveries
      where message_seq = any(?::bigint[]) and destination = ?
        and action = ${DeliveryAction.CARRY}
      order by message_seq, id desc`,
    [messageSeqs, destination],
  );
  return new Map(rows.map(({ seq, rule }) => [seq, rule]));
}
