import type { Row } from '../dictionary/to-row.js';
import { query, type Db } from './database.js';
import type { FeedPosition } from './shared-feed.js';

/** How far the library has come. */
export interface ShareProgress extends FeedPosition {
  /** The last number given to an event. */
  readonly sequence: number;
}

/**
 * The progress, locked until the end of the transaction; undefined when another process has it,
 * which then does the work.
 */
export async function takeProgress(db: Db, share: string): Promise<ShareProgress | undefined> {
  const { rows } = await query<ShareProgress>(
    db,
    'select txid::text as txid, seq, sequence from ??.progress for update skip locked',
    [share],
  );
  return rows[0];
}

/** Notes how far the library has come, in the transaction of its rows. */
export async function saveProgress(db: Db, share: string, progress: ShareProgress): Promise<void> {
  await query(db, 'update ??.progress set txid = ?::bigint, seq = ?, sequence = ?', [
    share,
    progress.txid,
    progress.seq,
    progress.sequence,
  ]);
}

/** Rows of the feed and of its permit items, by column. */
export interface ShareRows {
  readonly events: readonly Row[];
  readonly items: readonly Row[];
  /** Items of the enterprises: `uscc`, `permit_item_code`. */
  readonly enterpriseItems: readonly Row[];
}

/** Adds events; those that were the newest of their enterprises are so no more. */
export async function insertShared(db: Db, share: string, rows: ShareRows): Promise<void> {
  const usccs = [...new Set(rows.events.map((event) => event['uscc']))];
  await query(
    db,
    `update ??.registration_feed set current = false where current and uscc = any(?::text[])`,
    [share, usccs],
  );
  await insertRows(db, share, 'registration_feed', rows.events);
  await insertRows(db, share, 'feed_permit_items', rows.items);
  await insertRows(db, share, 'enterprise_items', rows.enterpriseItems);
}

/** Objects whose keys are the columns; what is there already stays. */
async function insertRows(
  db: Db,
  share: string,
  table: string,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return;
  await query(
    db,
    `insert into ??.?? select * from jsonb_populate_recordset(null::??.??, ?::jsonb)
     on conflict do nothing`,
    [share, table, share, table, JSON.stringify(rows)],
  );
}

/** Tells whoever listens on the channel named like the schema that there is more; after the commit. */
export async function announceShared(db: Db, share: string): Promise<void> {
  await query(db, `select pg_notify(?, '')`, [share]);
}
