import pg from 'pg';
import { columnsOf } from '../dictionary/columns.js';
import { RECORD } from '../dictionary/records.js';
import { qualified, tableSql, type Table } from '../dictionary/table.js';

/** A table of the 上报库: one class of record. */
export interface ReportTable extends Table {
  /** The class, as the field of a record. */
  readonly body: 'licence' | 'filing' | 'inspection' | 'penalty';
  /** Column that is the business key when the row does not state one. */
  readonly keyColumn: string;
  /** Column of the deciding authority. */
  readonly authorityColumn: string;
}

/** Values of columns that a row does not state. What depends on the node is filled in on reading. */
const DEFAULTS = {
  message_id: 'not null default gen_random_uuid()::text',
  schema_version: `not null default '1.0'`,
  record_version: 'not null default 1',
  source_time: 'not null default now()',
  // Never null: an unknown mark would have to count as "not public".
  non_public: 'not null default false',
} as const;

const OWN = [
  'id bigint generated always as identity primary key',
  'written_by name not null default current_user',
  'inserted_at timestamptz not null default now()',
] as const;

const BODIES = new Set(['licence', 'filing', 'inspection', 'penalty']);

function reportTable(
  name: string,
  comment: string,
  body: ReportTable['body'],
  [keyColumn, authorityColumn]: readonly [string, string],
): ReportTable {
  const others = new Set([...BODIES].filter((one) => one !== body));
  const columns = columnsOf(RECORD, others);
  return { name, comment, own: OWN, columns, extras: DEFAULTS, body, keyColumn, authorityColumn };
}

/** The four tables. */
export const REPORT_TABLES: readonly ReportTable[] = [
  reportTable('licences', '行政许可上报 · licences to report', 'licence', [
    'lic_id',
    'lic_authority_code',
  ]),
  reportTable('filings', '备案上报 · filings to report', 'filing', [
    'filing_id',
    'filing_authority_code',
  ]),
  reportTable('inspections', '抽查检查上报 · inspections to report', 'inspection', [
    'insp_id',
    'insp_authority_code',
  ]),
  reportTable('penalties', '行政处罚上报 · penalties to report', 'penalty', [
    'case_id',
    'authority_code',
  ]),
];

/** Channels on which new rows and receipts are announced; PostgreSQL allows 63 characters. */
export function channelsOf(schema: string): { readonly rows: string; readonly receipts: string } {
  return { rows: `${schema}_in`, receipts: `${schema}_out` };
}

/**
 * 上报库 (R50): everything that makes the library, safe to run again; also in another PostgreSQL of
 * a business system's own. The hub never writes into the four tables: what waits is kept in
 * `pending`, by a trigger in the transaction of the row, and what became of it in `receipts`. So a
 * row that is committed late, restored or copied is never passed over, and none is read twice.
 * Each writer sees its own rows and receipts only, by row-level security.
 */
export function reportSql(schema: string): string {
  const name = (table: string): string => qualified(schema, table);
  return [
    `create schema if not exists ${pg.escapeIdentifier(schema)};`,
    bookkeepingSql(name),
    ...REPORT_TABLES.map((table) => tableSql(schema, table)),
    noticeSql(schema, name),
    ...REPORT_TABLES.map(({ name: table }) => watchSql(name, table)),
    ...[...REPORT_TABLES.map((table) => table.name), 'receipts'].map((table) =>
      ownRowsSql(name(table)),
    ),
    `comment on table ${name('receipts')} is '上报回执:每行一条 · the receipt of each row';`,
  ].join('\n');
}

function bookkeepingSql(name: (table: string) => string): string {
  return `
    create table if not exists ${name('writers')} (
      code text primary key,             -- 报送单位: the source_org of what the role writes
      role name not null unique,
      onboarded_at timestamptz not null default now(),
      offboarded_at timestamptz          -- what it wrote before is still its own
    );
    create table if not exists ${name('pending')} (
      id bigint generated always as identity primary key,
      table_name text not null,
      row_id bigint not null
    );
    create table if not exists ${name('receipts')} (
      id bigint generated always as identity primary key,
      table_name text not null,
      row_id bigint not null,
      written_by name not null,
      message_id text not null,
      accepted boolean not null,
      receipt_no text,                   -- of an accepted row, the same as through the interface
      effect text,                       -- APPLIED, STALE or WAITING
      duplicate boolean not null default false,
      reason text,                       -- of a refused row
      message_zh text not null default '',
      message_en text not null default '',
      findings jsonb not null default '[]',
      at timestamptz not null default now(),
      unique (table_name, row_id)
    );
    create index if not exists receipts_writer on ${name('receipts')} (written_by, id);
    alter table ${name('writers')} enable row level security;
    alter table ${name('pending')} enable row level security;`;
}

/** Runs with the rights of the library's owner, as writers have none on `pending`. */
function noticeSql(schema: string, name: (table: string) => string): string {
  return `
    create or replace function ${name('note_rows')}() returns trigger
      language plpgsql security definer set search_path = '' as $$
    begin
      insert into ${name('pending')} (table_name, row_id)
        select tg_table_name, id from added order by id;
      perform pg_catalog.pg_notify(${pg.escapeLiteral(channelsOf(schema).rows)}, '');
      return null;
    end $$;
    revoke execute on function ${name('note_rows')}() from public;`;
}

/** Rows that were there before the trigger wait too. */
function watchSql(name: (table: string) => string, table: string): string {
  return `
    create or replace trigger note_rows after insert on ${name(table)}
      referencing new table as added for each statement execute function ${name('note_rows')}();
    insert into ${name('pending')} (table_name, row_id)
      select '${table}', t.id from ${name(table)} t
       where not exists (select 1 from ${name('pending')} p
                          where p.table_name = '${table}' and p.row_id = t.id)
         and not exists (select 1 from ${name('receipts')} r
                          where r.table_name = '${table}' and r.row_id = t.id)
       order by t.id;`;
}

function ownRowsSql(table: string): string {
  return `
    alter table ${table} enable row level security;
    drop policy if exists writers_own on ${table};
    create policy writers_own on ${table}
      using (written_by = current_user) with check (written_by = current_user);`;
}
