import { query, type Db } from './database.js';

/** Deliveries for one destination. */
export interface LinkRow {
  readonly destination: string;
  readonly open: number;
  readonly dead: number;
  readonly oldestOpenAt: Date | null;
  /** Null: none among the newest deliveries. */
  readonly lastAcknowledgedAt: Date | null;
  /** Acknowledged within the last minute, among the newest deliveries. */
  readonly acknowledgedLastMinute: number;
}

/** Deliveries, of all destinations, among which successes are looked for; no index has it. */
const LOOKED_AT = 100_000;

/**
 * The state of every link: of these destinations, and of any other that has work left. Open and
 * dead ones are few and indexed; settled ones may be millions and are not counted.
 */
export async function linkStates(db: Db, destinations: readonly string[]): Promise<LinkRow[]> {
  const { rows } = await query<LinkRow>(
    db,
    `with unsettled as (
       select destination, count(*) filter (where state = 1) as open,
              count(*) filter (where state = 3) as dead,
              min(created_at) filter (where state = 1) as oldest
         from deliveries where state in (1, 3) group by destination),
     acknowledged as (
       select destination, max(settled_at) as last,
              count(*) filter (where settled_at > now() - interval '1 minute') as minute
         from all_deliveries
        where id > (select max(id) from all_deliveries) - ? and state = 2 group by destination)
     select destination, coalesce(open, 0) as open, coalesce(dead, 0) as dead,
            oldest as "oldestOpenAt", last as "lastAcknowledgedAt",
            coalesce(minute, 0) as "acknowledgedLastMinute"
       from (select unnest(?::text[]) as destination
              union select destination from unsettled) as link
       left join unsettled using (destination) left join acknowledged using (destination)
      order by destination`,
    [LOOKED_AT, destinations],
  );
  return rows;
}
