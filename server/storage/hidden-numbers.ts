import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { RecordKey } from '../domain/message.js';
import { endingOf } from '../domain/record/citation.js';
import { Columns, textArray } from './columns.js';
import { query, type Db } from './database.js';

/** A licence, as far as its key tells. */
export type LicenceKey = Pick<RecordKey, 'ownerOrg' | 'businessKey'>;

/** A number, in normal form, that a licence has or had. */
export interface LicenceNumber extends LicenceKey {
  readonly number: string;
}

/** The stored content of one version of a licence. */
export interface LicenceContent extends LicenceKey {
  readonly payload: Buffer;
}

/** Every version of these licences that is still stored, in no order. */
export async function licenceContents(
  db: Db,
  licences: readonly LicenceKey[],
): Promise<LicenceContent[]> {
  if (licences.length === 0) return [];
  const column = new Columns(licences);
  const { rows } = await query<LicenceContent>(
    db,
    `select m.owner_org as "ownerOrg", m.business_key as "businessKey", m.payload
       from (select distinct * from unnest(?::text[], ?::text[]) as k(owner_org, business_key)) as k
       join messages m on m.record_kind = ${MessageKind.LICENCE} and m.kind = ${MessageKind.LICENCE}
                      and m.owner_org = k.owner_org and m.business_key = k.business_key
      where m.payload is not null`,
    [column.text((one) => one.ownerOrg), column.text((one) => one.businessKey)],
  );
  return rows;
}

/** Keeps numbers of licences that are not public; answers those that were not kept before. */
export async function insertHiddenNumbers(
  db: Db,
  numbers: readonly LicenceNumber[],
): Promise<LicenceNumber[]> {
  if (numbers.length === 0) return [];
  const column = new Columns(numbers);
  const { rows } = await query<LicenceNumber>(
    db,
    `insert into hidden_numbers (owner_org, business_key, number, ending)
     select distinct * from unnest(?::text[], ?::text[], ?::text[], ?::text[])
         as x(owner_org, business_key, number, ending)
      order by 1, 2, 3
     on conflict do nothing
     returning owner_org as "ownerOrg", business_key as "businessKey", number`,
    [
      column.text((one) => one.ownerOrg),
      column.text((one) => one.businessKey),
      column.text((one) => one.number),
      column.text((one) => endingOf(one.number)),
    ],
  );
  return rows;
}

/** Numbers of licences that are not public now, in normal form, by these endings, each once. */
export async function findHiddenNumbers(db: Db, endings: readonly string[]): Promise<string[]> {
  if (endings.length === 0) return [];
  const { rows } = await query<{ number: string }>(
    db,
    `select distinct n.number
       from hidden_numbers n
       join records l on l.kind = ${MessageKind.LICENCE} and l.owner_org = n.owner_org
                     and l.business_key = n.business_key
      where n.ending = any(?::text[]) and l.non_public`,
    [textArray([...new Set(endings)])],
  );
  return rows.map((row) => row.number);
}

/** Forgets the numbers of licences, and the citations of records, that were withdrawn (D7). */
export async function forgetWithdrawn(db: Db, keys: readonly RecordKey[]): Promise<void> {
  if (keys.length === 0) return;
  const column = new Columns(keys);
  const named = [
    column.int2((key) => key.kind),
    column.text((key) => key.ownerOrg),
    column.text((key) => key.businessKey),
  ];
  const keyed = 'unnest(?::smallint[], ?::text[], ?::text[]) as k(kind, owner_org, business_key)';
  await query(
    db,
    `delete from hidden_numbers n using ${keyed}
      where k.kind = ${MessageKind.LICENCE} and n.owner_org = k.owner_org
        and n.business_key = k.business_key`,
    named,
  );
  await query(
    db,
    `delete from citations c using ${keyed}, messages m
      where m.record_kind = k.kind and m.record_kind <> 0 and m.owner_org = k.owner_org
        and m.business_key = k.business_key and c.message_seq = m.seq`,
    named,
  );
}

/** Licences that are not public, in the order of their keys, after the last one seen. */
export async function listHiddenLicences(
  db: Db,
  after: LicenceKey,
  limit: number,
): Promise<LicenceKey[]> {
  const { rows } = await query<LicenceKey>(
    db,
    `select owner_org as "ownerOrg", business_key as "businessKey" from records
      where kind = ${MessageKind.LICENCE} and non_public and state <> 3
        and (owner_org, business_key) > (?, ?)
      order by owner_org, business_key limit ?`,
    [after.ownerOrg, after.businessKey, limit],
  );
  return rows;
}
