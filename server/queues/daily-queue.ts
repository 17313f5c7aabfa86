import type { Logger } from 'pino';
import { openEngine, type QueueBackend } from './engine.js';

/** A task that runs once a day, wherever a worker of the node is free. */
export interface DailyTask {
  /** Name of the task; also of its scheduler, so that all processes share one. */
  readonly name: string;
  /** Five-field cron pattern in Asia/Shanghai. */
  readonly at: string;
  readonly run: () => Promise<void>;
}

export interface DailyQueueOptions {
  readonly backend: QueueBackend;
  readonly log: Logger;
  /** False: this process schedules and leaves the work to others. */
  readonly works: boolean;
  readonly tasks: readonly DailyTask[];
}

// A killed worker's task is taken up again after this.
const LOCK = { lockDuration: 60_000, stalledInterval: 30_000, maxStalledCount: 3 } as const;

/** Schedules the tasks with BullMQ's job schedulers: once a day per node, whoever restarts when. */
export async function openDailyQueue(
  options: DailyQueueOptions,
): Promise<{ close(): Promise<void> }> {
  const { log, tasks } = options;
  const engine = openEngine<{ task: string }>({
    name: 'daily',
    backend: options.backend,
    concurrency: options.works ? 1 : 0,
    worker: LOCK,
    process: async ({ task }) => {
      await tasks.find(({ name }) => name === task)?.run();
    },
  });
  const complain = (error: Error): void => {
    log.warn({ failure: error.message }, '定时任务队列不可用 / daily queue is not reachable');
  };
  engine.queue.on('error', complain);
  engine.worker?.on('error', complain);
  engine.worker?.on('failed', (_job, error) => {
    log.error({ err: error }, '定时任务失败 / a daily task failed');
  });
  await engine.queue.waitUntilReady();
  await engine.worker?.waitUntilReady();
  for (const { name, at } of tasks)
    await engine.queue.upsertJobScheduler(
      name,
      { pattern: at, tz: 'Asia/Shanghai' },
      { name, data: { task: name }, opts: { removeOnComplete: true, removeOnFail: 30 } },
    );
  return {
    close: async () => {
      await engine.worker?.close();
      await engine.queue.close();
      engine.disconnect();
    },
  };
}
