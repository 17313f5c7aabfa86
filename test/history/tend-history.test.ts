import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { monthOf } from '../../server/domain/history/months.js';
import { verifyChain } from '../../server/audit/verify-chain.js';
import { query } from '../../server/storage/database.js';
import { HISTORIES, listMonths, whileTending } from '../../server/storage/history-months.js';
import { BROUGHT_BACK } from '../../server/storage/history-moves.js';
import { insertRefusals } from '../../server/storage/refusals.js';
import { freshDatabase, heldTransaction, type TestDatabase } from '../support/database.js';
import { tend } from '../support/history.js';
import { eventually } from '../support/nodes.js';

const OPEN = 1;
const ACKNOWLEDGED = 2;
const DEAD = 3;
const HELD_BACK = 4;

let database: TestDatabase;
beforeEach(async () => {
  database = await freshDatabase();
});
afterEach(() => database.drop());

async function rows<Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
  return (await query<Row>(database.knex, sql, values)).rows;
}

/** Deliveries of a state, settled at a moment; null: not settled. */
async function deliveries(state: number, settledAt: string | null, count = 1): Promise<void> {
  await query(
    database.knex,
    `insert into deliveries (message_seq, destination, entity, lane, action, kind, rule, revision,
            state, created_at, settled_at)
     select n, '100000', 'e' || n, 0, 1, 2, 'UP-LICENCE', 0, ?, '2020-01-01', ?::timestamptz
       from generate_series(1, ?::int) as n`,
    [state, settledAt, count],
  );
}

const refuse = (...moments: string[]): Promise<void> =>
  insertRefusals(
    database.knex,
    moments.map((at) => ({
      atMs: Date.parse(at),
      origin: 'client',
      sourceOrg: 'x',
      kind: 1,
      reason: ErrorReason.VALIDATION_FAILED,
      rules: [],
      codes: [],
    })),
  );

/** Ids in a table, in order. */
async function ids(table: string): Promise<number[]> {
  return (await rows<{ id: number }>(`select id from ${table} order by id`)).map(({ id }) => id);
}

/** Every table with refusals, with the moments that it holds. */
async function refusalsByTable(): Promise<Record<string, string[]>> {
  const parts = await rows<{ table: string; at: Date }>(
    `select tableoid::regclass::text as table, at from refusals
      union all select tableoid::regclass::text, at from refusals_history order by at`,
  );
  const tables: Record<string, string[]> = {};
  for (const { table, at } of parts)
    (tables[table.replace(/^.*\./, '')] ??= []).push(at.toISOString());
  return tables;
}

describe('months', () => {
  it('are made ahead at the end of a month and of a year, as clocks in China show them', async () => {
    const names = async (): Promise<string[]> =>
      (await listMonths(database.knex))
        .filter(({ history }) => history === 'packages')
        .map(({ month }) => month);
    await tend(database.knex, { nowMs: Date.parse('2026-12-31T15:59:59Z') });
    expect(await names()).toEqual(['2026-12', '2027-01', '2027-02', '2027-03']);
    const again = await tend(database.knex, { nowMs: Date.parse('2026-12-31T15:59:59Z') });
    expect(again).toMatchObject({ made: [], detached: [] });
    await tend(database.knex, { nowMs: Date.parse('2026-12-31T16:00:00Z') });
    expect((await names()).at(-1)).toBe('2027-04');
  });

  it('hold what was settled in them, to the millisecond, and are made when rows need them', async () => {
    const [last, first] = ['2025-12-31T15:59:59.999Z', '2025-12-31T16:00:00.000Z'] as const;
    await refuse(last, first, '2019-02-28T16:00:00.000Z');
    const tended = await tend(database.knex, { inDays: 2, afterDays: 1 });
    expect(tended).toMatchObject({ complete: true, moved: { refusals: 3 } });
    expect(tended?.made).toContain('refusals_history_2019_03');
    expect(await refusalsByTable()).toEqual({
      refusals_history_2019_03: ['2019-02-28T16:00:00.000Z'],
      refusals_history_2025_12: [last],
      refusals_history_2026_01: [first],
    });
  });

  it('have every column of the table that they are the history of, in its order', async () => {
    for (const table of HISTORIES) {
      const columns = (name: string): Promise<{ attname: string }[]> =>
        rows(
          `select attname, format_type(atttypid, atttypmod) as type from pg_attribute
            where attrelid = ?::regclass and attnum > 0 and not attisdropped and attname <> 'ended_at'
            order by attnum`,
          [name],
        );
      const hot = await columns(table);
      expect(hot.length).toBeGreaterThan(4);
      expect([table, await columns(`${table}_history`)]).toEqual([table, hot]);
      expect([table, await columns(`all_${table}`)]).toEqual([table, hot]);
      if (table === 'packages' || table === 'package_steps')
        expect(BROUGHT_BACK[table]).toEqual(hot.map(({ attname }) => attname));
    }
  });
});

