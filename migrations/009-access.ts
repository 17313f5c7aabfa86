import type { Knex } from 'knex';

/** Who may call, and by which token. Of a token only its hash is kept. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table access_principals (
      role         text        not null,
      code         text        not null,
      regions      text[],               -- null: all
      permit_items text[],               -- null: all
      acts_for     text[]      not null default '{}', -- authorities whose declared data unit it is (VR23)
      created_at   timestamptz not null,
      disabled_at  timestamptz,
      last_used_at timestamptz,          -- of its certificates and tokens
      primary key (role, code)
    );
    create table access_tokens (
      id           bigint generated always as identity primary key,
      hash         bytea       not null unique, -- SHA-256
      role         text        not null,
      code         text        not null,
      created_at   timestamptz not null,
      expires_at   timestamptz not null,
      revoked_at   timestamptz,
      last_used_at timestamptz,
      foreign key (role, code) references access_principals
    );
    create index access_tokens_owner on access_tokens (role, code);
    create table access_revoked_certificates (
      fingerprint text        primary key, -- SHA-256 of the certificate, lower-case hex
      revoked_at  timestamptz not null
    );
  `);
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
