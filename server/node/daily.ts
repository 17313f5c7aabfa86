import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { tendHistory } from '../history/tend-history.js';
import { nextRun, openDailyQueue, type DailyTask } from '../queues/daily-queue.js';
import {
  keepDailyTasks,
  listDailyTasks,
  noteDailyFailure,
  noteDailySuccess,
} from '../storage/daily-tasks.js';
import type { Closers } from './closers.js';
import { failureOf } from './daily-failure.js';
import { backendOf, type Store } from './store.js';

/** After the links were compared, and before offices open. */
const TEND_HISTORY_AT = '30 3 * * *';

/** Moves what is settled and old into history, once a day (HUB_HISTORY_AFTER_DAYS, HUB_HISTORY_MONTHS). */
export function historyTask(config: Config, { knex }: Store, log: Logger): DailyTask {
  const parts = { knex, log, node: config.node, policy: config.history };
  return {
    name: 'history',
    at: TEND_HISTORY_AT,
    run: async (stopping) => {
      await tendHistory(parts, Date.now(), stopping);
    },
  };
}

/** When a task comes next by its hour; undefined: the node has no such task. */
export type NextRun = (task: string) => Date | undefined;

/** Opens the queue of what a node does once a day; all tasks in one, as its workers take any of them. */
export async function openDaily(
  config: Config,
  store: Store,
  tasks: readonly DailyTask[],
  log: Logger,
  closers: Closers,
): Promise<NextRun> {
  const { knex } = store;
  await keepDailyTasks(
    knex,
    tasks.map(({ name }) => name),
  );
  const queue = await openDailyQueue({
    backend: backendOf(config, store.url),
    log,
    works: config.process !== 'api',
    tasks: tasks.map((task) => ({
      ...task,
      lastDone: async () => {
        const kept = (await listDailyTasks(knex)).find(({ name }) => name === task.name);
        return kept && (kept.succeededAt ?? kept.since);
      },
      run: async (stopping) => {
        try {
          await task.run(stopping);
        } catch (error) {
          // What an ending process broke off has not failed. The database may be what failed.
          if (!stopping.aborted)
            await noteDailyFailure(knex, task.name, failureOf(error)).catch(() => undefined);
          throw error;
        }
        if (!stopping.aborted) await noteDailySuccess(knex, task.name);
      },
    })),
  });
  closers.add(() => queue.close());
  return (name) => {
    const task = tasks.find((one) => one.name === name);
    return task && nextRun(task.at, new Date());
  };
}