describe('moving', () => {
  it('takes what is settled and old, and never what is open, dead, young or of no known time', async () => {
    const old = '2026-01-15T00:00:00Z';
    const now = Date.parse('2027-06-01T00:00:00Z');
    await deliveries(OPEN, null);
    await deliveries(ACKNOWLEDGED, old);
    await deliveries(DEAD, old);
    await deliveries(HELD_BACK, old);
    await deliveries(ACKNOWLEDGED, null);
    await deliveries(ACKNOWLEDGED, '2027-03-02T16:00:00Z');
    await deliveries(ACKNOWLEDGED, '2027-03-02T15:59:59.999Z');
    const before = await rows('select * from deliveries order by id');
    expect(await tend(database.knex, { nowMs: now })).toMatchObject({ moved: { deliveries: 3 } });
    expect(await ids('deliveries')).toEqual([1, 3, 5, 6]);
    expect(await ids('deliveries_history')).toEqual([2, 4, 7]);
    expect(await rows('select * from all_deliveries order by id')).toEqual(before);
  });

  it('goes on in batches until everything has moved, past what somebody else has locked', async () => {
    await deliveries(ACKNOWLEDGED, '2026-01-15T00:00:00Z', 11_000);
    const trx = await heldTransaction(database.knex);
    await query(trx, 'select 1 from deliveries where id in (1, 5001) for update');
    expect(await tend(database.knex, { inDays: 400 })).toMatchObject({
      complete: true,
      moved: { deliveries: 10_998 },
    });
    await trx.rollback();
    expect(await ids('deliveries')).toEqual([1, 5001]);
    expect(await tend(database.knex, { inDays: 400 })).toMatchObject({ moved: { deliveries: 2 } });
    expect(
      await rows('select count(*) as n, count(distinct id) as ids from all_deliveries'),
    ).toEqual([{ n: 11_000, ids: 11_000 }]);
  });

  it('loses and doubles nothing when it fails, or its connection is killed in between', async () => {
    await deliveries(ACKNOWLEDGED, '2026-01-15T00:00:00Z', 6_000);
    const all = await rows('select * from deliveries order by id');
    const { knex } = database;
    await knex.raw(`
      create function refuse() returns trigger language plpgsql as
        $$ begin raise exception 'no space left'; end $$;
      create trigger full_disk before insert on deliveries_history
        for each row when (new.id > 5500) execute function refuse();`);
    await expect(tend(knex, { inDays: 400 })).rejects.toThrow('no space left');
    expect(await ids('deliveries')).toHaveLength(1_000);
    expect(await rows('select * from all_deliveries order by id')).toEqual(all);
    await knex.raw('drop trigger full_disk on deliveries_history');

    const gate = await heldTransaction(knex);
    await gate.raw('lock table deliveries_history in share mode');
    const killed = expect(tend(knex, { inDays: 400 })).rejects.toThrow();
    await eventually(async () => {
      const ended = await rows(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = ? and wait_event_type = 'Lock' and query like '%deliveries_history%'`,
        [`zhengzhao-hub/${database.schema}`],
      );
      expect(ended).toHaveLength(1);
    });
    await killed;
    await gate.rollback();
    expect(await rows('select * from all_deliveries order by id')).toEqual(all);

    expect(await tend(knex, { inDays: 400 })).toMatchObject({ moved: { deliveries: 1_000 } });
    expect(await ids('deliveries')).toEqual([]);
    expect(await rows('select * from all_deliveries order by id')).toEqual(all);
  });

  it('is done by one process at a time', async () => {
    await deliveries(ACKNOWLEDGED, '2026-01-15T00:00:00Z', 50);
    const during = await whileTending(database.knex, () => tend(database.knex, { inDays: 400 }));
    expect(during).toBeUndefined();
    expect(await ids('deliveries')).toHaveLength(50);
    const both = await Promise.all([1, 2].map(() => tend(database.knex, { inDays: 400 })));
    expect(both.reduce((sum, one) => sum + (one?.moved.deliveries ?? 0), 0)).toBe(50);
    expect(await ids('deliveries_history')).toHaveLength(50);
  });

  it('rests for a day after an upgrade, as processes of the version before do not see the history', async () => {
    await deliveries(ACKNOWLEDGED, '2019-01-15T00:00:00Z');
    expect(await tend(database.knex)).toMatchObject({ complete: false, moved: { deliveries: 0 } });
    expect(await ids('deliveries')).toEqual([1]);
    expect(await tend(database.knex, { inDays: 2 })).toMatchObject({ moved: { deliveries: 1 } });
  });
});

describe('detaching', () => {
  const now = Date.parse('2028-01-10T00:00:00Z');
  const kept = { nowMs: now, keptMonths: 12 };

  it('keeps the data, says so in the audit, and refuses nothing', async () => {
    await refuse('2026-11-30T15:59:59Z', '2026-11-30T16:00:00Z', '2027-01-05T00:00:00Z');
    await deliveries(HELD_BACK, '2026-11-15T00:00:00Z');
    const { knex } = database;
    // Until then it was kept for ever.
    await tend(knex, { nowMs: now });
    expect(await tend(knex, kept)).toMatchObject({
      detached: [
        'deliveries_history_2026_11',
        'refusals_history_2026_11',
        'refusals_history_2026_12',
      ],
    });
    expect(await rows('select at from all_refusals')).toHaveLength(1);
    expect(await rows('select at from refusals_history_2026_11')).toHaveLength(1);
    expect(await rows('select id from deliveries_history_2026_11')).toEqual([{ id: 1 }]);
    const entries = await rows(
      `select actor, subject, outcome from audit_entries where action = 'history.detach' order by link`,
    );
    expect(entries).toHaveLength(3);
    expect(entries[0]).toMatchObject({
      actor: 'node:330000',
      subject: 'deliveries_history_2026_11',
      outcome: expect.stringContaining('rows=1') as string,
    });
    expect((await verifyChain(knex, '330000')).faults).toEqual([]);

    // What comes too late for a month that is detached stays where it is, and is found there.
    await refuse('2026-11-20T00:00:00Z');
    expect(await tend(knex, kept)).toMatchObject({ detached: [], moved: { refusals: 0 } });
    expect(await rows('select at from all_refusals')).toHaveLength(2);
  });

  it('waits while a restored neighbour is given back what it lost', async () => {
    await refuse('2026-11-20T00:00:00Z');
    const { knex } = database;
    await knex.raw(`insert into peer_restorations (node, restored_at) values ('100000', now())`);
    expect(await tend(knex, kept)).toMatchObject({ complete: true, detached: [] });
    await knex.raw('update peer_restorations set finished_at = now()');
    expect(await tend(knex, kept)).toMatchObject({ detached: ['refusals_history_2026_11'] });
  });

  it('is noted once when it was interrupted, or done by hand, and ends when the month is attached again', async () => {
    await refuse('2026-11-20T00:00:00Z', '2027-11-20T00:00:00Z');
    const { knex } = database;
    await tend(knex, { nowMs: now, afterDays: 30 });
    await knex.raw('alter table refusals_history detach partition refusals_history_2026_11');
    const table = 'refusals_history_2026_11';
    expect(await tend(knex, { nowMs: now })).toMatchObject({ detached: [table] });
    expect(await tend(knex, { nowMs: now })).toMatchObject({ detached: [] });
    const stateOf = async (): Promise<string | undefined> =>
      (await listMonths(knex)).find((one) => one.table === table)?.state;
    expect(await stateOf()).toBe('detached');

    await knex.raw(`alter table refusals_history attach partition ${table}
      for values from ('2026-11-01T00:00:00+08:00') to ('2026-12-01T00:00:00+08:00')`);
    expect(await tend(knex, { nowMs: now })).toMatchObject({ detached: [] });
    expect(await stateOf()).toBe('attached');
    expect(await tend(knex, kept)).toMatchObject({ detached: [table] });
    await knex.raw(`drop table ${table}`);
    expect(await stateOf()).toBe('gone');
    expect(monthOf(now)).toBe('2028-01');
  });

  it('goes on from one that was killed while it waited for readers', async () => {
    await refuse('2026-11-20T00:00:00Z');
    const { knex } = database;
    await tend(knex, { nowMs: now });
    const reader = await heldTransaction(knex);
    await reader.raw('select 1 from refusals_history');
    const killed = expect(tend(knex, kept)).rejects.toThrow();
    await eventually(async () => {
      const ended = await rows(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = ? and wait_event_type = 'Lock' and query like '%concurrently%'`,
        [`zhengzhao-hub/${database.schema}`],
      );
      expect(ended).toHaveLength(1);
    });
    await killed;
    await reader.rollback();
    const states = async (): Promise<string[]> =>
      (await listMonths(knex)).filter((one) => one.month === '2026-11').map((one) => one.state);
    expect(await states()).toEqual(['detaching']);
    expect(await tend(knex, kept)).toMatchObject({ detached: ['refusals_history_2026_11'] });
    expect(await states()).toEqual(['detached']);
    expect(await rows('select at from refusals_history_2026_11')).toHaveLength(1);
  });
});
