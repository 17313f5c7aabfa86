import { Queue, Worker } from 'bullmq';
import { Logger, run } from 'graphile-worker';
import { Redis } from 'ioredis';
import type { Knex } from 'knex';
import PgBoss from 'pg-boss';

const JOBS_AT_ONCE = 16;
/** It would write a line for each job. */
const SILENT = new Logger(() => () => undefined);

/** What a plain node is told to keep its deliveries in. */
export const PLAIN_QUEUES = ['bullmq', 'graphile-worker', 'pg-boss'] as const;
export type PlainQueueName = (typeof PLAIN_QUEUES)[number];

/** A job queue as its own documentation has it used, one job for each message. */
export interface PlainQueue {
  /** Adds a job in the transaction of its message. Unset: it can't, as its jobs are elsewhere. */
  readonly addWithin?: (trx: Knex.Transaction, id: string) => Promise<unknown>;
  /** Adds a job once its message is stored. Unset: that was done. */
  readonly addAfter?: (id: string) => Promise<unknown>;
  work(deliver: (id: string) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** Where the queues are. */
export interface PlainPlaces {
  readonly databaseUrl: string;
  /** Of the node; the queue's own schema is named after it. */
  readonly schema: string;
  readonly redisUrl: string;
}

/** Opens a queue, with its tables. */
export function openPlainQueue(name: PlainQueueName, places: PlainPlaces): Promise<PlainQueue> {
  switch (name) {
    case 'bullmq':
      return Promise.resolve(openBullmq(places));
    case 'graphile-worker':
      return Promise.resolve(openGraphileWorker(places));
    case 'pg-boss':
      return openPgBoss(places);
  }
}

function openBullmq({ redisUrl, schema }: PlainPlaces): PlainQueue {
  const connect = (): Redis => new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue<{ id: string }>(schema, { connection: connect() });
  let worker: Worker<{ id: string }> | undefined;
  return {
    addAfter: (id) => queue.add('deliver', { id }, { removeOnComplete: true }),
    work: (deliver) => {
      const options = { connection: connect(), concurrency: JOBS_AT_ONCE };
      worker = new Worker(schema, (job) => deliver(job.data.id), options);
      return Promise.resolve();
    },
    close: async () => worker?.close(),
  };
}

function openGraphileWorker({ databaseUrl, schema: node }: PlainPlaces): PlainQueue {
  const schema = `${node}_jobs`;
  let stop: (() => Promise<void>) | undefined;
  return {
    addWithin: (trx, id) =>
      trx.raw(`select ??.add_job('deliver', json_build_object('id', ?::text))`, [schema, id]),
    work: async (deliver) => {
      const runner = await run({
        connectionString: databaseUrl,
        schema,
        concurrency: JOBS_AT_ONCE,
        maxPoolSize: JOBS_AT_ONCE + 2,
        noHandleSignals: true,
        logger: SILENT,
        taskList: { deliver: (job) => deliver((job as { id: string }).id) },
      });
      stop = () => runner.stop();
    },
    close: async () => stop?.(),
  };
}

/** It looks for jobs twice a second at most, so each look takes many. */
const PER_LOOK = 250;

async function openPgBoss({ databaseUrl, schema: node }: PlainPlaces): Promise<PlainQueue> {
  const boss = new PgBoss({ connectionString: databaseUrl, schema: `${node}_jobs` });
  boss.on('error', (error) => {
    throw error;
  });
  await boss.start();
  await boss.createQueue('deliver');
  return {
    addWithin: (trx, id) => boss.send('deliver', { id }, { db: inTransaction(trx) }),
    work: async (deliver) => {
      const options = { batchSize: PER_LOOK, pollingIntervalSeconds: 0.5 };
      const take = async (jobs: PgBoss.Job<{ id: string }>[]): Promise<void> => {
        await Promise.all(jobs.map((job) => deliver(job.data.id)));
      };
      for (let worker = 0; worker < 4; worker += 1) await boss.work('deliver', options, take);
    },
    close: () => boss.stop(),
  };
}

/** Its statements have `$1` for values, Knex has names. */
function inTransaction(trx: Knex.Transaction): PgBoss.Db {
  return {
    executeSql: async (text, values) => {
      const named = Object.fromEntries(
        values.map((value: unknown, at) => [`v${at + 1}`, value ?? null]),
      );
      const sql = text.replaceAll(/\$(\d+)/g, ':v$1');
      return trx.raw<{ rows: unknown[] }>(sql, named as Record<string, Knex.RawBinding>);
    },
  };
}
