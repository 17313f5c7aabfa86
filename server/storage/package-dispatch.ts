import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import { query, type Db } from './database.js';
import { takeTurn } from './node-locks.js';
import type { Span } from './exchange-report.js';

/** A package taken for an attempt on a route, with all that leaves. */
export interface ClaimedDispatch {
  readonly id: number;
  readonly packageId: string;
  readonly deptCode: string;
  readonly deptName: string;
  readonly attempts: number;
  /** Of the attempts before, those that the other side refused. */
  readonly refusals: number;
  /** When it was given to the route, or opened again. */
  readonly waitsSince: Date;
  readonly status: PackageStatus;
  readonly recordCount: number;
  readonly sha256: Buffer;
  readonly content: Buffer;
}

/**
 * Takes the next packages of a route, oldest first, one of each enterprise and department at a
 * time, so that a department sees an enterprise's events in order on each channel. A dead one does
 * not hold back what follows: later packages tell the whole state anew, and the dead one stays
 * listed as failed. The claim is written before anything is sent and holds for `leaseMs`.
 *
 * Claims of one route take turns, as two that run at once would not see each other's leases.
 */
export async function claimDispatches(
  db: Db,
  route: string,
  limits: { readonly count: number; readonly leaseMs: number },
): Promise<ClaimedDispatch[]> {
  return db.transaction(async (trx) => {
    await takeTurn(trx, 'dispatch', route);
    const { rows } = await query<ClaimedDispatch>(
      trx,
      `with due as (
         select d.id from package_dispatches d
          where d.route = ? and d.state = 1
            and (d.next_attempt_at is null or d.next_attempt_at <= now())
            and not exists (
              select 1 from package_dispatches b
               where b.route = d.route and b.dept_code = d.dept_code and b.uscc = d.uscc
                 and b.state = 1 and b.id < d.id)
          order by d.id limit ?),
       claimed as (
         update package_dispatches d
            set attempts = d.attempts + 1, next_attempt_at = now() + ? * interval '1 millisecond',
                last_error = ''
           from due where d.id = due.id and d.state = 1
         returning d.id, d.package_id, d.attempts, d.refusals,
                   coalesce(d.replayed_at, d.created_at) as since)
       select c.id, p.package_id as "packageId", p.dept_code as "deptCode",
              p.dept_name as "deptName", c.attempts, c.refusals, c.since as "waitsSince", p.status, p.record_count as "recordCount",
              p.sha256, p.content
         from claimed c join packages p using (package_id) order by c.id`,
      [route, limits.count, limits.leaseMs],
    );
    return rows;
  });
}

/** What became of an attempt, as it is stored. `error` holds no content. */
export type DispatchEnd =
  | { readonly state: 'sent'; readonly receiptNo: string }
  | { readonly state: 'dropped' }
  | { readonly state: 'dead'; readonly error: string }
  | {
      readonly state: 'retry';
      readonly error: string;
      readonly delayMs: number;
      /** The other side answered, and did not take it. */
      readonly refused: boolean;
    };

const STATE = { retry: 1, sent: 2, dead: 3, dropped: 4 } as const;

/** Names of the stored states, for reports. */
export const DISPATCH_STATES: Readonly<Record<number, string>> = {
  1: 'OPEN',
  2: 'SENT',
  3: 'DEAD',
  4: 'DROPPED',
};

/**
 * Writes the outcome of an attempt. False: nothing changed, because it was settled before, or
 * because its lease ended and the attempt was made anew: then only that it was sent still counts.
 */
export async function settleDispatch(
  db: Db,
  { id, attempts }: Pick<ClaimedDispatch, 'id' | 'attempts'>,
  end: DispatchEnd,
): Promise<boolean> {
  const retry = end.state === 'retry';
  const { rowCount } = await query(
    db,
    `update package_dispatches
        set state = ?, receipt_no = ?, last_error = ?, refusals = refusals + ?,
            next_attempt_at = case when ? then now() + ? * interval '1 millisecond' end,
            settled_at = case when ? then null else now() end
      where id = ? and state = 1 and (? or attempts = ?)`,
    [
      STATE[end.state],
      end.state === 'sent' ? end.receiptNo : '',
      end.state === 'dead' || retry ? end.error.slice(0, 500) : '',
      retry && end.refused ? 1 : 0,
      retry,
      retry ? end.delayMs : 0,
      retry,
      id,
      end.state === 'sent',
      attempts,
    ],
  );
  return rowCount > 0;
}

/** Rows that are open or dead, by the partial index of each. */
export const UNSETTLED_DISPATCHES = `(
  select route, state, created_at from package_dispatches where state = ${STATE.retry}
  union all
  select route, state, created_at from package_dispatches where state = ${STATE.dead}) as unsettled`;

/** What opening dead dispatches again did. */
export interface ReopenedDispatches {
  readonly reopened: number;
  /** Packages of which nothing is to be sent any more. */
  readonly dropped: number;
}

