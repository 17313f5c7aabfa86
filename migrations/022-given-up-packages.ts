import type { Knex } from 'knex';

/**
 * Packages that a route gave up, few among many: counted for every look at status and metrics. Outside
 * a transaction, while others write.
 */
export const transaction = false;

export async function up(knex: Knex): Promise<void> {
  await knex.raw('drop index concurrently if exists package_dispatches_dead');
  await knex.raw(`
    create index concurrently package_dispatches_dead on package_dispatches (route, id)
     where state = 3`);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
