import type { Knex } from 'knex';

/** What a node knows of its own restorations from a backup and of those of its neighbours. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Where these tables were when the node last started: another place means that they were restored.
    create table database_place (
      only_row boolean primary key default true check (only_row),
      place    text    not null
    );
    create table restorations (
      restored_at  timestamptz primary key,
      backup_until timestamptz,             -- last act that the backup held; null: none
      link         bigint      not null     -- of the audit entry
    );
    -- What a restored neighbour lost is given back in turns; last_*: how far this has come.
    create table peer_restorations (
      node          text        not null,
      restored_at   timestamptz not null,
      backup_until  timestamptz,
      last_delivery bigint      not null default 0,
      last_message  bigint      not null default 0,
      sent_again    bigint      not null default 0,
      given_back    bigint      not null default 0,
      finished_at   timestamptz,
      primary key (node, restored_at)
    );

    alter table audit_witness
      add column restored_at  timestamptz,  -- null: never restored
      add column backup_until timestamptz,
      add column restored_link bigint,
      add column lost_link    bigint,       -- last link seen before; null: nothing that was seen is lost
      add column lost_hash    bytea;
    -- Heads seen before the last one: a restored chain must lead on from the newest that it still has.
    create table audit_witness_heads (
      node text   not null,
      seq  bigint not null,
      hash bytea  not null,
      primary key (node, seq)
    );
  `);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
