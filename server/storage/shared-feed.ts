import { Effect, MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { query, type Db } from './database.js';

/**
 * Moves the numbers of the feed on when the database was restored from a dump into a new cluster,
 * so that new events come after everything that any reader has seen. Called at start; changes
 * nothing otherwise, as no visible row can have a number that is still to be given.
 */
export async function continueFeed(db: Db): Promise<void> {
  await query(
    db,
    `update feed_offset set value = last.number + 1
       from (select max(txid) as number from messages) as last
      where last.number >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint + feed_offset.value`,
  );
}

/** A place in the feed: every event up to it has been seen. */
export interface FeedPosition {
  /** Transaction that stored the event; 64 bits, hence text. */
  readonly txid: string;
  readonly seq: number;
}

/** The place before the first event. */
export const FEED_START: FeedPosition = { txid: '0', seq: 0 };

/** An event of the feed. */
export interface FeedRow extends FeedPosition {
  /** Bytes of the event; null when the filter leaves it out. */
  readonly payload: Buffer | null;
  readonly acceptedAt: Date;
  /** The enterprise. */
  readonly entity: string;
}

/**
 * The next registrations, at most `window`, in the order in which they became visible (R35, R39).
 *
 * Numbers alone would not do as a cursor: they are given before the commit, so a transaction that
 * commits late would put its event behind a cursor that has passed, and no reader would ever see
 * it. Transaction numbers with one rule do: only events of transactions below the oldest one still
 * running are read. Whatever commits later is not below it, and hence not behind the cursor. A
 * long transaction anywhere in the database server delays the feed and loses nothing.
 *
 * With item codes only enterprises come that have, or had, one of them: who heard of an enterprise
 * must hear too that it gave the item up (R30); undefined: all. Stale events change nothing and do not come.
 */
export async function readFeed(
  db: Db,
  after: FeedPosition,
  window: number,
  permitItemCodes: readonly string[] | undefined,
): Promise<FeedRow[]> {
  const { rows } = await query<FeedRow>(
    db,
    `select m.txid::text as txid, m.seq, m.accepted_at as "acceptedAt",
            m.entity, case when ?::boolean or exists (
                   select 1 from enterprises e, jsonb_array_elements(e.told) as department,
                          jsonb_array_elements_text(department -> 'items') as item
                    where e.uscc = m.entity and item = any(?::text[]))
                 then m.payload end as payload
       from (select txid, seq, accepted_at, entity, payload from messages
              where kind = ${MessageKind.REGISTRATION} and (txid, seq) > (?::bigint, ?::bigint)
                and txid < feed_horizon()
                and payload is not null and effect <> ${Effect.STALE}
              order by txid, seq limit ?) as m
      order by m.txid, m.seq`,
    [permitItemCodes === undefined, permitItemCodes ?? [], after.txid, after.seq, window],
  );
  return rows;
}
