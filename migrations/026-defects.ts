import type { Knex } from 'knex';

/** How often a delivery met a defect of the far node, which an outage says nothing about (D14). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table deliveries add column defects smallint not null default 0;
    alter table deliveries_history add column defects smallint not null default 0;
    create or replace view all_deliveries as
      select * from deliveries union all select * from deliveries_history;
  `);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
