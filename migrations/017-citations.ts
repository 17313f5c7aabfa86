import type { Knex } from 'knex';

/**
 * Citations of licences that are not public (D5), looked up by number: the enterprise of what cites and
 * that of the licence may be known by other names, or not at all.
 *
 * A number is found by its ending (server/domain/record/citation.ts), so that a text is looked up without
 * trying every part of it.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Every number that a licence which is not public has had. Whether it is so now, says \`records\`.
    create table hidden_numbers (
      owner_org    text not null,
      business_key text not null,
      number       text not null, -- in normal form
      ending       text not null,
      primary key (owner_org, business_key, number)
    );
    create index on hidden_numbers (ending);

    -- What inspections and penalties that may go up cite: endings of what may be numbers.
    create table citations (
      ending      text   not null,
      message_seq bigint not null,
      primary key (ending, message_seq)
    );
    create index on citations (message_seq);

    -- Licences that are not public, or have a further number, of which something may have gone up.
    create table citation_recalls (
      id           bigint generated always as identity primary key,
      owner_org    text not null,
      business_key text not null
    );

    -- Messages of which another node was given a rewritten copy.
    create table sent_copies (
      message_seq bigint not null,
      destination text   not null,
      digest      bytea  not null, -- under which the node knows the message, whatever copy comes later
      copy        bytea  not null, -- SHA-256 of what it holds; empty: not known
      primary key (message_seq, destination)
    );
  `);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
