import type { Knex } from 'knex';

/** When a daily task last failed, and why, in words without content or personal data. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table daily_tasks
      -- Null: never.
      add column failed_at timestamptz,
      add column failure_zh text not null default '',
      add column failure_en text not null default '';
  `);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
