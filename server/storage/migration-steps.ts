import { setTimeout as pause } from 'node:timers/promises';
import type { Knex } from 'knex';
import { migrationSource, type Migration } from '../../migrations/index.js';
import { isLockTimeout } from './sql-state.js';

/**
 * Longest wait for a lock. A migration that waits for a table keeps everybody behind it waiting too,
 * accepts among them: so it gives up soon, lets them pass, and tries again.
 */
const LOCK_TIMEOUT_MS = 200;
const PAUSE_MS = 800;
/** After ten minutes something holds the table that a person must look at. */
const ATTEMPTS = 600;

/** The migrations as they run on a live node: patient about locks, or outside a transaction. */
export function liveSource(
  source: Knex.MigrationSource<Migration> = migrationSource,
): Knex.MigrationSource<Migration> {
  return {
    getMigrations: (loadExtensions) => source.getMigrations(loadExtensions),
    getMigrationName: (migration) => source.getMigrationName(migration),
    getMigration: (migration) =>
      Promise.resolve({
        up: (knex) =>
          migration.transaction === false ? migration.up(knex) : patiently(knex, migration),
        down: migration.down,
        config: { transaction: migration.transaction !== false },
      }),
  };
}

/** In a savepoint, whose end gives back what it had locked already. */
async function patiently(knex: Knex, migration: Migration): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await knex.transaction(async (step) => {
        await step.raw(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
        await migration.up(step);
      });
      return;
    } catch (error) {
      if (!isLockTimeout(error) || attempt === ATTEMPTS) throw error;
    }
    await pause(PAUSE_MS);
  }
}
