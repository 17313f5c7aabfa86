import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { isServerStarting } from '../storage/sql-state.js';
import { StartError } from './patience.js';

const LOOK_EVERY_MS = 500;

/** What is read from the log when the database is not there yet. */
const WAITING = '数据库正在启动或恢复,等待 / the database starts up or recovers; waiting';

/**
 * Until a database that is starting up or recovering takes connections: after a power cut the node
 * and its database start together. Other errors are thrown at once; StartError after `limitMs`.
 */
export async function untilDatabaseTakesConnections(
  knex: Knex,
  log: Logger,
  limitMs: number,
  stopping: AbortSignal | undefined,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (let told = false; ; told = true) {
    stopping?.throwIfAborted();
    try {
      await knex.raw('select 1');
      return;
    } catch (error) {
      if (!isServerStarting(error)) throw error;
      if (performance.now() > deadline)
        throw new StartError(
          '数据库启动或恢复过久 · the database takes too long to start or recover.',
          'away',
        );
      if (!told) log.warn(WAITING);
      await sleep(LOOK_EVERY_MS);
    }
  }
}