/**
 * Opens packages again that a route gave up, oldest first; one that ended meanwhile or went to
 * another department is dropped for good instead. `by`, `reason`: who asked, and why.
 */
export async function reopenDispatches(
  db: Db,
  route: string,
  { limit, by, reason }: { readonly limit: number; readonly by: string; readonly reason: string },
): Promise<ReopenedDispatches> {
  const { rows } = await query<{ state: number }>(
    db,
    `with chosen as (
       select d.id, case when p.status in (${PackageStatus.TERMINATED}, ${PackageStatus.REASSIGNED})
                         then ${STATE.dropped} else ${STATE.retry} end as state
         from package_dispatches d join packages p using (package_id)
        where d.route = ? and d.state = ${STATE.dead}
        order by d.id limit ? for update of d)
     update package_dispatches d
        set state = chosen.state, attempts = 0, refusals = 0, next_attempt_at = null, replayed_by = ?,
            replay_reason = nullif(?::text, ''), replayed_at = now(),
            settled_at = case when chosen.state = ${STATE.dropped} then now() end
       from chosen where d.id = chosen.id
     returning d.state`,
    [route, limit, by, reason],
  );
  const reopened = rows.filter((row) => row.state === STATE.retry).length;
  return { reopened, dropped: rows.length - reopened };
}

/** Ends a replay: what was opened again and has not been attempted since is dead again. Returns how many. */
export async function stopDispatches(db: Db, route: string, limit: number): Promise<number> {
  const { rowCount } = await query(
    db,
    `update package_dispatches d set state = ${STATE.dead}, settled_at = now(), next_attempt_at = null
      where d.id in (select id from package_dispatches
                      where route = ? and state = 1 and replayed_by is not null
                        and (attempts = 0 or last_error <> '')
                      order by id limit ? for update)
        and d.state = 1`,
    [route, limit],
  );
  return rowCount;
}

/** Packages that a route gave up. */
export async function countDeadDispatches(db: Db, route: string): Promise<number> {
  const { rows } = await query<{ n: number }>(
    db,
    `select count(*) as n from package_dispatches where route = ? and state = ${STATE.dead}`,
    [route],
  );
  return rows[0]?.n ?? 0;
}

/** Whether a package is still to leave by some route. */
export async function hasOpenDispatch(db: Db, packageId: string): Promise<boolean> {
  const { rows } = await query(
    db,
    'select 1 from package_dispatches where package_id = ? and state = 1 limit 1',
    [packageId],
  );
  return rows.length > 0;
}

/** By how many routes a package is pushed, or was. */
export async function countRoutes(db: Db, packageId: string): Promise<number> {
  const { rows } = await query<{ n: number }>(
    db,
    'select count(*)::int as n from package_dispatches where package_id = ?',
    [packageId],
  );
  return rows[0]?.n ?? 0;
}

/**
 * Ends what a package still has to leave by, before anybody can take it for an attempt. False: one is
 * under way, and whether it arrives is not known yet.
 */
export async function dropDispatches(trx: Db, packageId: string): Promise<boolean> {
  await query(
    trx,
    `update package_dispatches
        set state = ${STATE.dropped}, next_attempt_at = null, settled_at = now()
      where package_id = ? and state = ${STATE.retry}
        and (attempts = 0 or last_error <> '' or next_attempt_at <= now())`,
    [packageId],
  );
  return !(await hasOpenDispatch(trx, packageId));
}

/** A package that was given to a route. */
export interface DispatchedPackage {
  readonly packageId: string;
  readonly deptCode: string;
  readonly uscc: string;
  /** It has not left, or the hub does not know yet that it has. */
  readonly open: boolean;
}

/** Those of these packages that were given to the route. */
export async function dispatchedBy(
  db: Db,
  route: string,
  packageIds: readonly string[],
): Promise<DispatchedPackage[]> {
  const { rows } = await query<DispatchedPackage>(
    db,
    `select package_id as "packageId", dept_code as "deptCode", uscc, state = 1 as open
       from package_dispatches where package_id = any(?::text[]) and route = ?`,
    [packageIds, route],
  );
  return rows;
}

/** Routes other than these that still have packages to send, with how many. */
export async function strandedRoutes(
  db: Db,
  known: readonly string[],
): Promise<{ readonly route: string; readonly count: number }[]> {
  const { rows } = await query<{ route: string; count: number }>(
    db,
    `select route, count(*) as count from package_dispatches
      where state = 1 and route <> all(?::text[]) group by route order by route`,
    [known],
  );
  return rows;
}

/** Packages given to routes in the span, by route and state. */
export interface DispatchCountRow {
  readonly route: string;
  readonly state: number;
  readonly count: number;
}

/** Counts what was given to each route in the span. */
export async function countDispatches(db: Db, span: Span): Promise<DispatchCountRow[]> {
  const { rows } = await query<DispatchCountRow>(
    db,
    `select route, state, count(*) as count from package_dispatches
      where created_at >= ? and created_at < ? group by route, state order by route, state`,
    [span.from, span.until],
  );
  return rows;
}
