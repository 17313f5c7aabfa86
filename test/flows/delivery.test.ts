import { afterEach, describe, expect, it } from 'vitest';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { DeliveryState } from '#gen/zhengzhao/v1/exchange_pb.js';
import { testName, testUscc, validChange, validRegistration } from '../support/builders.js';
import { freshSchema } from '../support/database.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };

const backends = [
  { backend: 'PostgreSQL', redis: false },
  ...(hasRedis ? [{ backend: 'Redis', redis: true }] : []),
];

describe.each(backends)('delivery over BullMQ on $backend', ({ redis }) => {
  const open: (TestNode | TestRedis)[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).reverse()) await one.stop();
  });

  async function start(env: Record<string, string>): Promise<TestNode> {
    const node = await startTestNode(env);
    open.push(node);
    return node;
  }

  /** A queue server of the test's own, or none: PostgreSQL then carries the wake-ups. */
  async function queueServer(): Promise<TestRedis | undefined> {
    if (!redis) return undefined;
    const server = await startRedis();
    open.push(server);
    return server;
  }

  /** A province whose national node is not there yet, and how to start that one. */
  async function provinceAlone(env: Record<string, string> = {}) {
    const port = await freePort();
    const queue = await queueServer();
    const common = { HUB_REDIS_URL: queue?.url ?? '' };
    const province = await start({
      ...common,
      HUB_REGION: '330000',
      HUB_UPSTREAM_URL: `http://127.0.0.1:${port}`,
      ...env,
    });
    const startNational = (): Promise<TestNode> =>
      start({
        ...common,
        HUB_LEVEL: 'national',
        HUB_PORT: String(port),
        HUB_NODES: `330000=http://${province.address}`,
      });
    return { province, queue, startNational };
  }

  async function register(node: TestNode, ...numbers: number[]): Promise<void> {
    const { results } = await node.registration.batchSubmitRegistrations({
      registrations: numbers.map((number) => validRegistration(CATALOGUE, { number })),
    });
    expect(results.map((result) => result.outcome.case)).toEqual(numbers.map(() => 'receipt'));
  }

  /** The waiting time after a refusal, ended; what is being sent at this moment is left alone. */
  async function dueNow(node: TestNode): Promise<void> {
    await node.sql(
      'update deliveries set next_attempt_at = null where state = 1 and last_reason <> 0',
    );
  }

  async function arrived(node: TestNode): Promise<string[]> {
    const rows = await node.sql<{ uscc: string }>('select uscc from enterprises order by uscc');
    return rows.map((row) => row.uscc);
  }

  it('R52 keeps what is accepted while the far node is down, and delivers it once, in order', async () => {
    const { province, startNational } = await provinceAlone();
    const numbers = [1, 2, 3, 4, 5, 6, 7, 8];
    await register(province, ...numbers);
    await province.registration.batchSubmitRegistrations({
      registrations: numbers.map((number) => validChange(CATALOGUE, { number })),
    });
    await eventually(async () => {
      const { deliveries } = await province.exchange.listDeliveries({});
      expect(deliveries.some((one) => one.lastReason === ErrorReason.UNAVAILABLE)).toBe(true);
    });
    const national = await startNational();
    await eventually(async () => {
      await dueNow(province);
      expect(await province.sql('select 1 from deliveries where state = 1')).toEqual([]);
    });
    const rows = await national.sql<{ entity: string; kinds: number[]; n: number }>(
      `select entity, count(*)::int as n, array_agg(record_version::int order by seq) as kinds
         from messages group by entity order by entity`,
    );
    expect(rows.map((row) => row.kinds)).toEqual(numbers.map(() => [1, 2]));
    const { enterprise } = await national.registration.getEnterprise({ uscc: testUscc(5) });
    expect(enterprise?.entName).toBe(`${testName(5)}（更名）`);
  });

  it('D14 a poisoned message becomes a dead letter that stops its own enterprise and no other', async () => {
    const { province, startNational } = await provinceAlone();
    await register(province, 1, 2, 3);
    await province.registration.submitRegistration({
      registration: validChange(CATALOGUE, { number: 2 }),
    });
    // Bytes that were damaged on the disk of the province.
    await province.sql(
      "update messages set payload = '\\xffff'::bytea || payload where entity = ? and record_version = 1",
      [testUscc(2)],
    );
    const national = await startNational();
    await eventually(async () => {
      await dueNow(province);
      expect(await arrived(national)).toEqual([testUscc(1), testUscc(3)].sort());
      const { deliveries } = await province.exchange.listDeliveries({ state: DeliveryState.DEAD });
      expect(deliveries).toHaveLength(1);
      // Beside the dead letter only what follows it: the others are acknowledged here too.
      const waiting = await province.sql('select 1 from deliveries where state = 1');
      expect(waiting).toHaveLength(1);
    });
    const { deliveries } = await province.exchange.listDeliveries({ state: DeliveryState.DEAD });
    expect([ErrorReason.UNDECODABLE, ErrorReason.DIGEST_MISMATCH]).toContain(
      deliveries[0]?.lastReason,
    );
    expect(deliveries[0]?.lastError).toMatch(/\p{Script=Han}.* \/ .*[a-z]/u);

    await province.sql(
      'update messages set payload = substring(payload from 3) where entity = ? and record_version = 1',
      [testUscc(2)],
    );
    const retried = await province.exchange.retryDeliveries({
      destination: '100000',
      requestedBy: '值班员',
    });
    expect(retried).toMatchObject({ reopened: 1, remaining: 0, heldBack: 0 });
    await eventually(async () => {
      await dueNow(province);
      const { enterprise } = await national.registration.getEnterprise({ uscc: testUscc(2) });
      expect(enterprise?.entName).toBe(`${testName(2)}（更名）`);
    });
  });

  it('loses nothing when the queue forgets everything', async () => {
    const { province, queue, startNational } = await provinceAlone();
    const national = await startNational();
    for (const number of [1, 2, 3, 4, 5]) {
      await register(province, number);
      if (queue) await queue.flush();
      else await province.sql(`truncate "${province.schema}_queue".job cascade`);
    }
    await eventually(async () => {
      expect(await arrived(national)).toHaveLength(5);
    });
  });

  it('goes on with another process of the node after one was stopped in the middle', async () => {
    const schema = freshSchema('n');
    const { province, startNational } = await provinceAlone({ HUB_DATABASE_SCHEMA: schema });
    await register(province, 1, 2, 3);
    const upstream = province.node.config.upstreamUrl;
    const redisUrl = province.node.config.redisUrl;
    await province.stop();
    open.splice(open.indexOf(province), 1);
    const again = await start({
      HUB_DATABASE_SCHEMA: schema,
      HUB_REGION: '330000',
      HUB_UPSTREAM_URL: upstream,
      HUB_REDIS_URL: redisUrl,
    });
    const national = await startNational();
    await eventually(async () => {
      await dueNow(again);
      expect(await arrived(national)).toHaveLength(3);
    });
  });

  it('two processes that take calls and two that deliver work on one node as one does', async () => {
    const schema = freshSchema('n');
    const { province, startNational } = await provinceAlone({
      HUB_DATABASE_SCHEMA: schema,
      HUB_PROCESS: 'api',
    });
    const same = {
      HUB_DATABASE_SCHEMA: schema,
      HUB_REGION: '330000',
      HUB_UPSTREAM_URL: province.node.config.upstreamUrl,
      HUB_REDIS_URL: province.node.config.redisUrl,
    };
    const second = await start({ ...same, HUB_PROCESS: 'api' });
    const national = await startNational();
    await start({ ...same, HUB_PROCESS: 'worker' });
    await start({ ...same, HUB_PROCESS: 'worker' });
    const numbers = Array.from({ length: 30 }, (_, index) => index + 1);
    await Promise.all(numbers.map((number) => register(number % 2 ? province : second, number)));
    await Promise.all(
      numbers.map((number) =>
        (number % 2 ? second : province).registration.submitRegistration({
          registration: validChange(CATALOGUE, { number }),
        }),
      ),
    );
    await eventually(async () => {
      expect(await province.sql('select 1 from deliveries where state = 1')).toEqual([]);
    });
    const rows = await national.sql<{ versions: number[] }>(
      'select array_agg(record_version::int order by seq) as versions from messages group by entity',
    );
    expect(rows).toHaveLength(30);
    for (const row of rows) expect(row.versions).toEqual([1, 2]);
  });

  it('refuses for now when the backlog is full, and goes on by itself when it is not', async () => {
    const { province, startNational } = await provinceAlone({ HUB_BACKLOG_LIMIT: '100' });
    await register(province, ...Array.from({ length: 110 }, (_, index) => index + 1));
    const submit = () =>
      province.registration.submitRegistration({
        registration: validRegistration(CATALOGUE, { number: 500 }),
      });
    const refused = await eventually(async () => {
      const error: unknown = await submit().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toMatchObject({ codeName: 'RESOURCE_EXHAUSTED', reason: 'BACKLOG_FULL' });
      return error as { retryAfterMs?: number };
    });
    expect(refused.retryAfterMs).toBeGreaterThan(0);
    await startNational();
    await eventually(async () => {
      await dueNow(province);
      expect((await submit()).receipt?.node).toBe('330000');
    });
  });
});
