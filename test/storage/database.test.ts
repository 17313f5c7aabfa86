import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate, openDatabase } from '../../server/storage/database.js';
import { freshDatabase, freshSchema, type TestDatabase } from '../support/database.js';

describe('database', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  it('keeps every table in the schema of the node', async () => {
    const rows = await database
      .knex('pg_tables')
      .where({ schemaname: database.schema })
      .pluck('tablename');
    expect(rows).toEqual(expect.arrayContaining(['messages', 'records', 'deliveries', 'packages']));
  });

  it('reads sequence numbers as numbers', async () => {
    const { rows } = await database.knex.raw<{ rows: { n: unknown }[] }>('select 5::int8 as n');
    expect(rows).toEqual([{ n: 5 }]);
  });

  it('lets several processes migrate one schema at once', async () => {
    const schema = freshSchema();
    const pools = [0, 1, 2].map(() => openDatabase({ url: database.url, schema, poolSize: 2 }));
    await Promise.all(pools.map((knex) => migrate(knex, schema)));
    const first = pools[0];
    const names = await first?.(`${schema}.migrations`).orderBy('id').pluck('name');
    expect(names?.[0]).toBe('001-node');
    expect(new Set(names).size).toBe(names?.length);
    await first?.raw('drop schema ?? cascade', [schema]);
    await Promise.all(pools.map((knex) => knex.destroy()));
  });
});
