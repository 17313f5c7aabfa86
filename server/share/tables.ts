import pg from 'pg';
import { columnsOf } from '../dictionary/columns.js';
import { PERMIT_ITEM, REGISTRATION } from '../dictionary/registration.js';
import { qualified, tableSql, type Table } from '../dictionary/table.js';
import { CONTACT_FIELDS } from '../domain/registration/minimised.js';

/**
 * Never in the library: telephone and postal code, which no permit item needs (domain 4.1:
 * minimise). 自贸区判断人 has a column, which stays empty so that no reader breaks. Permit items have a table of their own, so that each row can be seen or not. The scope
 * and its codes stay whole: they are on the licence that hangs on the enterprise's wall.
 */
const NOT_SHARED = new Set([...CONTACT_FIELDS, 'permit_items']);

/** One row for each event, in the order in which the library took it in. */
export const FEED: Table = {
  name: 'registration_feed',
  comment:
    '登记信息变更序列:按 sequence 递增读取 · registration events; read on from your last sequence',
  own: [
    'sequence bigint primary key',
    'message_seq bigint not null unique',
    'accepted_at timestamptz not null',
    'current boolean not null',
  ],
  columns: columnsOf(REGISTRATION, NOT_SHARED),
};

/** The permit items of each event, one row for each department. */
export const FEED_ITEMS: Table = {
  name: 'feed_permit_items',
  comment: '登记信息涉及的许可事项 · permit items of the events, by sequence',
  own: [
    'sequence bigint not null',
    'position integer not null',
    'primary key (sequence, position)',
  ],
  columns: columnsOf(PERMIT_ITEM),
};

/** Views and tables that a subscriber may read. */
export const READABLE = [
  FEED.name,
  FEED_ITEMS.name,
  'registrations',
  'registration_permit_items',
  'subscribers',
  'enterprise_items',
] as const;

/**
 * 共享库 (R47): everything that makes the library, safe to run again. Who may see what is decided
 * by row-level security on the tables: the rows of a role are those of the permit items of its row
 * in `subscribers`. The views run with the rights of whoever asks, so they show nothing more.
 */
export function shareSql(schema: string): string {
  const name = (table: string): string => qualified(schema, table);
  return [
    `create schema if not exists ${pg.escapeIdentifier(schema)};`,
    tableSql(schema, FEED),
    tableSql(schema, FEED_ITEMS),
    bookkeepingSql(name),
    rightsSql(name),
    viewsSql(name),
  ].join('\n');
}

function bookkeepingSql(name: (table: string) => string): string {
  return `
    create unique index if not exists registration_feed_current
      on ${name('registration_feed')} (uscc) where current;
    create index if not exists registration_feed_enterprise
      on ${name('registration_feed')} (uscc, sequence);
    -- Items that an enterprise has or had: who heard of it by one hears too that it gave it up (R30).
    create table if not exists ${name('enterprise_items')} (
      uscc text not null,
      permit_item_code text not null,
      primary key (uscc, permit_item_code)
    );
    create index if not exists enterprise_items_item
      on ${name('enterprise_items')} (permit_item_code, uscc);
    create table if not exists ${name('subscribers')} (
      code text primary key,
      role name not null unique,
      all_items boolean not null,          -- every enterprise, whatever its items
      permit_item_codes text[] not null,   -- else only those with one of these
      onboarded_at timestamptz not null default now()
    );
    -- How far the library has come: the place in the node's messages, and the last number given.
    create table if not exists ${name('progress')} (
      only_row boolean primary key default true check (only_row),
      txid bigint not null default 0,
      seq bigint not null default 0,
      sequence bigint not null default 0
    );
    insert into ${name('progress')} default values on conflict do nothing;`;
}

/**
 * Functions run as whoever asks, and each asker sees only its own row of `subscribers`. In the
 * policies they stand in sub-selects, so that they are asked once for a statement, not for a row.
 */
function rightsSql(name: (table: string) => string): string {
  const policy = (table: string, condition: string): string => `
    alter table ${name(table)} enable row level security;
    drop policy if exists subscribers_own on ${name(table)};
    create policy subscribers_own on ${name(table)} for select using (${condition});`;
  const all = `(select ${name('sees_all')}())`;
  const own = `any ((select ${name('own_items')}())::text[])`;
  return `
    create or replace function ${name('own_items')}() returns text[] stable language sql as
      $$ select permit_item_codes from ${name('subscribers')} where role = current_user $$;
    create or replace function ${name('sees_all')}() returns boolean stable language sql as
      $$ select coalesce((select all_items from ${name('subscribers')} where role = current_user), false) $$;
    ${policy('subscribers', 'role = current_user')}
    ${policy('enterprise_items', `${all} or permit_item_code = ${own}`)}
    ${policy('feed_permit_items', `${all} or permit_item_code = ${own}`)}
    ${policy(
      'registration_feed',
      `${all} or exists (select 1 from ${name('enterprise_items')} i
         where i.uscc = registration_feed.uscc and i.permit_item_code = ${own})`,
    )}
    alter table ${name('progress')} enable row level security;`;
}

function viewsSql(name: (table: string) => string): string {
  return `
    create or replace view ${name('registrations')} with (security_invoker = true) as
      select * from ${name('registration_feed')} where current;
    create or replace view ${name('registration_permit_items')} with (security_invoker = true) as
      select f.uscc, i.* from ${name('registration_feed')} f
        join ${name('feed_permit_items')} i using (sequence) where f.current;
    comment on view ${name('registrations')} is
      '企业登记现状:每户一行 · the current state of each enterprise';
    comment on view ${name('registration_permit_items')} is
      '企业现有许可事项 · permit items of the current state';`;
}
