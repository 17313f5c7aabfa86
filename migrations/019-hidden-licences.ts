import type { Knex } from 'knex';

/**
 * Licences that are not public, few among many: after each start their numbers are gathered (D5).
 * Outside a transaction, while others write.
 */
export const transaction = false;

export async function up(knex: Knex): Promise<void> {
  await knex.raw('drop index concurrently if exists records_hidden_licences');
  await knex.raw(`
    create index concurrently records_hidden_licences on records (owner_org, business_key)
     where kind = 2 and non_public`);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
