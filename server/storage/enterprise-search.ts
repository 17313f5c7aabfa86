import type { Sight } from '../domain/access/sight.js';
import { query, type Db } from './database.js';
import { nameGrams } from './enterprises.js';

/** An enterprise as a list shows it. */
export interface EnterpriseSummaryRow {
  readonly uscc: string;
  readonly entName: string;
  readonly regState: string;
  readonly regOrgName: string;
  readonly homeNode: string;
}

/** Columns of {@link EnterpriseSummaryRow}, of the table alias `e`. */
export const SUMMARY_COLUMNS = `e.uscc, e.ent_name as "entName", e.reg_state as "regState",
  e.reg_org_name as "regOrgName", e.home_node as "homeNode"`;

/** Where an enterprise stands in the answer to a search. */
export interface SearchPlace {
  /** 0: the code, number or whole name is what was asked for; 1: a part of a name is. */
  readonly rank: number;
  /** Length of the name in characters. */
  readonly length: number;
  readonly uscc: string;
}

/** What is looked for, each in the form in which it is stored. */
export interface SearchTerms {
  readonly uscc: string;
  readonly regNo: string;
  /** Normalised, two characters or more: the index holds pairs. */
  readonly name: string;
}

/** `isInSight` for the table alias `e`. */
const IN_SIGHT = `(
  e.told @> ?::jsonb
  or ((exists (select 1 from unnest(?::text[]) as start where starts_with(e.home_node, start))
       or exists (select 1 from unnest(?::text[]) as start where starts_with(e.reg_org, start)))
      and (?::text[] is null or e.permit_items && ?::text[]
           or exists (select 1 from jsonb_array_elements(e.told) as told
                       where jsonb_exists_any(told -> 'items', ?::text[])))))`;

function sightValues({ homes, authorities, items, toldTo }: Sight): unknown[] {
  const codes = items ?? null;
  // An empty code is no department's, so it finds nothing.
  return [JSON.stringify([{ code: toldTo }]), homes, authorities, codes, codes, codes];
}

/**
 * Enterprises with this code or number, or with this text in a current or former name (R48): exact
 * ones first, then shorter names, then by code. The pairs find candidates by the index; that they
 * stand together in one name is looked at afterwards. Only those in sight; undefined: all.
 */
export async function searchEnterprises(
  db: Db,
  terms: SearchTerms,
  after: SearchPlace | undefined,
  limit: number,
  sight: Sight | undefined,
): Promise<(EnterpriseSummaryRow & SearchPlace)[]> {
  const { uscc, regNo, name } = terms;
  const { rows } = await query<EnterpriseSummaryRow & SearchPlace>(
    db,
    `select * from (
       select ${SUMMARY_COLUMNS}, char_length(e.ent_name) as length,
              case when e.uscc = ? or (e.reg_no <> '' and e.reg_no = ?) or ? = any(e.match_names)
                   then 0 else 1 end as rank
         from enterprises e
        where (e.uscc = ? or (e.reg_no <> '' and e.reg_no = ?)
               or (e.name_grams @> ?::text[]
                   and exists (select 1 from unnest(e.match_names) as known
                                where position(? in known) > 0)))
          and ${sight ? IN_SIGHT : 'true'}) as found
      where (rank, length, uscc) > (?::int, ?::int, ?::text)
      order by rank, length, uscc limit ?`,
    [
      ...[uscc, regNo, name, uscc, regNo, nameGrams(name), name],
      ...(sight ? sightValues(sight) : []),
      ...[after?.rank ?? -1, after?.length ?? 0, after?.uscc ?? '', limit],
    ],
  );
  return rows;
}
