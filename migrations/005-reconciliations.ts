import type { Knex } from 'knex';

/** Reports of the comparisons with other nodes (F21). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table reconciliations (
      id            bigint generated always as identity primary key,
      at            timestamptz not null,
      peer          text        not null,
      from_date     text        not null,
      to_date       text        not null,
      compared      bigint      not null, -- messages on this side
      missing_there bigint      not null,
      missing_here  bigint      not null,
      different     bigint      not null,
      resent        bigint      not null  -- deliveries opened again
    );
  `);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
