import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { migrate, openDatabase, query, together } from '../../server/storage/database.js';
import { freshDatabase, freshSchema, type TestDatabase } from '../support/database.js';
import { openGate } from '../support/link-gate.js';

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

  it('sends what a transaction asks together before anything is answered', async () => {
    const { far, gate } = await openFar(database);
    const answers = await far.transaction(async (trx) => {
      const { rows } = await query<{ pid: number }>(trx, 'select pg_backend_pid() as pid');
      gate.set('answers-held');
      const asked = together([
        query<{ first: number }>(trx, 'select ?::int as first', [1]),
        query<{ last: number }>(trx, 'select ?::int as last', [2]),
      ]);
      await vi.waitFor(async () => {
        const { rows: done } = await query(
          database.knex,
          `select from pg_stat_activity
            where pid = ? and state = 'idle in transaction' and query like '% as last'`,
          [rows[0]?.pid],
        );
        expect(done).toHaveLength(1);
      });
      gate.set('open');
      return asked;
    });
    expect(answers.map(({ rows }) => rows[0])).toEqual([{ first: 1 }, { last: 2 }]);
  });

  it('tells of statements asked together the one that failed, and its connection serves on', async () => {
    const { far } = await openFar(database);
    const failing = far.transaction((trx) =>
      together([
        query(trx, 'select 1'),
        // Behind more promises, so that what was refused behind it is told before it.
        together([query(trx, 'select 1 / ?::int', [0])]),
        query(trx, 'select 2'),
      ]),
    );
    await expect(failing).rejects.toMatchObject({ code: '22012' });
    const { rows } = await query<{ n: number }>(far, 'select 3 as n');
    expect(rows).toEqual([{ n: 3 }]);
  });
});

/** The node's tables over a line that can hold answers back. */
async function openFar({ url, schema }: TestDatabase) {
  const address = new URL(url);
  const gate = await openGate(Number(address.port));
  address.port = String(gate.port);
  const far = openDatabase({ url: address.href, schema, poolSize: 1 });
  onTestFinished(async () => {
    await far.destroy();
    await gate.stop();
  });
  return { far, gate };
}
