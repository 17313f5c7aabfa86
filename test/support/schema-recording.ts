import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import pg from 'pg';
import { libraryNames } from '../../server/storage/library-names.js';
import { migrate, openDatabase } from '../../server/storage/database.js';

/** What the migrations do to an empty database, as one text. */
export interface SchemaRecording {
  readonly sql: string;
  /** Stands in `sql` wherever the schema's own name belongs. */
  readonly placeholder: string;
}

/** A query as Knex tells of it. */
interface Told {
  readonly sql: string;
  readonly bindings?: readonly unknown[];
}

/** Transactions of single migrations, and Knex's own looks and its lock. */
const PASSED_OVER = /^(?:begin|commit|savepoint|release|select|set local|update)\b/i;

/** Migrates a schema from nothing and keeps what was asked of PostgreSQL. The schema is gone afterwards. */
export async function recordMigrations(url: string): Promise<SchemaRecording> {
  const schema = `recorded_${randomBytes(6).toString('hex')}`;
  const knex = openDatabase({ url, schema, poolSize: 3 });
  const told: Told[] = [];
  knex.on('query', (query: Told) => told.push(query));
  try {
    await migrate(knex, schema);
    knex.removeAllListeners('query');
    const { share, report } = libraryNames(schema);
    for (const name of [schema, share, report]) await knex.raw('drop schema ?? cascade', [name]);
  } finally {
    await knex.destroy();
  }
  const statements = [
    `set local search_path to ${pg.escapeIdentifier(schema)}`,
    ...told.filter(({ sql }) => !PASSED_OVER.test(sql)).map(withValues),
  ];
  // One transaction takes it all, and nobody else is there yet.
  const sql = statements.join(';\n').replaceAll(/\bindex concurrently\b/g, 'index');
  return { sql, placeholder: schema };
}

/** Only Knex's own statements have values: they say which migrations have run. */
function withValues({ sql, bindings = [] }: Told): string {
  if (bindings.length === 0) return sql;
  return sql.replace(/\$(\d+)/g, (_, number: string) => {
    const value = bindings[Number(number) - 1];
    return pg.escapeLiteral(value instanceof Date ? value.toISOString() : String(value));
  });
}

let player: Knex | undefined;
let before: Promise<unknown> = Promise.resolve();

/** Makes a schema that is as migrated as one that `migrate` made, in half of the time. */
export async function playBack(
  { sql, placeholder }: SchemaRecording,
  url: string,
  schema: string,
): Promise<void> {
  // One connection for all files of a worker: what it has learnt of PostgreSQL's own tables saves a third.
  const pool = (player ??= openDatabase({ url, schema: 'public', poolSize: 1 }));
  // However many wait for it, none waits in the pool, whose patience ends.
  const mine = before.then(() =>
    pool.transaction((trx) => trx.raw(sql.replaceAll(placeholder, schema))),
  );
  before = mine.catch(() => undefined);
  await mine;
}
