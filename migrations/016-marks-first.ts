import type { Knex } from 'knex';

/**
 * Unsettled withdrawals and changes of the mark, which are claimed before all others and counted by
 * themselves (F20). Outside a transaction, while others write.
 */
export const transaction = false;

export async function up(knex: Knex): Promise<void> {
  await knex.raw('drop index concurrently if exists deliveries_marks');
  await knex.raw(`
    create index concurrently deliveries_marks on deliveries (destination, lane, id)
     where state in (1, 3) and (action = 2 or kind = 6)`);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
