/**
 * `npm run bench:upgrade -- --rows N --from 010-audit`: a node's database with N messages, migrated up
 * to a version, accepts all the time while a second process migrates it to this one, and a long report
 * reads the tables that are to be changed. Prints the longest pause between two accepts that were
 * answered; exits 1 when it is above a second, or an accept failed. Whoever accepts is of this version, so
 * that migrations can be measured which it does not need yet.
 */
import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Knex } from 'knex';
import { migrationsUntil } from '../migrations/index.js';
import { civilDateIn } from '../server/domain/identifiers/civil-date.js';
import { admitRecord } from '../server/intake/admission.js';
import { onThrowawayPostgres } from '../launch/throwaway-postgres.js';
import { migrate, openDatabase } from '../server/storage/database.js';
import { findEnterprises } from '../server/storage/enterprises.js';
import { testMessageId, validLicence } from '../test/support/builders.js';
import { openIntake, validationAt } from '../test/support/intake.js';
import { fillProvince } from './reconcile-rows.js';

const SCHEMA = 'hub';
const CALLERS = 16;
/** Of those that are there, so that many are changed by turns. */
const ENTERPRISES = 200;
const REPORT_MS = 3_000;
const SETTLE_MS = 2_000;
const ALLOWED_MS = 1_000;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    from: { type: 'string', default: '010-audit' },
    migrate: { type: 'string' },
  },
});

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Callers that submit one after the other until they are told to end; when each was answered. */
async function accept(knex: Knex, stopping: AbortSignal): Promise<number[]> {
  const intake = openIntake(knex);
  const answered: number[] = [];
  let count = 0;
  const call = async (): Promise<void> => {
    while (!stopping.aborted) {
      count += 1;
      const licence = validLicence(
        { licId: `LIC-UP-${count}` },
        { number: (count % ENTERPRISES) + 1, envelope: { messageId: testMessageId(99, count) } },
      );
      const submission = admitRecord(licence, validationAt()).submission(Symbol('bench'));
      const [result] = await intake.accept([submission]);
      if (!result?.ok) throw result?.error ?? new Error('no result');
      answered.push(performance.now());
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, call));
  return answered;
}

/** A report that keeps the tables from being changed for a while, as there always is one. */
async function report(knex: Knex): Promise<void> {
  await knex.transaction(async (trx) => {
    await trx.raw('select 1 from deliveries, package_dispatches, audit_witness limit 1');
    await pause(REPORT_MS);
  });
}

/**
 * Who accepts here is of this version. Throws when it can't work on tables as old as these: then only a
 * checkout of an earlier version can show what its upgrade to later ones costs.
 */
async function requireOldEnough(knex: Knex): Promise<void> {
  try {
    await findEnterprises(knex, [], []);
  } catch {
    throw new Error(
      `本版的受理要用到 ${values.from} 之后才有的列:请给出更晚的 --from,或在更早的版本中测量 · ` +
        `accepting in this version needs columns that come after ${values.from}: give a later --from, ` +
        'or measure in a checkout of an earlier version.',
    );
  }
}

function migrateElsewhere(url: string): Promise<void> {
  const args = ['--import', 'tsx', fileURLToPath(import.meta.url), '--migrate', url];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`the migration ended with ${code ?? 'a signal'}`)),
    );
  });
}

function longestPause(answered: readonly number[]): number {
  return answered.reduce(
    (longest, at, index) => Math.max(longest, at - (answered[index - 1] ?? at)),
    0,
  );
}

async function measure(url: string, rows: number): Promise<boolean> {
  const knex = openDatabase({ url, schema: SCHEMA, poolSize: 8 });
  try {
    await migrate(knex, SCHEMA, migrationsUntil(values.from));
    await fillProvince(knex, rows, [civilDateIn(Date.now())]);
    await knex.raw('analyze');
    await requireOldEnough(knex);
    const stopping = new AbortController();
    const accepting = accept(knex, stopping.signal);
    await pause(SETTLE_MS);
    const began = performance.now();
    await Promise.all([report(knex), migrateElsewhere(url)]);
    const ended = performance.now();
    await pause(SETTLE_MS);
    stopping.abort();
    const answered = await accepting;
    const before = longestPause(answered.filter((at) => at <= began));
    const during = longestPause(answered.filter((at) => at >= began - 500 && at <= ended + 500));
    say(`消息数 rows                          ${rows.toLocaleString('en')}, from ${values.from}`);
    say(`迁移用时 the other process took      ${((ended - began) / 1000).toFixed(1)} s`);
    say(
      `受理数 accepted meanwhile            ${answered.filter((at) => at > began && at < ended).length}`,
    );
    say(`最长停顿 longest pause before        ${before.toFixed(0)} ms`);
    say(`最长停顿 longest pause meanwhile     ${during.toFixed(0)} ms`);
    return during <= ALLOWED_MS;
  } finally {
    await knex.destroy();
  }
}

async function run(rows: number): Promise<void> {
  const settings = { max_connections: '100', max_wal_size: '8GB', shared_buffers: '1GB' };
  const fine = await onThrowawayPostgres(settings, ({ url }) => measure(url, rows));
  process.exitCode = fine ? 0 : 1;
}

if (values.migrate === undefined) {
  const rows = Number(values.rows);
  if (!Number.isInteger(rows) || rows < 1_000)
    throw new Error('--rows 应为不小于 1000 的整数 · must be a whole number of at least 1000.');
  await run(rows);
} else {
  const knex = openDatabase({ url: values.migrate, schema: SCHEMA, poolSize: 3 });
  await migrate(knex, SCHEMA);
  await knex.destroy();
}
