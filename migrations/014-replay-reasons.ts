import type { Knex } from 'knex';

/** Why and when a dead letter was sent again, beside who asked. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Null: not opened again, without a reason, or opened by a node of before.
    alter table deliveries add column replay_reason text, add column replayed_at timestamptz;
    alter table package_dispatches add column replay_reason text, add column replayed_at timestamptz;
  `);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
