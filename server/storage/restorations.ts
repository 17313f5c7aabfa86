import { query, type Connection, type Db } from './database.js';
import type { LibraryNames } from './library-names.js';
import { nodeLock } from './node-locks.js';

/** A node went on from a backup. */
export interface Restoration {
  readonly restoredAt: Date;
  /** Last act that is not lost; null: everything is. */
  readonly backupUntil: Date | null;
  /** The first link of the audit after those that are not lost. */
  readonly link: number;
}

const COLUMNS = 'restored_at as "restoredAt", backup_until as "backupUntil", link';

/** The newest restoration of this node; undefined when it never was restored. */
export async function lastRestoration(db: Db): Promise<Restoration | undefined> {
  return (await listRestorations(db, 1))[0];
}

/** Restorations of this node, newest first. */
export async function listRestorations(db: Db, limit: number): Promise<Restoration[]> {
  const { rows } = await query<Restoration>(
    db,
    `select ${COLUMNS} from restorations order by restored_at desc limit ?`,
    [limit],
  );
  return rows;
}

/**
 * Whether the neighbours have heard of a restoration. A province has seen the audit chain shown to the
 * national node, and the national node those of the provinces that it knows: with each report either side
 * tells of its last one. That a province reported shows in what was acknowledged well after, among
 * deliveries from `firstNumber` on, which the restoration moved them to. In doubt it was not heard of.
 */
export async function wasHeardOf(
  db: Db,
  { restoredAt }: Restoration,
  firstNumber: number,
  nationalNode: string,
): Promise<boolean> {
  const { rows } = await query<{ heard: boolean }>(
    db,
    `select coalesce((select bool_and(seen_at > r.at) from audit_witness
                       where seen_at > r.at - interval '31 days'), false)
         or exists (select 1 from all_deliveries
                     where id >= ? and destination = ? and state = 2
                       and settled_at > r.at + interval '10 minutes') as heard
       from (select ?::timestamptz as at) as r`,
    [firstNumber, nationalNode, restoredAt.toISOString()],
  );
  return rows[0]?.heard === true;
}

/** Keeps a restoration. */
export async function insertRestoration(db: Db, one: Restoration): Promise<void> {
  await query(db, 'insert into restorations (restored_at, backup_until, link) values (?, ?, ?)', [
    one.restoredAt.toISOString(),
    one.backupUntil?.toISOString() ?? null,
    one.link,
  ]);
}

/**
 * Where the node's tables are: server, timeline, database and table. All of it stays the same for as
 * long as a database goes on; a restore from a dump, or a recovery to a point in time, changes it.
 */
const PLACE = `concat_ws('/', (select system_identifier from pg_control_system()),
  left(pg_walfile_name(pg_current_wal_insert_lsn()), 8),
  (select oid from pg_database where datname = current_database()), 'messages'::regclass::oid)`;

/** Where the tables were found. */
export interface NotedPlace {
  readonly place: string;
  /** They were in another place before: they were restored. */
  readonly moved: boolean;
}

/** Notes where the tables are now. */
export async function notePlace(db: Db): Promise<NotedPlace> {
  await query(db, `select pg_advisory_xact_lock(${nodeLock('place')})`);
  const { rows } = await query<NotedPlace>(
    db,
    `select here.place, coalesce(here.place <> noted.place, false) as moved
       from (select ${PLACE} as place) as here left join database_place as noted on true`,
  );
  const [found] = rows;
  if (!found) throw new Error('The database does not say where it is.');
  await query(
    db,
    `insert into database_place (place) values (?)
     on conflict (only_row) do update set place = excluded.place where database_place.place <> excluded.place`,
    [found.place],
  );
  return found;
}

/** Where the tables are that a connection reaches; undefined: on a server that can't be written to yet. */
export async function placeOf(connection: Connection): Promise<string | undefined> {
  const { rows } = await connection.query<{ place: string | null }>(
    `select case when not pg_is_in_recovery() then ${PLACE} end as place`,
  );
  return rows[0]?.place ?? undefined;
}

/** When this node last did anything that is recorded; null: never. */
export async function lastActAt(db: Db): Promise<Date | null> {
  const { rows } = await query<{ at: number | null }>(
    db,
    'select at_ms as at from audit_links order by seq desc limit 1',
  );
  const at = rows[0]?.at ?? null;
  return at === null ? null : new Date(at);
}

/**
 * Moves every number that others may have seen on to at least `first`: of messages (receipts,
 * packages), deliveries, tokens, rows and receipts of the libraries, and both feeds.
 */
export async function moveNumbersOn(
  db: Db,
  { share, report }: LibraryNames,
  first: number,
): Promise<void> {
  await query(
    db,
    `select setval(format('%I.%I', schemaname, sequencename)::regclass,
                   greatest(coalesce(last_value, 0) + 1, ?::bigint), false)
       from pg_sequences
      where data_type = 'bigint'::regtype and schemaname in (current_schema(), ?, ?)`,
    [first, share, report],
  );
  await query(
    db,
    `update feed_offset set value = greatest(?::bigint, value + pg_current_xact_id()::text::bigint,
              (select max(txid) + 1 from messages)) - pg_current_xact_id()::text::bigint`,
    [first],
  );
  await query(db, 'update ??.progress set sequence = greatest(sequence, ?::bigint - 1)', [
    share,
    first,
  ]);
}
