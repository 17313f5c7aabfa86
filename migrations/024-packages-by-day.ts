import type { Knex } from 'knex';

/**
 * Packages by the day they were built, which the reports count. Not a BRIN as in the history: packages move
 * away, new ones take the room that they leave, and a range of pages that was of two days is never again
 * known as one of a single day. Outside a transaction, while others write.
 */
export const transaction = false;

export async function up(knex: Knex): Promise<void> {
  await knex.raw('drop index concurrently if exists packages_day');
  await knex.raw('create index concurrently packages_day on packages (created_at)');
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
