import type { Lane } from '../domain/lane.js';
import { query, type Db } from './database.js';

/** Lanes of these destinations that have a delivery due now: what the sweep wakes. */
export async function dueLanes(
  db: Db,
  destinations: readonly string[],
  lanes: number,
): Promise<Lane[]> {
  const { rows } = await query<Lane>(
    db,
    `select destination, lane
       from unnest(?::text[]) as destination cross join generate_series(0, ?::int - 1) as lane
      where exists (
        select 1 from deliveries d
         where d.destination = destination.destination and d.lane = lane.lane and d.state = 1
           and (d.next_attempt_at is null or d.next_attempt_at <= now()))`,
    [destinations, lanes],
  );
  return rows;
}

/** Open deliveries of each of these destinations, each counted up to a limit: the backlog. */
export async function countOpen(
  db: Db,
  destinations: readonly string[],
  limit: number,
): Promise<Map<string, number>> {
  const { rows } = await query<{ destination: string; open: number }>(
    db,
    `select destination, open
       from unnest(?::text[]) as destination cross join lateral (
         select count(*) as open from (
           select 1 from deliveries d
            where d.destination = destination.destination and d.state = 1 limit ?) as counted) as c
      where open > 0`,
    [destinations, limit],
  );
  return new Map(rows.map(({ destination, open }) => [destination, open]));
}
