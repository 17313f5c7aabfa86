import { createHash, randomUUID } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import pg from 'pg';
import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { Stage } from '../stage/stage.js';

/** The row of a message as the hub keeps it: its content and what the hub finds it by. */
export interface RawRow {
  readonly id: string;
  readonly kind: number;
  readonly digest: Buffer;
  readonly payload: Buffer;
  readonly sourceNode: string;
  readonly owner: string;
  readonly key: string;
  readonly version: number;
  readonly entity: string;
  readonly sourceOrg: string;
  readonly origin: string;
  readonly acceptedAt: Date;
}

/** A table of such rows with nothing but a primary key, and connections to it. */
export interface RawTable {
  /** One row, one statement, one commit. */
  insertOne(row: RawRow): Promise<unknown>;
  /** As many rows as given by one statement. */
  insertAll(rows: readonly RawRow[]): Promise<unknown>;
  close(): Promise<void>;
}

const COLUMNS: readonly [keyof RawRow, string][] = [
  ['id', 'text'],
  ['kind', 'smallint'],
  ['digest', 'bytea'],
  ['payload', 'bytea'],
  ['sourceNode', 'text'],
  ['owner', 'text'],
  ['key', 'text'],
  ['version', 'bigint'],
  ['entity', 'text'],
  ['sourceOrg', 'text'],
  ['origin', 'text'],
  ['acceptedAt', 'timestamptz'],
];

/** Makes the table and opens the connections. */
export async function openRawTable(stage: Stage, connections: number): Promise<RawTable> {
  const pool = new pg.Pool({ connectionString: stage.databaseUrl, max: connections });
  const table = stage.freshName();
  const columns = COLUMNS.map(([name, type]) => `"${name}" ${type} not null`).join(', ');
  await pool.query(`create table ${table} (seq bigserial, ${columns}, primary key (id))`);
  const names = COLUMNS.map(([name]) => `"${name}"`).join(', ');
  const places = COLUMNS.map((_, index) => `$${index + 1}`).join(', ');
  const arrays = COLUMNS.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ');
  // Named, so that PostgreSQL plans it once for each connection.
  const one = { name: 'one', text: `insert into ${table} (${names}) values (${places})` };
  const many = {
    name: 'many',
    text: `insert into ${table} (${names}) select * from unnest(${arrays})`,
  };
  return {
    insertOne: (row) => pool.query({ ...one, values: COLUMNS.map(([name]) => row[name]) }),
    insertAll: (rows) =>
      pool.query({ ...many, values: COLUMNS.map(([name]) => rows.map((row) => row[name])) }),
    close: async () => {
      await pool.query(`drop table ${table}`);
      await pool.end();
    },
  };
}

/** The rows of registrations. */
export function rawRows(events: readonly RegistrationEvent[]): RawRow[] {
  return events.map((event) => {
    const payload = Buffer.from(toBinary(RegistrationEventSchema, event));
    return {
      id: event.envelope?.messageId ?? randomUUID(),
      kind: 1,
      digest: createHash('sha256').update(payload).digest(),
      payload,
      sourceNode: '330000',
      owner: '330000',
      key: event.envelope?.businessKey ?? '',
      version: 1,
      entity: event.uscc,
      sourceOrg: event.envelope?.sourceOrg ?? '',
      origin: 'client',
      acceptedAt: new Date(),
    };
  });
}
