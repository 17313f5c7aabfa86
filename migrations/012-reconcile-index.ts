import type { Knex } from 'knex';

/** Withdrawals by destination, so that a comparison with a peer (F21) need not look for them. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(
    'create index deliveries_withdrawals on deliveries (destination, message_seq) where action = 2',
  );
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
