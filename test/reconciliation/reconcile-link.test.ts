import { setTimeout as sleep } from 'node:timers/promises';
import { timestampDate, type Timestamp } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { civilDateIn } from '../../server/domain/identifiers/civil-date.js';
import { createLog } from '../../server/log.js';
import { openDailyQueue } from '../../server/queues/daily-queue.js';
import { openShownQueue, QUEUES, type ShownQueue } from '../../server/queues/engine.js';
import { reconcileLink } from '../../server/reconciliation/reconcile-link.js';
import { openDatabase } from '../../server/storage/database.js';
import { listReconciliations, type Reconciliation } from '../../server/storage/reconciliations.js';
import {
  testMessageId,
  testUscc,
  validInspection,
  validLicence,
  validRegistration,
} from '../support/builders.js';
import { freshSchema } from '../support/database.js';
import {
  eventually,
  freePort,
  startTestNode,
  startTrio,
  type TestNode,
  type Trio,
} from '../support/nodes.js';
import { hasRedis, startRedis } from '../support/redis.js';

const log = createLog('silent', 'test');
const NUMBERS = [1, 2, 3, 4, 5];

describe('reconciling a link', () => {
  let trio: Trio;
  beforeAll(async () => {
    trio = await startTrio();
    const { zhejiang, national } = trio;
    await zhejiang.registration.batchSubmitRegistrations({
      registrations: NUMBERS.map((number) =>
        validRegistration({ catalogVersion: '2019.12-prov' }, { number }),
      ),
    });
    await zhejiang.exchange.batchSubmitRecords({
      records: NUMBERS.flatMap((number) => [
        validLicence({}, { number }),
        validInspection({}, { number, nonPublic: true, nonPublicBasis: '涉及商业秘密' }),
      ]),
    });
    await eventually(async () => {
      const rows = await national.sql('select 1 from records where naming = 2');
      expect(rows).toHaveLength(5);
      expect(await zhejiang.sql('select 1 from deliveries where state = 1')).toEqual([]);
    });
  });
  afterAll(() => trio.stop());

  async function reconcile(): Promise<Reconciliation> {
    const { zhejiang, national } = trio;
    const today = civilDateIn(Date.now());
    const knex = openDatabase({ url: inject('databaseUrl'), schema: zhejiang.schema, poolSize: 2 });
    try {
      return await reconcileLink(
        {
          knex,
          log,
          node: '330000',
          peer: '100000',
          client: national.dataCenter,
          wake: () => undefined,
        },
        { fromDate: today, toDate: today },
      );
    } finally {
      await knex.destroy();
    }
  }

  it('F21 finds nothing on a link that lost nothing, and what is not public is on neither side', async () => {
    expect(await reconcile()).toMatchObject({
      compared: 10,
      missingThere: 0,
      missingHere: 0,
      different: 0,
      resent: 0,
    });
  });

  it('F21 finds what the other side lost and sends exactly that again', async () => {
    const { national } = trio;
    // What a restore from an older backup leaves behind.
    const lost = [testUscc(2), testUscc(4)];
    await national.sql('delete from messages where kind = 2 and entity = any(?)', [lost]);
    await national.sql('delete from records where uscc = any(?)', [lost]);
    expect(await reconcile()).toMatchObject({ missingThere: 2, missingHere: 0, resent: 2 });
    await eventually(async () => {
      const { licences } = await national.dataCenter.getDisclosure({ uscc: testUscc(4) });
      expect(licences).toHaveLength(1);
    });
    await eventually(async () => {
      expect(await reconcile()).toMatchObject({ missingThere: 0, resent: 0 });
    });
  });

  it('F21 what differs is reported and not sent again, as it would be refused and stop its enterprise', async () => {
    const { national, zhejiang } = trio;
    const altered = `kind = 2 and entity = '${testUscc(3)}'`;
    await national.sql(`update messages set digest = sha256('altered') where ${altered}`);
    expect(await reconcile()).toMatchObject({ missingThere: 0, different: 1, resent: 0 });
    expect(await zhejiang.sql('select 1 from deliveries where state = 1')).toEqual([]);
    // What the operator is told to see to: both sides go on from a new version.
    const record = validLicence(
      { licItem: '冷食类食品制售' },
      { number: 3, envelope: { messageId: testMessageId(44, 3), recordVersion: 2n } },
    );
    await zhejiang.exchange.submitRecord({ record });
    await eventually(async () => {
      const held = `select record_version as version from records where ${altered}`;
      expect(await national.sql(held)).toEqual([{ version: 2 }]);
      expect(await zhejiang.sql('select 1 from deliveries where state in (1, 3)')).toEqual([]);
    });
  });

  it('F21 leaves a report of every comparison', async () => {
    const knex = openDatabase({
      url: inject('databaseUrl'),
      schema: trio.zhejiang.schema,
      poolSize: 1,
    });
    const reports = await listReconciliations(knex, 100);
    await knex.destroy();
    expect(reports.map((report) => report.missingThere)).toContain(2);
    expect(reports[0]).toMatchObject({ peer: '100000', missingThere: 0 });
  });
});

