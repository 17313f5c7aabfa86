import type { Knex } from 'knex';
import { inject } from 'vitest';
import type { Record as EnterpriseRecord } from '#gen/zhengzhao/v1/record_pb.js';
import { columnsOf } from '../../server/dictionary/columns.js';
import { RECORD } from '../../server/dictionary/records.js';
import { toRow, type Row } from '../../server/dictionary/to-row.js';
import { REPORT_TABLES, type ReportTable } from '../../server/report/tables.js';
import { onboardWriter } from '../../server/report/writers.js';
import { loginAs } from '../support/libraries.js';

/** Columns that the tests leave to their defaults. */
const DEFAULTED = ['message_id', 'schema_version', 'business_key', 'record_version', 'operation'];
const FROM_NODE = ['source_node', 'source_org', 'source_time', 'operation_reason'];

/** The table of a class of record. */
export function tableFor(record: EnterpriseRecord): ReportTable {
  const table = REPORT_TABLES.find(({ body }) => body === record.body.case);
  if (!table) throw new Error('A record without a body.');
  return table;
}

/** What a business system would write for a record: what the columns' defaults say is left out. */
export function rowFor(record: EnterpriseRecord): Row {
  const { columns } = tableFor(record);
  // In the message the body stands in a oneof; the dictionary's paths name it directly.
  const flat = { ...record, [record.body.case ?? '']: record.body.value };
  const leftOut = new Set([...DEFAULTED, ...FROM_NODE]);
  return Object.fromEntries(
    Object.entries(toRow(flat, columns)).filter(
      ([name, value]) => value !== null && !leftOut.has(name),
    ),
  );
}

/** All columns of a record, for comparing. */
export function fullRow(record: EnterpriseRecord): Row {
  const others = ['licence', 'filing', 'inspection', 'penalty'].filter(
    (body) => body !== record.body.case,
  );
  const flat = { ...record, [record.body.case ?? '']: record.body.value };
  return toRow(flat, columnsOf(RECORD, new Set(others)));
}

/** A receipt as a business system reads it. */
export interface Receipt {
  readonly table_name: string;
  readonly row_id: number;
  readonly message_id: string;
  readonly accepted: boolean;
  readonly receipt_no: string | null;
  readonly effect: string | null;
  readonly duplicate: boolean;
  readonly reason: string | null;
  readonly message_zh: string;
  readonly message_en: string;
  readonly findings: readonly {
    rule: string;
    field: string;
    code: string;
    zh: string;
    en: string;
  }[];
}

/** A business system with its own login at a report library. */
export interface Writer {
  readonly role: string;
  /** Inserts a row with these columns; answers its number. */
  insert(table: string, row: Row): Promise<number>;
  /** A statement as it is. */
  run<T>(statement: string, values?: readonly unknown[]): Promise<T[]>;
  /** Receipts it may see, in order. */
  receipts(): Promise<Receipt[]>;
  close(): Promise<void>;
}

/** Takes an organisation on and logs in as it. */
export async function openWriter(knex: Knex, library: string, code: string): Promise<Writer> {
  const login = await onboardWriter(knex, library, code, true);
  const client = await loginAs(inject('databaseUrl'), login);
  const run = async <T>(statement: string, values: readonly unknown[] = []): Promise<T[]> => {
    const { rows } = await client.query(statement, [...values]);
    return rows as T[];
  };
  return {
    role: login.role,
    run,
    insert: async (table, row) => {
      const rows = await run<{ id: string }>(...insertion(library, table, row));
      return Number(rows[0]?.id);
    },
    receipts: async () => {
      const rows = await run<{ row: Receipt }>(
        `select to_jsonb(r) as row from ${library}.receipts r order by id`,
      );
      return rows.map(({ row }) => row);
    },
    close: () => client.end(),
  };
}

/** An insert of one row; lists of objects go as JSON. */
export function insertion(library: string, table: string, row: Row): [string, unknown[]] {
  const names = Object.keys(row);
  const places = names.map((_, index) => `$${index + 1}`);
  return [
    `insert into ${library}.${table} (${names.join(', ')}) values (${places.join(', ')}) returning id`,
    names.map((name) => (name === 'changes' ? JSON.stringify(row[name]) : row[name])),
  ];
}
