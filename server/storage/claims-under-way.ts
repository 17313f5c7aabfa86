import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { Columns } from './columns.js';
import { query, type Db } from './database.js';
import type { ClaimedDelivery } from './delivery-claims.js';

/**
 * Which of these attempts are still to be made: not called back (D7), settled or made anew by another
 * worker since they were claimed. Their numbers.
 */
export async function stillClaimed(
  db: Db,
  claimed: readonly Pick<ClaimedDelivery, 'id' | 'attempts'>[],
): Promise<ReadonlySet<number>> {
  const column = new Columns(claimed);
  const { rows } = await query<{ id: number }>(
    db,
    `select d.id from unnest(?::bigint[], ?::int[]) as x(id, attempts)
       join deliveries d on d.id = x.id and d.state = 1 and d.attempts = x.attempts`,
    [column.int8((one) => one.id), column.int4((one) => one.attempts)],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Deliveries of a destination that were claimed and have no outcome yet; not those that wait for a retry. */
export async function countInFlight(db: Db, destination: string): Promise<number> {
  const { rows } = await query<{ n: number }>(
    db,
    `select count(*) as n from deliveries
      where destination = ? and state = 1 and attempts > 0 and last_reason = 0
        and next_attempt_at > now()`,
    [destination],
  );
  return rows[0]?.n ?? 0;
}

/** A delivery that was fetched, as far as its outcome needs it. */
export interface FetchedDelivery {
  readonly id: number;
  readonly attempts: number;
  readonly rule: string;
  /** Attempts before this one that met a defect of the far node; this one may have its outcome already. */
  readonly defects: number;
}

/** Claimed deliveries by their number, those that really go to this destination. */
export async function fetchedDeliveries(
  db: Db,
  ids: readonly number[],
  destination: string,
): Promise<Map<number, FetchedDelivery>> {
  const { rows } = await query<FetchedDelivery>(
    db,
    `select id, attempts, rule, greatest(defects - (last_reason = ${ErrorReason.INTERNAL})::int, 0) as defects
       from deliveries
      where id = any(?::bigint[]) and destination = ? and state = 1`,
    [ids, destination],
  );
  return new Map(rows.map((row) => [row.id, row]));
}
