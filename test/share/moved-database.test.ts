import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../server/postgres/embedded.js';
import { offboardWriter, onboardWriter } from '../../server/report/writers.js';
import { offboardSubscriber, onboardSubscriber } from '../../server/share/subscribers.js';
import { migrate, openDatabase } from '../../server/storage/database.js';
import type { Credentials } from '../../server/storage/library-roles.js';
import { loginAs } from '../support/libraries.js';

const READ = 'select count(*) from share.registrations';
const WRITE = `insert into report.licences (lic_id) values ('L')`;

describe('logins of a database that was restored under another name', () => {
  let dataDir: string;
  let server: EmbeddedPostgres;
  let postgres: Knex;
  const pools: Knex[] = [];
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'zhengzhao-moved-'));
    server = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } });
    postgres = open('postgres');
    await postgres.raw('create database before');
  });
  afterAll(async () => {
    await Promise.all(pools.map((knex) => knex.destroy()));
    await server.stop();
    await removeEmbeddedPostgres(dataDir);
  });

  function urlOf(database: string): string {
    const url = new URL(server.url);
    url.pathname = `/${database}`;
    return url.href;
  }
  function open(database: string): Knex {
    const knex = openDatabase({ url: urlOf(database), schema: 'hub', poolSize: 3 });
    pools.push(knex);
    return knex;
  }
  /** How a statement of a login ends. */
  async function endOf(database: string, login: Credentials, statement: string): Promise<string> {
    try {
      const client = await loginAs(urlOf(database), login);
      return await client
        .query(statement)
        .then(() => 'done')
        .finally(() => client.end());
    } catch (error) {
      return String(error);
    }
  }
  const roles = async () => {
    const { rows } = await postgres.raw<{ rows: { name: string }[] }>(
      `select rolname as name from pg_roles where rolname like 'share\\_%' or rolname like 'report\\_%'`,
    );
    return rows.map(({ name }) => name);
  };

  it('R47 R50 are kept as they are, changed and let go as before', async () => {
    const first = open('before');
    await migrate(first, 'hub');
    const reader = await onboardSubscriber(first, 'share', 'A', ['PX-0035']);
    const writer = await onboardWriter(first, 'report', 'B');
    await first.destroy();
    await postgres.raw('create database after template before');

    const knex = open('after');
    expect(await onboardSubscriber(knex, 'share', 'A', 'all')).toEqual({
      role: reader.role,
      password: undefined,
    });
    const renewed = await onboardWriter(knex, 'report', 'B', true);
    expect(renewed.role).toBe(writer.role);
    expect(await endOf('after', reader, READ)).toBe('done');
    expect(await endOf('after', renewed, WRITE)).toBe('done');

    // The database from before is still there, and knows the same logins.
    expect(await offboardWriter(knex, 'report', 'B')).toBe('kept-elsewhere');
    expect(await endOf('after', renewed, WRITE)).toMatch(/permission denied/);
    await knex.destroy();
    await postgres.raw('drop database before');

    await postgres.raw('alter database after rename to later');
    const later = open('later');
    expect(await offboardSubscriber(later, 'share', 'A')).toBe('dropped');
    expect(await endOf('later', reader, READ)).toMatch(/authentication failed|does not exist/);
    expect(await offboardWriter(later, 'report', 'B')).toBe('dropped');
    expect(await roles()).toEqual([]);
    expect(await offboardWriter(later, 'report', 'B')).toBe('dropped');
  });
});
