import type { Knex } from 'knex';

/** Who asked for a dead letter to be sent again, so that a replay can be explained and stopped. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Null: not opened again. Kept when it is settled: who had it sent.
    alter table deliveries add column replayed_by text;
    alter table package_dispatches add column replayed_by text;
  `);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
