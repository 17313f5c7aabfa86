import type { Knex } from 'knex';

/** Which central catalogue releases each province said it holds (F2, R16); filled at the national node. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table release_reports (
      node        text        primary key,
      reported_at timestamptz not null
    );
    create table release_holders (
      node       text        not null,
      version    text        not null,
      digest     bytea       not null, -- of the content that the province has
      held_since timestamptz not null, -- first heard of with this content
      primary key (node, version)
    );
  `);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
