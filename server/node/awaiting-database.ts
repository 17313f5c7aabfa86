import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { query } from '../storage/database.js';
import { isServerStarting } from '../storage/sql-state.js';
import { StartError } from './patience.js';

const LOOK_EVERY_MS = 500;

/** What is read from the log when the database is not there yet. */
const WAITING = '数据库正在启动或恢复,等待 / the database starts up or recovers; waiting';
const TOO_LONG =
  '数据库启动或恢复过久(备用库须先提升为主库) · the database takes too long to start or recover (a standby has to be promoted first).';

/**
 * Until a database that is starting up or recovering takes what is written: after a power cut the node
 * and its database start together, and one that is recovered from a backup, or a standby that is about
 * to be promoted, answers before it can be written to. Other errors are thrown at once; StartError after
 * `limitMs`.
 */
export async function untilDatabaseTakesWrites(
  knex: Knex,
  log: Logger,
  limitMs: number,
  stopping: AbortSignal | undefined,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (let told = false; ; told = true) {
    stopping?.throwIfAborted();
    if (await takesWrites(knex)) return;
    if (performance.now() > deadline) throw new StartError(TOO_LONG, 'away');
    if (!told) log.warn(WAITING);
    await sleep(LOOK_EVERY_MS);
  }
}

async function takesWrites(knex: Knex): Promise<boolean> {
  try {
    const { rows } = await query<{ recovers: boolean }>(
      knex,
      'select pg_is_in_recovery() as recovers',
    );
    return rows[0]?.recovers === false;
  } catch (error) {
    if (isServerStarting(error)) return false;
    throw error;
  }
}
