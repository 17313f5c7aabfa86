import type { UnattributedReason } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { Party, RecordKind } from '../domain/message.js';
import { normaliseName } from '../domain/identifiers/text.js';
import { query, type Db } from './database.js';
import { SUMMARY_COLUMNS, type EnterpriseSummaryRow } from './enterprise-search.js';
import { nameGrams } from './enterprises.js';

/** A place in the work list; records wait longest first. */
export interface WorkListPlace {
  readonly waitingSince: Date;
  readonly kind: number;
  readonly ownerOrg: string;
  readonly businessKey: string;
}

/** A record that waits for a person. */
export interface WaitingRecord extends WorkListPlace {
  readonly kind: RecordKind;
  readonly messageId: string;
  readonly sourceNode: string;
  readonly party: Party;
  readonly reason: UnattributedReason;
}

/** Whether the record of a table alias is in the work list; one that was sent back has left it. */
export function isWaiting(r: string): string {
  return `${r}.naming = 1 and ${r}.naming_reason <> 0 and ${r}.state = 1 and ${r}.sent_back = ''`;
}

/** The next records of the work list (R29). `reason` 0: all. */
export async function listWaiting(
  db: Db,
  reason: UnattributedReason,
  after: WorkListPlace | undefined,
  limit: number,
): Promise<WaitingRecord[]> {
  const { rows } = await query<WaitingRecord>(
    db,
    `select kind, owner_org as "ownerOrg", business_key as "businessKey",
            message_id as "messageId", source_node as "sourceNode", counterpart as party,
            naming_reason as reason, waiting_since as "waitingSince"
       from records r
      where ${isWaiting('r')} and (?::int = 0 or naming_reason = ?::int)
        and (waiting_since, kind, owner_org, business_key)
            > (coalesce(?::timestamptz, '-infinity'), ?::int, ?::text, ?::text)
      order by waiting_since, kind, owner_org, business_key limit ?`,
    [
      ...[reason, reason, after?.waitingSince.toISOString() ?? null],
      ...[after?.kind ?? 0, after?.ownerOrg ?? '', after?.businessKey ?? '', limit],
    ],
  );
  return rows;
}

/** How many records wait for a person to name them (R29). */
export async function countWaiting(db: Db): Promise<number> {
  const { rows } = await query<{ n: number }>(
    db,
    `select count(*) as n from records r where ${isWaiting('r')}`,
  );
  return rows[0]?.n ?? 0;
}

/** Enterprises looked at per half of a name; a common half would bring thousands. */
const LOOKED_AT = 100;

/** Halves of a name as index keys: one wrong character spoils one half and leaves the other. */
function halvesOf(name: string): { first: string[] | null; second: string[] | null } {
  const characters = [...normaliseName(name)];
  const middle = Math.ceil(characters.length / 2);
  const grams = (part: string[]): string[] | null =>
    part.length < 2 ? null : nameGrams(part.join(''));
  return { first: grams(characters.slice(0, middle)), second: grams(characters.slice(middle)) };
}

/** An enterprise suggested for one of the parties asked about. */
export interface CandidateRow extends EnterpriseSummaryRow {
  /** Index of the party. */
  readonly position: number;
}

/**
 * Enterprises a person may choose from, best first, for many records in one statement: the same
 * code, the same old number, then names that share a half, by how much they share. Suggestions
 * only: nothing is ever attributed by likeness (VR25).
 */
export async function suggestEnterprises(
  db: Db,
  parties: readonly Party[],
  perParty: number,
): Promise<CandidateRow[]> {
  const asked = parties.map((party, position) => ({
    position,
    uscc: party.uscc,
    reg_no: party.regNo,
    grams: nameGrams(party.entName),
    ...halvesOf(party.entName),
  }));
  const { rows } = await query<CandidateRow>(
    db,
    `select k.position, best."uscc", best."entName", best."regState", best."regOrgName",
            best."homeNode"
       from jsonb_to_recordset(?::jsonb)
              as k(position int, uscc text, reg_no text, grams text[], first text[], second text[])
      cross join lateral (
        select ${SUMMARY_COLUMNS}, row_number() over (
                 order by (e.uscc = k.uscc) desc, (k.reg_no <> '' and e.reg_no = k.reg_no) desc,
                          (select count(*) from unnest(e.name_grams) as gram
                            where gram = any(k.grams)) desc,
                          char_length(e.ent_name), e.uscc) as place
          from (select * from enterprises where uscc = any(array(
                 (select uscc from enterprises where uscc = k.uscc)
                  union
                 (select uscc from enterprises where reg_no <> '' and reg_no = k.reg_no limit ?)
                  union
                 (select uscc from enterprises where name_grams @> k.first limit ?)
                  union
                 (select uscc from enterprises where name_grams @> k.second limit ?)))) as e
         order by place limit ?) as best
      order by k.position, best.place`,
    [JSON.stringify(asked), LOOKED_AT, LOOKED_AT, LOOKED_AT, perParty],
  );
  return rows;
}