describe('the daily queue', () => {
  it('runs a task at its time, once for all processes of the node', async () => {
    const schema = freshSchema('q');
    const backend = { kind: 'postgres', url: inject('databaseUrl'), schema } as const;
    let runs = 0;
    // Every second instead of every day.
    const tasks = [
      {
        name: 'count',
        at: '* * * * * *',
        run: async () => {
          runs += 1;
          await Promise.resolve();
        },
      },
    ];
    const queues = await Promise.all(
      [true, true, false].map((works) => openDailyQueue({ backend, log, works, tasks })),
    );
    await eventually(async () => {
      await Promise.resolve();
      expect(runs).toBeGreaterThanOrEqual(2);
    });
    await Promise.all(queues.map((queue) => queue.close()));
    expect(runs).toBeLessThanOrEqual(4);
    const knex = openDatabase({ url: inject('databaseUrl'), schema, poolSize: 1 });
    await knex.raw('drop schema ?? cascade', [schema]);
    await knex.destroy();
  });

  it.runIf(hasRedis)('goes on after Redis has forgotten everything', async () => {
    const redis = await startRedis();
    const backend = { kind: 'redis', url: redis.url, prefix: freshSchema('q') } as const;
    let runs = 0;
    const run = () => Promise.resolve(void (runs += 1));
    const tasks = [{ name: 'count', at: '* * * * * *', run }];
    const queue = await openDailyQueue({ backend, log, works: true, tasks });
    const runsMore = async (): Promise<void> => {
      const before = runs;
      await eventually(() => Promise.resolve(expect(runs).toBeGreaterThan(before + 1)));
    };
    try {
      await runsMore();
      await redis.flush();
      // A run that was under way may have gone on from what it knew.
      await sleep(2_000);
      await redis.flush();
      await runsMore();
    } finally {
      await queue.close();
      await redis.stop();
    }
  });
});

