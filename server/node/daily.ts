import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { tendHistory } from '../history/tend-history.js';
import { openDailyQueue, type DailyTask } from '../queues/daily-queue.js';
import { keepDailyTasks, listDailyTasks, noteDailySuccess } from '../storage/daily-tasks.js';
import type { Closers } from './closers.js';
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

/** Opens the queue of what a node does once a day; all tasks in one, as its workers take any of them. */
export async function openDaily(
  config: Config,
  store: Store,
  tasks: readonly DailyTask[],
  log: Logger,
  closers: Closers,
): Promise<void> {
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
        await task.run(stopping);
        if (!stopping.aborted) await noteDailySuccess(knex, task.name);
      },
    })),
  });
  closers.add(() => queue.close());
}
