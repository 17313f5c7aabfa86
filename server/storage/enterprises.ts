import { normaliseName } from '../domain/identifiers/text.js';
import type { Enterprise, ToldDepartment } from '../domain/registration/enterprise.js';
import { Columns, textArray } from './columns.js';
import { query, queryPrepared, type Db } from './database.js';

interface EnterpriseRow {
  uscc: string;
  pripid: string;
  reg_no: string;
  ent_name: string;
  former_names: string[];
  reg_state: string;
  reg_org: string;
  reg_org_name: string;
  home_node: string;
  business_key: string;
  record_version: number;
  effective_date: string;
  cancelled: boolean;
  ftz: boolean;
  permit_items: string[];
  items_since: Record<string, string>;
  items_since_seq: number;
  told: ToldDepartment[];
  message_seq: number;
  updated_at: Date;
}

/** An enterprise as read, with the time of its last change here. */
export type StoredEnterprise = Enterprise & { readonly updatedAt: Date };

function fromRow(row: EnterpriseRow): StoredEnterprise {
  return {
    updatedAt: row.updated_at,
    uscc: row.uscc,
    pripid: row.pripid,
    regNo: row.reg_no,
    entName: row.ent_name,
    formerNames: row.former_names,
    regState: row.reg_state,
    regOrg: row.reg_org,
    regOrgName: row.reg_org_name,
    homeNode: row.home_node,
    businessKey: row.business_key,
    recordVersion: row.record_version,
    effectiveDate: row.effective_date,
    cancelled: row.cancelled,
    ftz: row.ftz,
    permitItems: row.permit_items,
    // A process of a version before this changed the enterprise and not what this is of.
    itemsSince: row.items_since_seq === row.message_seq ? row.items_since : {},
    told: row.told,
    messageSeq: row.message_seq,
  };
}

const COLUMNS = `uscc, pripid, reg_no, ent_name, former_names, reg_state, reg_org, reg_org_name,
  home_node, business_key, record_version, effective_date, cancelled, ftz, permit_items, items_since,
  items_since_seq, told, message_seq, updated_at`;

/**
 * Enterprises with one of these codes, or one of these old registration numbers. In a transaction
 * {@link BY_INDEX}.
 */
export async function findEnterprises(
  db: Db,
  usccs: readonly string[],
  regNos: readonly string[],
): Promise<StoredEnterprise[]> {
  const { rows } = await queryPrepared<EnterpriseRow>(
    db,
    'find enterprises',
    `select ${COLUMNS} from enterprises
      where uscc = any(?::text[]) or (reg_no <> '' and reg_no = any(?::text[]))`,
    [textArray(usccs), textArray(regNos)],
  );
  return rows.map(fromRow);
}

/** The enterprise with this code; undefined when the node does not know it. */
export async function findEnterprise(db: Db, uscc: string): Promise<StoredEnterprise | undefined> {
  const { rows } = await query<EnterpriseRow>(
    db,
    `select ${COLUMNS} from enterprises where uscc = ?`,
    [uscc],
  );
  return rows.map(fromRow)[0];
}

/** Pairs of neighbouring characters of a normalised name: the index by which any part is found. */
export function nameGrams(name: string): string[] {
  const characters = [...normaliseName(name)];
  return characters.slice(1).map((character, index) => `${characters[index] ?? ''}${character}`);
}

function namesOf({ entName, formerNames }: Enterprise): string[] {
  return [entName, ...formerNames];
}

/** Writes the current state of a batch of enterprises. */
export async function upsertEnterprises(
  db: Db,
  enterprises: readonly Enterprise[],
  nowMs: number,
): Promise<void> {
  if (enterprises.length === 0) return;
  const column = new Columns(enterprises);
  await queryPrepared(
    db,
    'upsert enterprises',
    `insert into enterprises (uscc, pripid, reg_no, ent_name, match_names, former_names, name_grams,
            reg_state, reg_org, reg_org_name, home_node, business_key, record_version,
            effective_date, cancelled, ftz, permit_items, items_since, items_since_seq, told, message_seq,
            updated_at)
     select uscc, pripid, reg_no, ent_name, match_names::text[], former_names::text[],
            name_grams::text[], reg_state, reg_org, reg_org_name, home_node, business_key,
            record_version, effective_date, cancelled, ftz, permit_items::text[], items_since, message_seq, told,
            message_seq, to_timestamp(?::double precision / 1000)
       from unnest(?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::text[],
                   ?::text[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[],
                   ?::text[], ?::boolean[], ?::boolean[], ?::text[], ?::jsonb[], ?::jsonb[], ?::bigint[])
         as x(uscc, pripid, reg_no, ent_name, match_names, former_names, name_grams, reg_state,
              reg_org, reg_org_name, home_node, business_key, record_version, effective_date,
              cancelled, ftz, permit_items, items_since, told, message_seq)
     on conflict (uscc) do update set
       pripid = excluded.pripid, reg_no = excluded.reg_no, ent_name = excluded.ent_name,
       match_names = excluded.match_names, former_names = excluded.former_names,
       name_grams = excluded.name_grams, reg_state = excluded.reg_state, reg_org = excluded.reg_org,
       reg_org_name = excluded.reg_org_name, home_node = excluded.home_node,
       business_key = excluded.business_key, record_version = excluded.record_version,
       effective_date = excluded.effective_date, cancelled = excluded.cancelled, ftz = excluded.ftz,
       permit_items = excluded.permit_items, items_since = excluded.items_since,
       items_since_seq = excluded.items_since_seq, told = excluded.told, message_seq = excluded.message_seq, updated_at = excluded.updated_at`,
    [
      nowMs,
      column.text((e) => e.uscc),
      column.text((e) => e.pripid),
      column.text((e) => e.regNo),
      column.text((e) => e.entName),
      column.texts((e) => namesOf(e).map(normaliseName)),
      column.texts((e) => e.formerNames),
      column.texts((e) => [...new Set(namesOf(e).flatMap(nameGrams))]),
      column.text((e) => e.regState),
      column.text((e) => e.regOrg),
      column.text((e) => e.regOrgName),
      column.text((e) => e.homeNode),
      column.text((e) => e.businessKey),
      column.int8((e) => e.recordVersion),
      column.text((e) => e.effectiveDate),
      column.bool((e) => e.cancelled),
      column.bool((e) => e.ftz),
      column.texts((e) => e.permitItems),
      column.jsonb((e) => e.itemsSince),
      column.jsonb((e) => e.told),
      column.int8((e) => e.messageSeq),
    ],
  );
}
