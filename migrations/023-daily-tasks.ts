import type { Knex } from 'knex';

/** What a node does once a day, and when that last went well. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table daily_tasks (
      name text primary key,
      since timestamptz not null default now(),
      -- Null: not yet.
      succeeded_at timestamptz
    );
  `);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
