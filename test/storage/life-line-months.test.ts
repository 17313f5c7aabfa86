import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DeliveryAction, DeliveryState } from '#gen/zhengzhao/v1/exchange_pb.js';
import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import { query } from '../../server/storage/database.js';
import {
  deliveriesOf,
  findMessage,
  packageStepsOf,
  type StoredMessage,
} from '../../server/storage/message-history.js';
import { insertMessages, type NewMessage } from '../../server/storage/messages.js';
import { freshDatabase, heldTransaction, type TestDatabase } from '../support/database.js';
import { tend } from '../support/history.js';

/** Of each month the message that was accepted on its 15th. */
const MONTHS = ['2025-01', '2025-02', '2025-03', '2025-04', '2025-05', '2025-06'];
const HISTORIES = ['deliveries', 'package_steps', 'packages'];
/** A node moves nothing on the day after the upgrade that brought it the months. */
const LATER = { inDays: 2 };

let database: TestDatabase;
let knex: Knex;

beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
  for (const [index, month] of MONTHS.entries()) {
    const seq = index + 1;
    await store(messageOf(seq, `${month}-15T04:00:00Z`));
    await delivered(seq, `${month}-15T04:00:05Z`);
    await packaged(seq, `${month}-15T04:00:00Z`, `${month}-16T04:00:00Z`);
  }
  await tend(knex, LATER);
});
afterAll(() => database.drop());

function messageOf(seq: number, acceptedAt: string, name = acceptedAt.slice(0, 7)): NewMessage {
  return {
    seq,
    sourceNode: '330000',
    messageId: `M-${name}`,
    kind: 2,
    recordKind: 2,
    digest: Buffer.alloc(32),
    payload: Buffer.from('x'),
    redacted: false,
    ownerOrg: 'O',
    businessKey: `B-${name}`,
    recordVersion: 1,
    entity: 'E',
    sourceOrg: 'S',
    origin: 'client',
    hops: [],
    effect: 1,
    warnings: [],
    acceptedAtMs: Date.parse(acceptedAt),
    receiptProof: null,
  };
}

async function store(message: NewMessage): Promise<void> {
  expect(await insertMessages(knex, [message])).toBe(1);
}

async function delivered(seq: number, settledAt: string): Promise<void> {
  await query(
    knex,
    `insert into deliveries (message_seq, destination, entity, lane, action, kind, rule, revision,
            state, attempts, created_at, settled_at)
     values (?, '100000', 'E', 0, ${DeliveryAction.CARRY}, 2, 'UP-NAMED', 0,
             ${DeliveryState.ACKNOWLEDGED}, 1, ?, ?)`,
    [seq, settledAt, settledAt],
  );
}

async function packaged(seq: number, builtAt: string, receivedAt: string): Promise<void> {
  const { BUILT, RECEIVED } = PackageStatus;
  const packageId = `P-${seq}`;
  await query(
    knex,
    `insert into packages (package_id, message_seq, uscc, dept_code, dept_name, channels, rules,
            status, record_count, sha256, content, created_at)
     values (?, ?, 'E', 'D', '部门', '{}', '{}', ${RECEIVED}, 1, '', '', ?)`,
    [packageId, seq, builtAt],
  );
  await query(
    knex,
    `insert into package_steps (package_id, status, at, by, note)
     values (?, ${BUILT}, ?, 'hub', ''), (?, ${RECEIVED}, ?, '值班员', '')`,
    [packageId, builtAt, packageId, receivedAt],
  );
}

async function messageAt(name: string): Promise<StoredMessage> {
  const message = await findMessage(knex, { sourceNode: '330000', messageId: `M-${name}` });
  if (!message) throw new Error(name);
  return message;
}

interface LifeLine {
  /** Moments at which its deliveries were settled, and its packages took a step. */
  readonly settled: readonly string[];
  readonly steps: readonly string[];
  /** Months that were opened for it, by history: PostgreSQL holds a lock on what a statement opens. */
  readonly opened: Readonly<Record<string, readonly string[]>>;
}

async function lifeLineOf(month: string): Promise<LifeLine> {
  const message = await messageAt(month);
  const trx = await heldTransaction(knex);
  const deliveries = await deliveriesOf(trx, message);
  const steps = await packageStepsOf(trx, message);
  const { rows } = await query<{ history: string; month: string }>(
    trx,
    `select substring(c.relname from '^(.*)_history_') as history,
            replace(right(c.relname, 7), '_', '-') as month
       from pg_locks l join pg_class c on c.oid = l.relation
      where l.pid = pg_backend_pid() and c.relnamespace = current_schema()::regnamespace
        and c.relname ~ '_history_[0-9]{4}_[0-9]{2}$' order by 1, 2`,
  );
  await trx.rollback();
  return {
    settled: deliveries.map(({ settledAt }) => settledAt?.toISOString() ?? ''),
    steps: steps.map(({ at }) => at.toISOString()),
    opened: Object.fromEntries(
      HISTORIES.map((history) => [
        history,
        rows
          .filter((row) => row.history === history && MONTHS.includes(row.month))
          .map((row) => row.month),
      ]),
    ),
  };
}

const since = (month: string): Record<string, string[]> =>
  Object.fromEntries(HISTORIES.map((history) => [history, MONTHS.slice(MONTHS.indexOf(month))]));

it('a life line opens no month of before its message was accepted', async () => {
  for (const month of MONTHS)
    expect(await lifeLineOf(month)).toEqual({
      settled: [`${month}-15T04:00:05.000Z`],
      steps: [`${month}-15T04:00:00.000Z`, `${month}-16T04:00:00.000Z`],
      opened: since(month),
    });
});

it('clocks that differ by hours lose nothing, at the turn of a month either', async () => {
  // As China has it, accepted in July by a process whose clock is ahead of the database's.
  await store(messageOf(7, '2025-06-30T17:00:00Z', 'ahead'));
  await delivered(7, '2025-06-30T10:00:00Z');
  await tend(knex, LATER);
  const message = await messageAt('ahead');
  const { rows } = await query<{ n: number }>(
    knex,
    'select count(*)::int as n from deliveries_history_2025_06 where message_seq = 7',
  );
  expect(rows).toEqual([{ n: 1 }]);
  expect(await deliveriesOf(knex, message)).toHaveLength(1);
  // However wrong a clock was: what has not moved is in the life line.
  await delivered(7, '2024-01-01T00:00:00Z');
  expect(await deliveriesOf(knex, message)).toHaveLength(2);
});

it('D7 content that is stored again keeps the time of its first acceptance', async () => {
  const [month = ''] = MONTHS;
  const first = await messageAt(month);
  await query(
    knex,
    `update messages set payload = null, entity = '', source_org = '' where seq = 1`,
  );
  await store(messageOf(101, '2026-05-01T00:00:00Z', month));
  expect(await messageAt(month)).toMatchObject({ seq: 101, acceptedAt: first.acceptedAt });
  // Settled between the two times.
  await delivered(101, '2025-03-20T00:00:00Z');
  await tend(knex, LATER);
  expect((await lifeLineOf(month)).settled).toEqual(['2025-03-20T00:00:00.000Z']);
});
