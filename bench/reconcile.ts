/**
 * `npm run bench:reconcile -- --rows N`: fills a province and the national node with the same N
 * messages of a week, breaks a few at the national node, and lets the province reconcile through the
 * real RPC. Prints rows, round trips, seconds, what was found and what was repaired; exits 1 when
 * that is not exactly what was broken.
 */
import { parseArgs } from 'node:util';
import type { Knex } from 'knex';
import { DataCenter, type ReconcileRequest } from '#gen/zhengzhao/v1/data_center_pb.js';
import { createGrpcClient, type GrpcClient } from '../clients/grpc.js';
import { readConfig } from '../server/config.js';
import { createLog } from '../server/log.js';
import { startNode, type RunningNode } from '../server/node.js';
import { comparedDays } from '../server/domain/reconciliation.js';
import { onThrowawayPostgres } from '../launch/throwaway-postgres.js';
import { reconcileLink } from '../server/reconciliation/reconcile-link.js';
import { openDatabase } from '../server/storage/database.js';
import type { Reconciliation } from '../server/storage/reconciliations.js';
import { fillPair } from './reconcile-rows.js';

const DAYS = 7;
/** What is broken at the national node, as a share of nothing: a handful in a million. */
const DELETED = 12;
const ALTERED = 5;
const REPAIR_LIMIT_MS = 120_000;

interface Side {
  readonly node: RunningNode;
  readonly knex: Knex;
  readonly schema: string;
}

const log = createLog('error', 'bench');
const { values } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } });
const rows = Number(values.rows);
if (!Number.isInteger(rows) || rows < 1_000)
  throw new Error('--rows 应为不小于 1000 的整数 · must be a whole number of at least 1000.');

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function start(url: string, schema: string, env: Record<string, string>): Promise<Side> {
  const config = readConfig({
    HUB_DATABASE_URL: url,
    HUB_DATABASE_SCHEMA: schema,
    HUB_PORT: '0',
    HUB_LOG_LEVEL: 'error',
    ...env,
  });
  const node = await startNode(config, log);
  return { node, knex: openDatabase({ url, schema, poolSize: 2 }), schema };
}

/** Registrations, licences, inspections and penalties of all days are among them. */
function brokenIds(count: number, first: number): number[] {
  const step = Math.floor(rows / (count + 1));
  return Array.from({ length: count }, (_, index) => first + index * step);
}

/** As after a restore from an older backup, and as after an error in a table. */
async function breakNational({ knex }: Side): Promise<void> {
  const lost = brokenIds(DELETED, 52);
  await knex.raw(
    `delete from records r using messages m where m.seq = any(?) and r.message_seq = m.seq`,
    [lost],
  );
  await knex.raw('delete from messages where seq = any(?)', [lost]);
  await knex.raw(`update messages set digest = sha256(digest) where seq = any(?)`, [
    brokenIds(ALTERED, 105),
  ]);
}

/** Counts what is asked. */
function counting(client: GrpcClient<typeof DataCenter>) {
  const asked: ReconcileRequest[] = [];
  return {
    asked,
    reconcile: (...call: Parameters<typeof client.reconcile>) => {
      asked.push(call[0] as ReconcileRequest);
      return client.reconcile(...call);
    },
  };
}

async function measure(province: Side, national: Side) {
  const client = createGrpcClient(DataCenter, `127.0.0.1:${national.node.port}`);
  const counted = counting(client);
  const began = performance.now();
  const report = await reconcileLink(
    {
      knex: province.knex,
      log,
      node: '330000',
      peer: '100000',
      client: counted,
      // The running province finds what was opened again by itself.
      wake: () => undefined,
    },
    comparedDays(Date.now()),
  );
  const seconds = (performance.now() - began) / 1000;
  client.close();
  return { report, seconds, roundTrips: counted.asked.length };
}

async function repaired({ knex }: Side): Promise<number> {
  const lost = brokenIds(DELETED, 52).map((seq) => seq);
  const deadline = Date.now() + REPAIR_LIMIT_MS;
  for (;;) {
    const { rows: open } = await knex.raw<{ rows: { state: number }[] }>(
      `select d.state from deliveries d where d.message_seq = any(?)`,
      [lost],
    );
    const done = open.filter((one) => one.state === 2).length;
    if (done === lost.length || Date.now() > deadline) return done;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function verdict(report: Reconciliation, after: Reconciliation, mended: number): string[] {
  const expect = (name: string, found: number, expected: number): string[] =>
    found === expected ? [] : [`${name}: ${found}, expected ${expected}`];
  return [
    ...expect('compared', report.compared, rows),
    ...expect('missing there', report.missingThere, DELETED),
    ...expect('missing here', report.missingHere, 0),
    ...expect('different', report.different, ALTERED),
    ...expect('sent again', report.resent, DELETED),
    ...expect('repaired', mended, DELETED),
    ...expect('missing there, afterwards', after.missingThere, 0),
    ...expect('different, afterwards', after.different, ALTERED),
  ];
}

async function run(url: string): Promise<string[]> {
  const national = await start(url, 'national', { HUB_LEVEL: 'national' });
  const upstream = `http://127.0.0.1:${national.node.port}`;
  const province = await start(url, 'zhejiang', {
    HUB_REGION: '330000',
    HUB_UPSTREAM_URL: upstream,
  });
  try {
    const filled = performance.now();
    await fillPair({ province, national }, rows, DAYS);
    say(`数据就绪 filled in ${((performance.now() - filled) / 1000).toFixed(0)} s`);
    await breakNational(national);
    const first = await measure(province, national);
    const mended = await repaired(province);
    const again = await measure(province, national);
    say(`消息数 rows               ${rows.toLocaleString('en')} on each side, ${DAYS} days`);
    say(`弄坏 broken               ${DELETED} deleted, ${ALTERED} altered`);
    say(`往返次数 round trips      ${first.roundTrips}`);
    say(`用时 seconds              ${first.seconds.toFixed(1)}`);
    say(
      `发现 found                ${first.report.missingThere} missing, ${first.report.different} different`,
    );
    say(`修复 repaired             ${mended}`);
    say(
      `再次对账 compared again   ${again.seconds.toFixed(1)} s, ${again.report.missingThere} missing, ${again.report.different} different`,
    );
    return verdict(first.report, again.report, mended);
  } finally {
    for (const side of [province, national]) {
      await side.node.stop();
      await side.knex.destroy();
    }
  }
}

const settings = { max_connections: '200', max_wal_size: '8GB', shared_buffers: '1GB' };
const wrong = await onThrowawayPostgres(settings, ({ url }) => run(url));
for (const line of wrong) say(`不符 wrong: ${line}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
