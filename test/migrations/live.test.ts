import { setTimeout as pause } from 'node:timers/promises';
import type { Knex } from 'knex';
import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import { migrationSource, sourceOf, type Migration } from '../../migrations/index.js';
import { migrate, openDatabase } from '../../server/storage/database.js';
import { freshSchema, heldTransaction } from '../support/database.js';
import { eventually } from '../support/nodes.js';

let schema: string;
let knex: Knex;
beforeEach(async () => {
  schema = freshSchema('l');
  knex = openDatabase({ url: inject('databaseUrl'), schema, poolSize: 6 });
  await migrate(knex, schema);
});
afterEach(async () => {
  for (const name of [schema, `${schema}_share`, `${schema}_report`])
    await knex.raw('drop schema if exists ?? cascade', [name]);
  await knex.destroy();
});

/** All migrations and one more. */
async function withOneMore(more: Omit<Migration, 'down'>) {
  const down = (): Promise<void> => Promise.reject(new Error('forward only'));
  return sourceOf([...(await migrationSource.getMigrations([])), { ...more, down }]);
}

it('a migration that waits for a table lets writers pass, and goes on when it gets it', async () => {
  let attempts = 0;
  const source = await withOneMore({
    name: '900-column',
    up: async (db) => {
      attempts += 1;
      await db.raw('alter table refusals add column note text');
    },
  });
  const report = await heldTransaction(knex);
  await report.raw('select count(*) from refusals');
  let ended = false;
  const migrating = migrate(knex, schema, source).finally(() => (ended = true));
  await eventually(async () => {
    await pause(20);
    expect(attempts).toBeGreaterThan(1);
  });
  // The report still holds the table; a writer is not kept waiting for longer than one attempt.
  await knex.raw(
    `insert into refusals (at, origin, source_org, kind, reason, rules, codes)
     values (now(), 'client', '', 1, 1, '{}', '{}')`,
  );
  expect(ended).toBe(false);
  await report.commit();
  await migrating;
  expect(await knex('refusals').pluck('note')).toEqual([null]);
});

it('a migration outside a transaction makes an index while the table is written to', async () => {
  const source = await withOneMore({
    name: '901-index',
    transaction: false,
    up: async (db) => {
      await db.raw('drop index concurrently if exists refusals_origin');
      await db.raw('create index concurrently refusals_origin on refusals (origin)');
    },
  });
  await migrate(knex, schema, source);
  const { rows } = await knex.raw<{ rows: { valid: boolean }[] }>(
    `select indisvalid as valid from pg_index where indexrelid = 'refusals_origin'::regclass`,
  );
  expect(rows).toEqual([{ valid: true }]);
});
