import pg from 'pg';
import { arrayLiteral, Columns, textArray } from './columns.js';
import { query, queryPrepared, type Db } from './database.js';
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

/** A column to be written, and the value that each row has in it; null: none. */
export interface SharedColumn<Row> {
  readonly name: string;
  /** PostgreSQL type. */
  readonly sqlType: string;
  readonly read: (row: Row) => unknown;
}

/** Adds events; those that were the newest of their enterprises are so no more. */
export async function insertEvents<Row>(
  db: Db,
  share: string,
  columns: readonly SharedColumn<Row>[],
  rows: readonly Row[],
  usccs: readonly string[],
): Promise<void> {
  await query(
    db,
    `update ??.registration_feed set current = false where current and uscc = any(?::text[])`,
    [share, textArray([...new Set(usccs)])],
  );
  await insertShared(db, share, 'registration_feed', columns, rows);
}

/** Adds rows to a table of the library; what is there already stays. */
export async function insertShared<Row>(
  db: Db,
  share: string,
  table: string,
  columns: readonly SharedColumn<Row>[],
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return;
  const column = new Columns(rows);
  const names = columns.map(({ name }) => pg.escapeIdentifier(name)).join(', ');
  await queryPrepared(
    db,
    `insert into ${share}.${table}`,
    `insert into ??.?? (${names})
     select ${columns.map(({ name, sqlType }) => `${pg.escapeIdentifier(name)}::${sqlType}`).join(', ')}
       from unnest(${columns.map(() => '?::text[]').join(', ')}) as x(${names})
     on conflict do nothing`,
    [
      share,
      table,
      ...columns.map(({ sqlType, read }) => column.text((row) => written(read(row), sqlType))),
    ],
  );
}

/** A value in PostgreSQL's text form, which the statement casts. */
function written(value: unknown, sqlType: string): string | null {
  if (value === null || typeof value === 'string') return value as string | null;
  if (sqlType === 'text[]') return arrayLiteral(value as readonly string[]);
  return sqlType === 'jsonb' ? JSON.stringify(value) : String(value);
}

/** Tells whoever listens on the channel named like the schema that there is more; after the commit. */
export async function announceShared(db: Db, share: string): Promise<void> {
  await query(db, `select pg_notify(?, '')`, [share]);
}
