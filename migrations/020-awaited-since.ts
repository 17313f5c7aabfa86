import type { Knex } from 'knex';

/** Since when an enterprise states each of its permit items (R12, R15). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- 核准日期 by item. An item without one: stated before this was noted.
    alter table enterprises add column items_since jsonb not null default '{}';
    -- Event that items_since is of. Another one: a node of before wrote the enterprise since, and not this.
    alter table enterprises add column items_since_seq bigint not null default 0;
  `);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
