import type { Knex } from 'knex';
import { query } from '../../server/storage/database.js';

/** Modes that keep writers of a table waiting until the migration commits. */
const BLOCKING = ['ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'];

interface Touched {
  readonly table: string;
  readonly storage: string;
  readonly changed: number;
}

/** Tables of the schema with what tells whether they were rewritten or written to. */
async function tablesOf(db: Knex.Transaction): Promise<Map<number, Touched>> {
  const { rows } = await query<Touched & { readonly oid: number }>(
    db,
    `select c.oid::bigint as oid, c.relname as "table", pg_relation_filenode(c.oid)::text as storage,
            pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid)
              + pg_stat_get_xact_tuples_deleted(c.oid) as changed
       from pg_class c where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace`,
  );
  return new Map(rows.map(({ oid, ...touched }) => [Number(oid), touched]));
}

/** Rows that this transaction has read of a table, by scan; an index build or a check reads all. */
async function scanned(db: Knex.Transaction): Promise<Map<number, number>> {
  const { rows } = await query<{ oid: number; read: number }>(
    db,
    `select c.oid::bigint as oid, pg_stat_get_xact_tuples_returned(c.oid) as read
       from pg_class c where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace`,
  );
  return new Map(rows.map(({ oid, read }) => [Number(oid), Number(read)]));
}

async function blockedTables(db: Knex.Transaction): Promise<Set<number>> {
  const { rows } = await query<{ oid: number }>(
    db,
    `select relation::bigint as oid from pg_locks
      where pid = pg_backend_pid() and locktype = 'relation' and mode = any(?)`,
    [BLOCKING],
  );
  return new Set(rows.map(({ oid }) => Number(oid)));
}

/**
 * What of a migration would keep the accepts of a large node waiting: work that grows with the rows
 * of a table that was there before, done while a lock keeps its writers out. Catalogue changes, such
 * as a new column with a constant default, hold the lock for a moment only and are no offence.
 */
export async function longLocks(
  trx: Knex.Transaction,
  migrate: (trx: Knex.Transaction) => Promise<void>,
): Promise<string[]> {
  const before = await tablesOf(trx);
  const readBefore = await scanned(trx);
  await migrate(trx);
  const after = await tablesOf(trx);
  const read = await scanned(trx);
  const blocked = await blockedTables(trx);
  return [...before].flatMap(([oid, { table, storage, changed }]) => {
    const now = after.get(oid);
    if (!now) return [`${table}: dropped`];
    const offences = [
      ...(now.storage === storage ? [] : ['rewritten']),
      ...(Number(now.changed) > Number(changed) ? ['rows changed'] : []),
      ...(blocked.has(oid) && (read.get(oid) ?? 0) > (readBefore.get(oid) ?? 0)
        ? ['read from end to end under a lock']
        : []),
    ];
    return offences.map((offence) => `${table}: ${offence}`);
  });
}
