import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { lockNames } from '../../server/storage/node-locks.js';
import { openDatabase, query } from '../../server/storage/database.js';
import { findEnterprises } from '../../server/storage/enterprises.js';
import { listHiddenLicences } from '../../server/storage/hidden-numbers.js';
import { findMessages } from '../../server/storage/messages.js';
import { countDepartmentDays } from '../../server/storage/department-report.js';
import { findRecords } from '../../server/storage/records.js';
import { countPackages } from '../../server/storage/exchange-report.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

const ROWS = 5_000;
const ASKED = 20;

let database: TestDatabase;
/** One connection, so that what is asked later finds the plans that were made first. */
let knex: Knex;

beforeAll(async () => {
  database = await freshDatabase();
  knex = openDatabase({ url: database.url, schema: database.schema, poolSize: 1 });
});
afterAll(async () => {
  await knex.destroy();
  await database.drop();
});

/** Looks up what an accept looks up, and answers how many rows it found. */
function lookUp(): Promise<number> {
  const numbers = Array.from({ length: ASKED }, (_, index) => index * 100 + 1);
  return knex.transaction(async (trx) => {
    await lockNames(trx, ['somebody']);
    const messages = await findMessages(
      trx,
      numbers.map((number) => ({ sourceNode: '330000', messageId: `M-${number}` })),
    );
    const enterprises = await findEnterprises(
      trx,
      numbers.map((number) => `U-${number}`),
      numbers.map((number) => `R-${number + 1}`),
    );
    const records = await findRecords(
      trx,
      numbers.map((number) => ({
        kind: MessageKind.LICENCE,
        ownerOrg: 'O',
        businessKey: `B-${number}`,
      })),
      numbers.map((number) => `U-${number + 1}`),
    );
    return messages.length + enterprises.length + records.length;
  });
}

/** Rows of the node's tables and entries of their indexes that this connection has read so far. */
async function read(): Promise<number> {
  await query(knex, 'select pg_stat_force_next_flush()');
  const { rows } = await query<{ read: number }>(
    knex,
    `select (select sum(seq_tup_read) from pg_stat_user_tables where schemaname = ?)
            + (select sum(idx_tup_read) from pg_stat_user_indexes where schemaname = ?) as read`,
    [database.schema, database.schema],
  );
  return Number(rows[0]?.read);
}

async function fill(): Promise<void> {
  await query(
    knex,
    `insert into messages (source_node, message_id, kind, record_kind, digest, owner_org,
            business_key, record_version, entity, source_org, origin, effect, accepted_at, txid)
     select '330000', 'M-' || n, 1, 0, '', '', '', 1, 'U-' || n, '', 'client', 1, now(), 1
       from generate_series(1, ?::int) as n`,
    [ROWS],
  );
  await query(
    knex,
    `insert into enterprises (uscc, pripid, reg_no, ent_name, match_names, former_names, name_grams,
            reg_state, reg_org, reg_org_name, home_node, business_key, record_version,
            effective_date, cancelled, ftz, permit_items, told, message_seq, updated_at)
     select 'U-' || n, '', 'R-' || n, '', '{}', '{}', '{}', '', '', '', '', '', 1, '', false, false,
            '{}', '[]', n, now()
       from generate_series(1, ?::int) as n`,
    [ROWS],
  );
  await query(
    knex,
    `insert into records (kind, owner_org, business_key, record_version, message_seq, source_node,
            message_id, origin, entity, counterpart, naming, naming_reason, naming_method, named_by,
            non_public, content_marked, publicity_revision, change_version, authority_org, state,
            permit_item_code, licence_no, shown_until, updated_at)
     select ${MessageKind.LICENCE}, 'O', 'B-' || n, 1, n, '', '', '', 'U-' || n, '{}', 1, 0, '', '', false,
            false, 0, 0, '', 1, '', '', '', now()
       from generate_series(1, ?::int) as n`,
    [ROWS],
  );
}

it('what an accept looks up is found by indexes, also by plans that were made while all was empty', async () => {
  // More often than PostgreSQL tries before it keeps a plan by itself.
  for (let time = 0; time < 10; time += 1) expect(await lookUp()).toBe(0);
  await fill();
  const before = await read();
  expect(await lookUp()).toBe(5 * ASKED);
  expect((await read()) - before).toBeLessThan(10 * ASKED);
});

it('D5 licences that are not public are listed without reading those that are', async () => {
  await query(knex, `update records set non_public = true where business_key in ('B-7', 'B-9')`);
  await query(knex, 'analyze records');
  const before = await read();
  const hidden = await listHiddenLicences(knex, { ownerOrg: 'O', businessKey: 'B-7' }, 100);
  expect(hidden).toEqual([{ ownerOrg: 'O', businessKey: 'B-9' }]);
  expect((await read()) - before).toBeLessThan(10);
});

it('the packages of a day are counted without reading those of other days', async () => {
  await query(
    knex,
    `insert into packages (package_id, message_seq, uscc, dept_code, dept_name, channels, rules, status,
            record_count, sha256, content, created_at)
     select 'P-' || n, n, 'U', 'D-' || n % 4, '', '{}', '{RT-1}', 1, 1, '', '',
            '2026-03-01T00:00:00+08:00'::timestamptz + n * interval '1 hour'
       from generate_series(0, ?::int - 1) as n`,
    [ROWS],
  );
  await query(
    knex,
    `insert into package_steps (package_id, status, at, by, note)
     select package_id, status, created_at, '', '' from packages`,
  );
  await query(knex, 'analyze packages, package_steps');
  const date = '2026-04-01';
  const span = {
    from: new Date(`${date}T00:00:00+08:00`),
    until: new Date('2026-04-02T00:00:00+08:00'),
  };
  const now = span.until;
  const before = await read();
  expect(await countPackages(knex, span)).toEqual([{ status: 1, rules: ['RT-1'], count: 24 }]);
  const due = [{ date, at: now }];
  const days = await countDepartmentDays(knex, { span, deptCode: '', due, now, limit: 100 });
  expect(days.map((day) => day.packages)).toEqual([6, 6, 6, 6]);
  // Of each answer the packages, and of the second the step of each.
  expect((await read()) - before).toBeLessThan(4 * 24 + 10);
});
