import type { Knex } from 'knex';

/**
 * What can be proved: signed receipts, and the audit chain. Entries are what was done; a link stands
 * for the entries of one transaction and holds the hash of the link before it.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table signing_keys (
      id         bigint      generated always as identity primary key,
      key_id     text        not null unique,
      algorithm  smallint    not null,
      public_pem text        not null,
      used_since timestamptz not null default now()
    );
    alter table messages add column receipt_proof bytea; -- ReceiptProof; null: accepted before receipts were signed

    create table audit_links (
      seq          bigint primary key,     -- 1, 2, 3 …, without gaps
      at_ms        bigint not null,        -- milliseconds since 1970, exactly as hashed
      leaves       bytea  not null,        -- SHA-256 of each entry, one after the other
      entries_hash bytea  not null,        -- SHA-256 of leaves
      previous     bytea  not null,        -- hash of the link before; empty for the first
      hash         bytea  not null
    );
    create table audit_entries (
      link        bigint   not null,
      position    integer  not null,       -- 1, 2, 3 … within the link
      kind        smallint not null,
      at_ms       bigint   not null,
      actor       text     not null,
      action      text     not null,
      message_id  text     not null,
      source_node text     not null,
      digest      bytea    not null,
      subject     text     not null,
      rules       text     not null,       -- separated by blanks
      outcome     text     not null,
      primary key (link, position)
    );
    -- Small and nearly free for rows that only come at the end; found by blocks, not by rows.
    create index audit_entries_message on audit_entries using brin (message_id text_bloom_ops)
      with (pages_per_range = 32, autosummarize = on);
    create index audit_entries_at on audit_entries using brin (at_ms)
      with (pages_per_range = 32, autosummarize = on);
    create table audit_head (
      only_row boolean primary key default true check (only_row),
      seq      bigint not null,
      previous bytea  not null,
      hash     bytea  not null
    );
    insert into audit_head (seq, previous, hash) values (0, '', '');

    -- Last head of each province's chain, kept by the national node.
    create table audit_witness (
      node       text        primary key,
      seq        bigint      not null default 0,
      hash       bytea       not null default '',
      seen_at    timestamptz not null default now(),
      broken_at  timestamptz,               -- when the chain no longer led on from this head
      broken_seq bigint      not null default 0
    );

    -- A second line of defence against mistakes; what proves the past is the chain.
    create function audit_is_append_only() returns trigger language plpgsql as $$
      begin raise exception 'audit tables are append-only' using errcode = 'restrict_violation'; end $$;
    create function audit_head_moves_on() returns trigger language plpgsql as $$
      begin
        if new.seq <> old.seq + 1 then
          raise exception 'the audit head moves on by one' using errcode = 'restrict_violation';
        end if;
        return new;
      end $$;
    create trigger append_only before update or delete or truncate on audit_links
      for each statement execute function audit_is_append_only();
    create trigger append_only before update or delete or truncate on audit_entries
      for each statement execute function audit_is_append_only();
    create trigger append_only before delete or truncate on audit_head
      for each statement execute function audit_is_append_only();
    create trigger moves_on before update on audit_head
      for each row execute function audit_head_moves_on();
  `);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
