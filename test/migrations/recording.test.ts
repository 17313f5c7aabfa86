import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { libraryNames } from '../../server/storage/library-names.js';
import { migrate, openDatabase } from '../../server/storage/database.js';
import { freshSchema, migratedSchema } from '../support/database.js';

/** What a schema holds, in words in which its own name is `@`. */
const CONTENTS: Readonly<Record<string, string>> = {
  relations: `select c.relname, c.relkind, c.relpersistence, c.reloptions, c.relacl::text,
      obj_description(c.oid, 'pg_class'), pg_get_viewdef(c.oid)
    from pg_class c where c.relnamespace = to_regnamespace(?) order by 1`,
  columns: `select c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
      a.attidentity, a.attgenerated, a.attstorage, a.attacl::text, pg_get_expr(d.adbin, d.adrelid),
      col_description(c.oid, a.attnum)
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
    where c.relnamespace = to_regnamespace(?) and a.attnum > 0 and not a.attisdropped order by 1, 2`,
  indexes: `select pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready
    from pg_index i join pg_class c on c.oid = i.indexrelid
    where c.relnamespace = to_regnamespace(?) order by 1`,
  constraints: `select conrelid::regclass::text, conname, convalidated, pg_get_constraintdef(oid)
    from pg_constraint where connamespace = to_regnamespace(?) order by 1, 2`,
  functions: `select pg_get_functiondef(oid), proacl::text, obj_description(oid, 'pg_proc')
    from pg_proc where pronamespace = to_regnamespace(?) order by 1`,
  triggers: `select pg_get_triggerdef(t.oid), t.tgenabled
    from pg_trigger t join pg_class c on c.oid = t.tgrelid
    where c.relnamespace = to_regnamespace(?) and not t.tgisinternal order by 1`,
  sequences: `select sequencename, start_value, increment_by, last_value
    from pg_sequences where schemaname = ? order by 1`,
  rights: `select nspacl::text, obj_description(oid, 'pg_namespace')
    from pg_namespace where nspname = ?`,
};

let knex: Knex;
beforeAll(() => {
  knex = openDatabase({ url: inject('databaseUrl'), schema: 'public', poolSize: 2 });
});
afterAll(() => knex.destroy());

async function contentsOf(schema: string): Promise<Record<string, string[]>> {
  const { share, report } = libraryNames(schema);
  const contents: Record<string, string[]> = {};
  for (const [what, sql] of Object.entries(CONTENTS))
    for (const name of [schema, share, report]) {
      const { rows } = await knex.raw<{ rows: object[] }>(sql, [name]);
      contents[`${what} ${name.replace(schema, '@')}`] = rows.map((row) =>
        JSON.stringify(row).replaceAll(schema, '@'),
      );
    }
  return contents;
}

/** Rows of every table, without the moments at which migrations ran. */
async function rowsOf(schema: string): Promise<Record<string, string[]>> {
  const tables = await knex('pg_tables').where({ schemaname: schema }).orderBy('tablename');
  const rows: Record<string, string[]> = {};
  for (const { tablename } of tables as { tablename: string }[])
    rows[tablename] = (await knex.withSchema(schema).from<object>(tablename)).map((row) =>
      JSON.stringify({ ...row, migration_time: undefined }),
    );
  return rows;
}

it('a schema that tests are given is in everything the one that the migrations make', async () => {
  const migrated = freshSchema();
  const own = openDatabase({ url: inject('databaseUrl'), schema: migrated, poolSize: 3 });
  await migrate(own, migrated);
  await own.destroy();
  const given = await migratedSchema();

  const contents = await contentsOf(migrated);
  expect(contents['relations @']?.length).toBeGreaterThan(50);
  expect(await contentsOf(given)).toEqual(contents);
  expect(await rowsOf(given)).toEqual(await rowsOf(migrated));
});
