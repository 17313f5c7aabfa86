import type { Logger } from 'pino';
import { createPoll } from '../repeating/poll.js';
import { openEngine, QUEUES, type Engine, type QueueBackend } from './engine.js';

/** A task that runs once a day, wherever a worker of the node is free. */
export interface DailyTask {
  /** Name of the task; also of its scheduler, so that all processes share one. */
  readonly name: string;
  /** Five-field cron pattern in Asia/Shanghai. */
  readonly at: string;
  /** `stopping` is aborted when the process ends: a task that takes long then goes on another day. */
  readonly run: (stopping: AbortSignal) => Promise<void>;
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
  const stopping = new AbortController();
  const engine = openEngine<{ task: string }>({
    name: QUEUES.daily,
    backend: options.backend,
    concurrency: options.works ? 1 : 0,
    worker: LOCK,
    process: async ({ task }) => {
      await tasks.find(({ name }) => name === task)?.run(stopping.signal);
    },
  });
  const complain = (error: Error): void => {
    if (!stopping.signal.aborted)
      log.warn({ failure: error.message }, '定时任务队列不可用 / daily queue is not reachable');
  };
  engine.queue.on('error', complain);
  engine.worker?.on('error', complain);
  engine.worker?.on('failed', (_job, error) => {
    log.error({ err: error }, '定时任务失败 / a daily task failed');
  });
  await engine.queue.waitUntilReady();
  await engine.worker?.waitUntilReady();
  for (const task of tasks) await schedule(engine, task);
  const keeping = createPoll({
    run: () => scheduleMissing(engine, tasks),
    intervalMs: LOOK_EVERY_MS,
    failed: (error) => {
      complain(error as Error);
    },
  });
  keeping.start();
  return {
    close: async () => {
      stopping.abort();
      // A look while Redis is away ends with the connection.
      const kept = keeping.stop();
      await engine.worker?.close();
      await engine.queue.close();
      engine.disconnect();
      await kept;
    },
  };
}

/** A Redis that forgot everything has the tasks again after this. */
const LOOK_EVERY_MS = 30_000;

/** Only what is missing: scheduling again would replace a run that is due by the one of the next day. */
async function scheduleMissing(
  engine: Engine<{ task: string }>,
  tasks: readonly DailyTask[],
): Promise<void> {
  for (const task of tasks)
    if (!(await engine.queue.getJobScheduler(task.name))) await schedule(engine, task);
}

const ATTEMPTS = 5;

/**
 * Schedules a task. Processes of a node that start together may both write its next run; the one
 * that comes second is refused and finds it there when it looks again.
 */
async function schedule(engine: Engine<{ task: string }>, { name, at }: DailyTask): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await engine.queue.upsertJobScheduler(
        name,
        { pattern: at, tz: 'Asia/Shanghai' },
        { name, data: { task: name }, opts: { removeOnComplete: true, removeOnFail: 30 } },
      );
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
    }
  }
}
