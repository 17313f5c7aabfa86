import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { inject, onTestFinished } from 'vitest';
import { openDatabase } from '../../server/storage/database.js';
import { playBack } from './schema-recording.js';

export interface TestDatabase {
  readonly knex: Knex;
  readonly url: string;
  readonly schema: string;
  /** Closes the pool and drops the schema. */
  drop(): Promise<void>;
}

/** A name no other test file uses. */
export function freshSchema(prefix = 't'): string {
  return `${prefix}_${randomBytes(6).toString('hex')}`;
}

/** Name of a new schema that is migrated already. `test/migrations/recording.test.ts` compares it with a migrated one. */
export async function migratedSchema(prefix = 't'): Promise<string> {
  const schema = freshSchema(prefix);
  await playBack(inject('migrations'), inject('databaseUrl'), schema);
  return schema;
}

/** A migrated schema of its own in the run's PostgreSQL. */
export async function freshDatabase(): Promise<TestDatabase> {
  const url = inject('databaseUrl');
  const schema = await migratedSchema();
  const knex = openDatabase({ url, schema, poolSize: 5 });
  return {
    knex,
    url,
    schema,
    drop: async () => {
      await knex.raw('drop schema if exists ?? cascade', [schema]);
      await knex.destroy();
    },
  };
}

/** A transaction that a test holds open: whatever becomes of the test, nobody goes on waiting for it. */
export async function heldTransaction(knex: Knex): Promise<Knex.Transaction> {
  const trx = await knex.transaction();
  onTestFinished(async () => {
    if (!trx.isCompleted()) await trx.rollback();
  });
  return trx;
}

/** A pool of the same schema at a server that takes no writes, as a primary that became a standby. */
export function readOnlyPool({ url, schema }: Pick<TestDatabase, 'url' | 'schema'>): Knex {
  const address = new URL(url);
  address.searchParams.set('options', '-c default_transaction_read_only=on');
  return openDatabase({ url: address.href, schema, poolSize: 2 });
}
