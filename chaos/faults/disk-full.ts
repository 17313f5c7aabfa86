import pg from 'pg';
import type { PostgresServer } from '../stage/postgres-server.js';

const TABLES = ['messages', 'deliveries', 'records'];

const MAKE = `
  create schema if not exists chaos;
  create or replace function chaos.disk_full() returns trigger language plpgsql as $$
    begin
      raise exception 'could not extend file: No space left on device' using errcode = '53100';
    end $$;`;

/**
 * A full disk as PostgreSQL tells it. A real one needs a file system of its own and so root; here
 * every write to the hub's tables fails inside PostgreSQL with the same SQLSTATE (53100), in the
 * middle of the transaction, through a trigger.
 */
export async function setDiskFull(postgres: PostgresServer, full: boolean): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.urlAt() });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(MAKE);
    for (const table of TABLES) {
      await client.query(`drop trigger if exists chaos_disk_full on hub.${table}`);
      if (full)
        await client.query(`create trigger chaos_disk_full before insert or update on hub.${table}
          for each statement execute function chaos.disk_full()`);
    }
  } finally {
    await client.end();
  }
}
