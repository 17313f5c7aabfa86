import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { migrationSource, type Migration } from '../../migrations/index.js';
import { openDatabase } from '../../server/storage/database.js';
import { fillEmptyTables } from '../support/any-rows.js';
import { freshSchema } from '../support/database.js';
import { longLocks } from '../support/long-locks.js';

/** What the first released version left behind; its nodes upgrade from here. */
const RELEASED = ['001-node', '005-reconciliations'];

const schema = freshSchema('m');
let knex: Knex;
beforeAll(async () => {
  knex = openDatabase({ url: inject('databaseUrl'), schema, poolSize: 3 });
  await knex.raw('create schema ??', [schema]);
});
afterAll(async () => {
  for (const name of [schema, `${schema}_share`, `${schema}_report`])
    await knex.raw('drop schema if exists ?? cascade', [name]);
  await knex.destroy();
});

/** What is refused of a migration; it is applied all the same when `keep` says so. */
async function refused(migrate: (trx: Knex.Transaction) => Promise<void>, keep = false) {
  const trx = await knex.transaction();
  try {
    return await longLocks(trx, migrate);
  } finally {
    await (keep ? trx.commit() : trx.rollback());
  }
}

/** Statements that a migration outside a transaction may not have. */
async function refusedOutside({ up }: Pick<Migration, 'up'>): Promise<string[]> {
  const statements: string[] = [];
  const note = ({ sql }: { sql: string }): void => void statements.push(sql.trim());
  knex.on('query', note);
  await up(knex).finally(() => knex.removeListener('query', note));
  return statements.filter(
    (sql) =>
      !/^(create (unique )?index concurrently|drop index concurrently if exists) [^;]*;?$/i.test(
        sql,
      ),
  );
}

it('no migration since the first release keeps the accepts of a large node waiting', async () => {
  const migrations = await migrationSource.getMigrations([]);
  const names = migrations.map((migration) => migrationSource.getMigrationName(migration));
  expect(names.slice(0, RELEASED.length)).toEqual(RELEASED);
  for (const [index, migration] of migrations.entries()) {
    if (index >= RELEASED.length) await fillEmptyTables(knex);
    const offences =
      migration.transaction === false
        ? await refusedOutside(migration)
        : await refused((trx) => migration.up(trx), true);
    expect([names[index], ...offences]).toEqual([names[index]]);
  }
});

it('outside a transaction there is nothing but indexes made concurrently', async () => {
  const allowed = async (db: Knex): Promise<void> => {
    await db.raw('drop index concurrently if exists messages_digest');
    await db.raw('create index concurrently messages_digest on messages (digest)');
    await db.raw('drop index concurrently if exists messages_digest');
  };
  expect(await refusedOutside({ up: allowed })).toEqual([]);
  for (const sql of [
    'create index messages_digest on messages (digest)',
    'update messages set redacted = true',
  ])
    expect(await refusedOutside({ up: async (db) => void (await db.raw(sql)) })).toEqual([sql]);
  await knex.raw('drop index messages_digest');
});

describe('the rule refuses', () => {
  const REFUSED = {
    'an index on a table with rows': 'create index on messages (digest)',
    'a column of another type': 'alter table messages alter column kind type integer',
    'a default that is computed for each row':
      'alter table messages add column x uuid default gen_random_uuid()',
    'a check of the rows that are there': 'alter table messages add check (kind >= 0)',
    'a column that may no longer be empty':
      'alter table messages alter column payload set not null',
    'a backfill': 'update messages set redacted = true',
    'a table that is dropped': 'drop table refusals cascade',
    'a foreign key of a table with rows':
      'alter table refusals add column m bigint; alter table deliveries add foreign key (message_seq) references messages (seq)',
  };

  it.each(Object.entries(REFUSED))('%s', async (_, sql) => {
    await knex.raw(
      `update messages set payload = '', seq = 1; update deliveries set message_seq = 1`,
    );
    expect(await refused(async (trx) => void (await trx.raw(sql)))).not.toEqual([]);
  });
});

it('the rule allows what needs a lock for a moment only', async () => {
  const allowed = `
    create table more (id bigint primary key, note text);
    create index on more (note);
    alter table messages add column note text not null default '';
    alter table messages add check (kind >= 0) not valid;`;
  expect(await refused(async (trx) => void (await trx.raw(allowed)))).toEqual([]);
});
