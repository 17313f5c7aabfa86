import { defaultRepeatStrategy } from 'bullmq';
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
  /**
   * When it last went well, or since when it is done at all. Unset: a run that was missed is not made up
   * for when the queue has forgotten its schedule, as a Redis without a disk does.
   */
  readonly lastDone?: () => Promise<Date | undefined>;
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

/**
 * Schedules the tasks with BullMQ's job schedulers: once a day per node, whoever restarts when. A run whose
 * hour passed while no process was there is made up for, once.
 */
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
  // Hours that this process has still to set; what another one sets later is not set back.
  const unset = new Set(tasks);
  const mayBring = onceADay();
  const look = async (): Promise<void> => {
    for (const task of tasks) {
      const may = { move: unset.has(task), bring: () => mayBring(task.name) };
      if (await keep(engine, task, may)) unset.delete(task);
    }
  };
  const keeping = createPoll({
    run: look,
    intervalMs: LOOK_EVERY_MS,
    failed: (error) => {
      complain(error as Error);
    },
  });
  const close = async (): Promise<void> => {
    stopping.abort();
    // A look while Redis is away ends with the connection.
    const kept = keeping.stop();
    await engine.worker?.close();
    await engine.queue.close();
    engine.disconnect();
    await kept;
  };
  try {
    await look();
  } catch (error) {
    await close();
    throw error;
  }
  keeping.start();
  return { close };
}

/** A Redis that forgot everything has the tasks again after this. */
const LOOK_EVERY_MS = 30_000;

type DailyEngine = Engine<{ task: string }>;

const ZONE = 'Asia/Shanghai';

/** What this process may do to a schedule that is there. */
interface May {
  /** Set another hour. */
  readonly move: boolean;
  /** Bring back a run that is too far away; asked only when there is one. */
  readonly bring: () => boolean;
}

/**
 * Schedules a task that is not scheduled, or at another hour than it should be, or by a clock that was
 * ahead. What is scheduled right stays, for scheduling again would replace a run that is due by the one of
 * the next day. False: the hour is another one, and is to be set once the run that is due has begun.
 */
async function keep(engine: DailyEngine, task: DailyTask, may: May): Promise<boolean> {
  const { name, at } = task;
  const scheduler = await engine.queue.getJobScheduler(name);
  const next = scheduler?.next ?? 0;
  const isScheduled = scheduler && (await isWaiting(engine, `repeat:${name}:${next}`));
  if (!isScheduled || (isTooFar(next, scheduler.pattern ?? at) && may.bring())) {
    // First, so that it is made up for at the next look when this one can't ask.
    await makeUp(engine, task);
    await schedule(engine, task);
    return true;
  }
  if (!may.move || (scheduler.pattern === at && scheduler.tz === ZONE)) return true;
  if (next <= Date.now()) return false;
  await schedule(engine, task);
  return true;
}

/** Whether a run is still to come, or under way and about to schedule the next one. */
async function isWaiting(engine: DailyEngine, jobId: string): Promise<boolean> {
  const state = await engine.queue.getJobState(jobId);
  return state !== 'unknown' && state !== 'completed' && state !== 'failed';
}

/** When a pattern comes next after a moment, in milliseconds. */
function comesAfter(ms: number, pattern: string): number | undefined {
  return defaultRepeatStrategy(ms, { pattern, tz: ZONE });
}

/** The same as dates, for who shows it. */
export function nextRun(at: string, after: Date): Date | undefined {
  const next = comesAfter(after.getTime(), at);
  return next === undefined ? undefined : new Date(next);
}

/** Later than the run after the next one: a clock that was ahead said so, and was set right since. */
function isTooFar(next: number, pattern: string): boolean {
  const soon = comesAfter(Date.now(), pattern);
  const after = soon && comesAfter(soon, pattern);
  return after !== undefined && next > after;
}

/**
 * Says yes to each name once a day, by a clock that nobody sets: two processes whose clocks are days apart
 * never agree on what is too far, and would let the task run each time they look.
 */
function onceADay(): (name: string) => boolean {
  const said = new Map<string, number>();
  return (name) => {
    const now = performance.now();
    const last = said.get(name);
    if (last !== undefined && now - last < DAY_S * 1000) return false;
    said.set(name, now);
    return true;
  };
}

const DAY_S = 86_400;

/** Lets a run be at once whose hour passed since the last one; its id keeps processes from doing it twice. */
async function makeUp(engine: DailyEngine, { name, at, lastDone }: DailyTask): Promise<void> {
  const done = await lastDone?.();
  const due = done && comesAfter(done.getTime(), at);
  if (due === undefined || due > Date.now()) return;
  const opts = {
    jobId: `missed-${name}-${due}`,
    removeOnComplete: { age: DAY_S },
    removeOnFail: 30,
  };
  await engine.queue.addBulk([{ name, data: { task: name }, opts }]);
}

const ATTEMPTS = 5;

/**
 * Schedules a task. Processes of a node that start together may both write its next run; the one
 * that comes second is refused and finds it there when it looks again.
 */
async function schedule(engine: DailyEngine, { name, at }: DailyTask): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await engine.queue.upsertJobScheduler(
        name,
        { pattern: at, tz: ZONE },
        { name, data: { task: name }, opts: { removeOnComplete: true, removeOnFail: 30 } },
      );
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100 * attempt));
    }
  }
}
