import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { createLog } from '../../server/log.js';
import { openDailyQueue, type DailyTask } from '../../server/queues/daily-queue.js';
import { openShownQueue, QUEUES, type QueueBackend } from '../../server/queues/engine.js';
import { openDatabase } from '../../server/storage/database.js';
import { freshSchema } from '../support/database.js';
import { eventually } from '../support/nodes.js';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.js';

const log = createLog('silent', 'test');
const AT = '30 3 * * *';
const DAY_MS = 86_400_000;

let redis: TestRedis | undefined;

beforeAll(async () => {
  if (hasRedis) redis = await startRedis();
});
afterAll(() => redis?.stop());
afterEach(() => {
  vi.useRealTimers();
});

/** Lets the processes that `act` starts believe that it is so many days ago. */
async function daysAgo<T>(days: number, act: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - days * DAY_MS });
  try {
    return await act();
  } finally {
    vi.useRealTimers();
  }
}

describe.each(['postgres', ...(hasRedis ? ['redis'] : [])])('a daily run on %s', (kind) => {
  let backend: QueueBackend;
  let runs: string[];
  const closing: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  function fresh(): void {
    const schema = freshSchema('q');
    runs = [];
    backend =
      kind === 'redis'
        ? { kind: 'redis', url: redis?.url ?? '', prefix: schema }
        : { kind: 'postgres', url: inject('databaseUrl'), schema };
    if (kind === 'redis') return;
    closing.push(async () => {
      const knex = openDatabase({ url: inject('databaseUrl'), schema, poolSize: 1 });
      await knex.raw('drop schema ?? cascade', [schema]);
      await knex.destroy();
    });
  }

  /** A process of the node; `works` false: it only schedules, as an api process does. */
  async function open(works: boolean, task: Partial<DailyTask> = {}): Promise<() => Promise<void>> {
    const run = (): Promise<void> => Promise.resolve(void runs.push('history'));
    const tasks = [{ name: 'history', at: AT, run, ...task }];
    const queue = await openDailyQueue({ backend, log, works, tasks });
    return () => queue.close();
  }

  const opened = async (works: boolean, task?: Partial<DailyTask>): Promise<void> => {
    closing.push(await open(works, task));
  };

  /** The runs to come: when, and nothing that waits besides. */
  async function comes(): Promise<number[]> {
    const { queue, close } = openShownQueue(backend, QUEUES.daily);
    try {
      expect(await queue.getJobCountByTypes('waiting', 'active')).toBe(0);
      return (await queue.getJobSchedulers()).map(({ next }) => next ?? 0);
    } finally {
      await close();
    }
  }

  /** It ran once, and comes next within a day, whoever else looks. */
  async function ranOnce(): Promise<void> {
    await eventually(() => Promise.resolve(expect(runs.length).toBeGreaterThan(0)));
    const [next = 0] = await eventually(comes);
    expect(next).toBeGreaterThan(Date.now());
    expect(next).toBeLessThanOrEqual(Date.now() + DAY_MS);
    expect(runs).toEqual(['history']);
  }

  it('that no process was there for is made up for once, whichever process comes first', async () => {
    fresh();
    await daysAgo(3, async () => (await open(true))());
    // Those that only schedule find what is due, and leave it to those that work.
    for (const works of [false, false, true, true]) await opened(works);
    await ranOnce();
    await opened(true);
    await ranOnce();
  });

  it('is made up for before another hour holds', async () => {
    fresh();
    await daysAgo(3, async () => (await open(true))());
    const at = '30 4 * * *';
    await opened(false, { at });
    await opened(true, { at });
    await ranOnce();
  });

  it('comes at the new hour when the hour was changed', async () => {
    fresh();
    await (
      await open(true)
    )();
    const [before = 0] = await comes();
    await opened(true, { at: '30 4 * * *' });
    const [after = 0] = await comes();
    expect((after - before + DAY_MS) % DAY_MS).toBe(DAY_MS / 24);
    expect(runs).toEqual([]);
  });

  it('that a queue forgot with its schedule is made up for once, by what the node remembers', async () => {
    fresh();
    const succeededAt = new Date(Date.now() - 2 * DAY_MS);
    const lastDone = () => Promise.resolve(runs.length > 0 ? new Date() : succeededAt);
    await Promise.all([true, true, false].map((works) => opened(works, { lastDone })));
    await ranOnce();
    await opened(true, { lastDone });
    await ranOnce();
  });

  it('is not made up for when none was missed', async () => {
    fresh();
    await opened(true, { lastDone: () => Promise.resolve(new Date()) });
    expect(await comes()).toHaveLength(1);
    expect(runs).toEqual([]);
  });

  it('comes within a day again when a clock that was years ahead is right again', async () => {
    fresh();
    await daysAgo(-1_000, async () => (await open(true))());
    await opened(true);
    const [next = 0] = await comes();
    expect(next).toBeGreaterThan(Date.now());
    expect(next).toBeLessThanOrEqual(Date.now() + DAY_MS);
    expect(runs).toEqual([]);
  });

  it('is still made up for when the node could not say at first when the last one was', async () => {
    fresh();
    const away = () => Promise.reject(new Error('Connection terminated'));
    await expect(open(true, { lastDone: away })).rejects.toThrow('Connection terminated');
    const succeededAt = new Date(Date.now() - 2 * DAY_MS);
    await opened(true, { lastDone: () => Promise.resolve(succeededAt) });
    await ranOnce();
  });
});
