import { PACKAGES_BY } from '../domain/registration/channel-route.js';
import { query, type Db } from './database.js';
import { aboutMark } from './deliveries.js';
import { UNSETTLED_DISPATCHES } from './package-dispatch.js';

/** Work that waits for one destination: a node, or a route of packages (PACKAGES_BY and its name). */
export interface WaitingWork {
  readonly destination: string;
  /** Deliveries or packages that are open. */
  readonly open: number;
  /** Dead letters, which a person must look at. */
  readonly dead: number;
  /** Age in seconds of the oldest open one; 0 when none is open. */
  readonly oldestSeconds: number;
  /** Withdrawals and changes of the mark that were refused for good (F20). */
  readonly deadMarks: number;
  /** Age in seconds of the oldest of them that is not confirmed, refused or not; 0 when none is. */
  readonly oldestMarkSeconds: number;
}

/**
 * What waits, per destination. Reads the partial indexes of what is open or dead, never the settled
 * millions; still, it grows with the backlog, so that callers keep an answer for some seconds.
 */
export async function waitingWork(db: Db): Promise<WaitingWork[]> {
  const { rows } = await query<WaitingWork>(
    db,
    `select destination, count(*) filter (where state = 1) as open,
            count(*) filter (where state = 3) as dead,
            coalesce(extract(epoch from now() - min(created_at) filter (where state = 1)), 0)::float8
              as "oldestSeconds",
            count(*) filter (where state = 3 and ${aboutMark('deliveries')}) as "deadMarks",
            coalesce(extract(epoch from now() - min(created_at)
              filter (where ${aboutMark('deliveries')})), 0)::float8 as "oldestMarkSeconds"
       from deliveries where state in (1, 3) group by destination
      union all
     select ? || route, count(*) filter (where state = 1), count(*) filter (where state = 3),
            coalesce(extract(epoch from now() - min(created_at) filter (where state = 1)), 0)::float8,
            0, 0
       from ${UNSETTLED_DISPATCHES} group by route`,
    [PACKAGES_BY],
  );
  return rows;
}
