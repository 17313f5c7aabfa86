import { PACKAGES_BY } from '../domain/registration/channel-route.js';
import { query, type Db } from './database.js';
import { UNSETTLED_DISPATCHES } from './package-dispatch.js';

/** Deliveries for one node, or packages of one route (PACKAGES_BY and its name). */
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

/** Deliveries, and packages, of all destinations, among which successes are looked for; no index has it. */
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
         from deliveries where state in (1, 3) group by destination
        union all
       select ? || route, count(*) filter (where state = 1), count(*) filter (where state = 3),
              min(created_at) filter (where state = 1)
         from ${UNSETTLED_DISPATCHES} group by route),
     acknowledged as (
       select destination, max(settled_at) as last,
              count(*) filter (where settled_at > now() - interval '1 minute') as minute
         from all_deliveries
        where id > (select max(id) from all_deliveries) - ? and state = 2 group by destination
        union all
       select ? || route, max(settled_at),
              count(*) filter (where settled_at > now() - interval '1 minute')
         from package_dispatches
        where id > (select max(id) from package_dispatches) - ? and state = 2 group by route)
     select destination, coalesce(open, 0) as open, coalesce(dead, 0) as dead,
            oldest as "oldestOpenAt", last as "lastAcknowledgedAt",
            coalesce(minute, 0) as "acknowledgedLastMinute"
       from (select unnest(?::text[]) as destination
              union select destination from unsettled) as link
       left join unsettled using (destination) left join acknowledged using (destination)
      order by destination`,
    [PACKAGES_BY, LOOKED_AT, PACKAGES_BY, LOOKED_AT, destinations],
  );
  return rows;
}
