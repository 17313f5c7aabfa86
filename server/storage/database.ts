import { setTimeout } from 'node:timers/promises';
import knexFactory, { type Knex } from 'knex';
import pg from 'pg';
import { migrationSource, type Migration } from '../../migrations/index.js';
import { liveSource } from './migration-steps.js';
import { isBehindFailure } from './sql-state.js';

/** Where a node's tables are, and how many connections it may use. */
export interface DatabaseOptions {
  readonly url: string;
  /** Schema of the node; made when it is not there. */
  readonly schema: string;
  /** Most connections at once. */
  readonly poolSize: number;
  /** Asked about each connection before its first use, which fails as this does. Unset: all are good. */
  readonly admit?: (connection: Connection) => Promise<void>;
}

/** A connection of the pool itself. */
export type Connection = pg.Client;

/** A pool or a transaction; storage functions take either as their first argument. */
export type Db = Knex | Knex.Transaction;

const INT8 = 20;

/** Sequence numbers and 分 stay far below 2^53, so int8 is read as a number. */
function typeParserFor(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (oid === INT8) return Number;
  return pg.types.getTypeParser(oid, format as 'text') as (value: string) => unknown;
}

/** Opens the pool. Nothing is asked of the server yet. */
export function openDatabase(options: DatabaseOptions): Knex {
  const { admit } = options;
  return knexFactory({
    client: 'pg',
    connection: {
      connectionString: options.url,
      application_name: `zhengzhao-hub/${options.schema}`,
      types: { getTypeParser: typeParserFor },
      // What a transaction asks together goes out together (`together`): a batch waits for the way to
      // PostgreSQL and back a few times, however many statements it has.
      pipeline: true,
    } as Knex.PgConnectionConfig,
    searchPath: [options.schema],
    pool: { min: 0, max: options.poolSize, ...(admit && { afterCreate: admitting(admit) }) },
    acquireConnectionTimeout: 15_000,
    // Knex would write the values of a failed statement, which are content, into its error.
    compileSqlOnError: false,
    // Knex would print between the lines of the log what its caller is told anyway.
    log: { warn: () => undefined },
  });
}

/** Knex forgets a connection that its hook refuses, and would leave it open. */
function admitting(admit: (connection: Connection) => Promise<void>) {
  return (connection: Connection, done: (error?: unknown) => void): void => {
    admit(connection).then(
      () => {
        done();
      },
      (error: unknown) => {
        connection.end().catch(() => undefined);
        done(error);
      },
    );
  };
}

/**
 * Brings the schema to the newest version; several processes may call it at once. An advisory
 * lock, which dies with its connection, stands in for Knex's lock row, which a killed process
 * would leave behind. Each migration commits by itself, so that no lock is kept for the next one.
 * `source`: unset, all migrations of this version.
 */
export async function migrate(
  knex: Knex,
  schema: string,
  source: Knex.MigrationSource<Migration> = migrationSource,
): Promise<void> {
  const options = {
    migrationSource: liveSource(source),
    tableName: 'migrations',
    schemaName: schema,
    // Tables only grow, so a process of the version before may work on what a newer one migrated.
    disableMigrationsListValidation: true,
  };
  // Each look is a transaction of its own: an index that the process before makes concurrently waits for
  // every transaction that has begun, and would wait for one that waits for it.
  while (!(await migrateInTurn(knex, schema, options))) await setTimeout(LOOK_AGAIN_MS);
}

const LOOK_AGAIN_MS = 100;

/** False: another process migrates. */
async function migrateInTurn(
  knex: Knex,
  schema: string,
  options: Knex.MigratorConfig,
): Promise<boolean> {
  return knex.transaction(async (lock) => {
    if (!(await takeMigrations(lock, schema))) return false;
    // Outside the lock's own transaction, so that the migrating connection sees it.
    await knex.raw('create schema if not exists ??', [schema]);
    await knex.migrate.forceFreeMigrationsLock(options);
    for (let done: unknown[] = [options]; done.length > 0;)
      [, done] = (await knex.migrate.up(options)) as [number, unknown[]];
    return true;
  });
}

/** Whether this transaction is now the one that migrates; it holds no snapshot afterwards. */
async function takeMigrations(lock: Knex.Transaction, schema: string): Promise<boolean> {
  const { rows } = await query<{ mine: boolean }>(
    lock,
    'select pg_try_advisory_xact_lock(hashtextextended(?, 0)) as mine',
    [`migrate/${schema}`],
  );
  // It is idle from here on, and may be; a statement without values gives back the snapshot of the
  // one before.
  await lock.raw('set local idle_in_transaction_session_timeout = 0');
  return rows[0]?.mine === true;
}

const PLANS_BY_INDEX = {
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  plan_cache_mode: 'force_generic_plan',
} as const;

/**
 * To be selected by the first statement of a transaction that looks something up with
 * `queryPrepared`: until its end, plans go by indexes and are made once. A plan is kept for as long
 * as its connection, and one that was made while a table was empty would read all of it once it is full.
 */
export const BY_INDEX = Object.entries(PLANS_BY_INDEX)
  .map(([name, value]) => `set_config('${name}', '${value}', true)`)
  .join(', ');

/**
 * Runs one statement with `?` for values; arrays become PostgreSQL arrays. Answers its rows and
 * how many it touched.
 */
export async function query<Row = never>(
  db: Db,
  sql: string,
  values: readonly unknown[] = [],
): Promise<{ readonly rows: Row[]; readonly rowCount: number }> {
  const result: { rows: Row[]; rowCount: number | null } = await db.raw(
    sql,
    values as Knex.RawBinding[],
  );
  return { rows: result.rows, rowCount: result.rowCount ?? 0 };
}

/**
 * As `query`, for a statement of every batch: each connection parses and plans it once. `name`
 * belongs to this text alone. Only for statements whose plan is the same however full the tables
 * are: inserts, and what is asked in a transaction that began with {@link BY_INDEX}.
 */
export async function queryPrepared<Row = never>(
  db: Db,
  name: string,
  sql: string,
  values: readonly unknown[],
): Promise<{ readonly rows: Row[]; readonly rowCount: number }> {
  const result: { rows: Row[]; rowCount: number | null } = await db
    .raw(sql, values as Knex.RawBinding[])
    .options({ name });
  return { rows: result.rows, rowCount: result.rowCount ?? 0 };
}

/**
 * Waits for what one transaction asks at the same time, to the end, so that nothing of it is under way when
 * the transaction ends. Throws why it failed: PostgreSQL refuses what comes behind a statement that failed,
 * and `Promise.all` may be told of such a refusal first, which says nothing and reads as an outage.
 */
export async function together<const Asked extends readonly unknown[]>(
  asked: Asked,
): Promise<{ -readonly [Position in keyof Asked]: Awaited<Asked[Position]> }> {
  const outcomes = await Promise.allSettled(asked);
  const failures = outcomes.flatMap((one) => (one.status === 'rejected' ? [one] : []));
  const cause = failures.find(({ reason }) => !isBehindFailure(reason)) ?? failures[0];
  if (cause) throw cause.reason;
  return Promise.all(asked);
}
