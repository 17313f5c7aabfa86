import type { Knex } from 'knex';

/** How often a package was refused on a route, which an outage says nothing about (R33). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table package_dispatches add column refusals integer not null default 0;
  `);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