describe('the daily tasks of a node', () => {
  /** Lets the next run of a task be due now. */
  async function runNow({ queue }: ShownQueue, name: string): Promise<void> {
    const next = (await queue.getDelayed()).filter((job) => job.name === name);
    expect(next).toHaveLength(1);
    await next[0]?.promote();
  }
  const statusOf = async (node: TestNode, name: string) => {
    const { dailyTasks } = await node.dataCenter.getNodeStatus({});
    const found = dailyTasks.find((one) => one.name === name);
    if (!found) throw new Error(`there is no task ${name}`);
    return found;
  };
  const msOf = (at: Timestamp | undefined) => at && timestampDate(at).getTime();
  const succeeded = async (node: TestNode, name: string) =>
    msOf((await statusOf(node, name)).succeededAt);

  it('F21 show when they last went well, and a link that was not compared is no success', async () => {
    const port = await freePort();
    const away = await startTestNode({
      HUB_REGION: '350000',
      HUB_UPSTREAM_URL: `http://127.0.0.1:${await freePort()}`,
      HUB_METRICS: `127.0.0.1:${port}`,
    });
    const url = inject('databaseUrl');
    const shown = openShownQueue(
      { kind: 'postgres', url, schema: `${away.schema}_queue` },
      QUEUES.daily,
    );
    try {
      const begun = Date.now();
      expect(await succeeded(away, 'reconcile')).toBeUndefined();
      await runNow(shown, 'reconcile');
      await runNow(shown, 'history');
      await eventually(async () =>
        expect(await succeeded(away, 'history')).toBeGreaterThan(begun - 1),
      );
      await eventually(async () => {
        expect(await shown.queue.getFailedCount()).toBe(1);
      });
      expect(await succeeded(away, 'reconcile')).toBeUndefined();
      const failed = await statusOf(away, 'reconcile');
      expect(msOf(failed.failedAt)).toBeGreaterThanOrEqual(begun);
      expect(failed.failureZh).toBe('1 条链路中 1 条未能对账:100000。');
      expect(failed.failureEn).toBe('1 of 1 links could not be compared: 100000.');
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      for (const task of ['history', 'reconcile'])
        expect(metrics).toMatch(
          new RegExp(`^hub_daily_success_timestamp_seconds\\{task="${task}"\\} \\d+`, 'm'),
        );
      expect(metrics).toMatch(/^hub_daily_failure_timestamp_seconds\{task="reconcile"\} \d+/m);
      expect(metrics).not.toMatch(/^hub_daily_failure_timestamp_seconds\{task="history"\}/m);
    } finally {
      await shown.close();
      await away.stop();
    }
  });

  it('F21 show when they last failed, why without what was in hand, and when they come next', async () => {
    const node = await startTestNode({ HUB_REGION: '350000' });
    const url = inject('databaseUrl');
    const shown = openShownQueue(
      { kind: 'postgres', url, schema: `${node.schema}_queue` },
      QUEUES.daily,
    );
    try {
      const begun = Date.now();
      const before = await statusOf(node, 'history');
      expect([before.failedAt, before.failureZh, before.failureEn]).toEqual([undefined, '', '']);
      // Half past three in China, whenever it is now.
      const next = msOf(before.nextRunAt) ?? 0;
      expect((next / 60_000) % (24 * 60)).toBe(19 * 60 + 30);
      expect(next).toBeGreaterThan(begun);
      expect(next - begun).toBeLessThanOrEqual(86_400_000 + 60_000);

      await node.sql('alter table history_detachments rename to kept_away');
      await node.sql(`create view history_detachments as
        select 'deliveries' as history, ('张三'::text)::integer::text as month, now() as detached_at`);
      await runNow(shown, 'history');
      await eventually(async () =>
        expect(msOf((await statusOf(node, 'history')).failedAt)).toBeGreaterThanOrEqual(begun),
      );
      const failed = await statusOf(node, 'history');
      expect(failed.succeededAt).toBeUndefined();
      expect(failed.failureZh).toBe('意外错误(error 22P02),详见日志“定时任务失败”。');
      expect(failed.failureEn).toBe(
        'An unexpected error (error 22P02); the log has it, as "a daily task failed".',
      );

      await node.sql('drop view history_detachments');
      await node.sql('alter table kept_away rename to history_detachments');
      await eventually(() => runNow(shown, 'history'));
      await eventually(async () =>
        expect(await succeeded(node, 'history')).toBeGreaterThan(msOf(failed.failedAt) ?? 0),
      );
      const after = await statusOf(node, 'history');
      expect([after.failedAt, after.failureZh]).toEqual([failed.failedAt, failed.failureZh]);
    } finally {
      await shown.close();
      await node.stop();
    }
  });
});
