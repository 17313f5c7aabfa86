import type { Knex } from 'knex';
import { query } from '../../server/storage/database.js';

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

/** A value for every type that a required column of a node's tables has. */
const VALUES: Readonly<Record<string, string>> = {
  text: `'x'`,
  smallint: '1',
  integer: '1',
  bigint: '1',
  boolean: 'false',
  jsonb: `'[]'`,
  bytea: `''`,
  date: 'current_date',
  'timestamp with time zone': 'now()',
  'text[]': `'{}'`,
  'smallint[]': `'{}'`,
};

/** Puts a row into every empty table of the schema: whatever the columns, so of later tables too. */
export async function fillEmptyTables(db: Knex): Promise<void> {
  const { rows } = await query<Column>(
    db,
    `select c.relname as "table", a.attname as "column", format_type(a.atttypid, null) as type
       from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
        and a.attnum > 0 and not a.attisdropped and a.attnotnull
        and not a.atthasdef and a.attidentity = '' and c.relname not like 'migrations%'`,
  );
  const tables = new Map<string, Column[]>();
  for (const column of rows)
    tables.set(column.table, [...(tables.get(column.table) ?? []), column]);
  for (const [table, columns] of tables) await fillTable(db, table, columns);
}

async function fillTable(db: Knex, table: string, columns: readonly Column[]): Promise<void> {
  const names = columns.map(({ column }) => `"${column}"`).join(', ');
  const values = columns.map(({ column, type }) => valueOf(table, column, type)).join(', ');
  await db.raw(
    `insert into "${table}" (${names}) select ${values}
      where not exists (select 1 from "${table}")`,
  );
}

function valueOf(table: string, column: string, type: string): string {
  const value = VALUES[type];
  if (value === undefined) throw new Error(`no value for ${table}.${column} of type ${type}`);
  return value;
}
