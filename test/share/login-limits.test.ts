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
import { onboardWriter } from '../../server/report/writers.js';
import { onboardSubscriber } from '../../server/share/subscribers.js';
import { migrate, openDatabase } from '../../server/storage/database.js';
import type { Credentials } from '../../server/storage/library-roles.js';
import { openToLogins, shutToLogins } from '../../server/storage/login-limits.js';
import { lockNames, takeTurn } from '../../server/storage/node-locks.js';
import { StartError } from '../../server/node/patience.js';
import { validRegistration } from '../support/builders.js';
import { startTestNode } from '../support/nodes.js';
import { loginAs } from '../support/libraries.js';

/** Each would keep the node waiting, or its feed from going on. */
const STOPPING = [
  `select pg_advisory_lock(hashtextextended('hub/100000/' || n, 2)) from generate_series(0, 63) n`,
  'select pg_try_advisory_lock(1)',
  'select pg_advisory_xact_lock_shared(1, 2)',
  'create temporary table x (y integer)',
  'select txid_current()',
  'select pg_current_xact_id()',
  'select lo_create(0)',
];

describe('what a login of the libraries can not do to the node', () => {
  let dataDir: string;
  let server: EmbeddedPostgres;
  const pools: Knex[] = [];
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'zhengzhao-limits-'));
    server = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } });
  });
  afterAll(async () => {
    await Promise.all(pools.map((knex) => knex.destroy()));
    await server.stop();
    await removeEmbeddedPostgres(dataDir);
  });

  function open(database: string, user?: string): Knex {
    const url = new URL(server.url);
    url.pathname = `/${database}`;
    if (user !== undefined) Object.assign(url, { username: user, password: 'x' });
    const knex = openDatabase({ url: url.href, schema: 'hub', poolSize: 3 });
    pools.push(knex);
    return knex;
  }

  async function refusals(database: string, login: Credentials): Promise<string[]> {
    const url = new URL(server.url);
    url.pathname = `/${database}`;
    const client = await loginAs(url.href, login);
    const answers: string[] = [];
    for (const statement of STOPPING)
      answers.push(
        await client.query(statement).then(
          () => `done: ${statement}`,
          (error: unknown) => String(error).replace(/^.*permission denied.*$/, 'denied'),
        ),
      );
    await client.end();
    return answers;
  }

  const DENIED = STOPPING.map(() => 'denied');

  it('R47 R50 takes no lock and holds no transaction open, once it can log in', async () => {
    await open('postgres').raw('create database owned');
    const knex = open('owned');
    await migrate(knex, 'hub');
    expect(await refusals('owned', await onboardSubscriber(knex, 'share', 'A', 'all'))).toEqual(
      DENIED,
    );
    expect(await refusals('owned', await onboardWriter(knex, 'report', 'B'))).toEqual(DENIED);
    expect(await shutToLogins(knex)).toEqual([]);
    await knex.transaction((trx) => takeTurn(trx, 'lane', '100000/1'));
  });

  it('R47 where the node may not see to it, it says what a superuser has to run', async () => {
    const superuser = open('postgres');
    await superuser.raw(`create role node_user login createrole password 'x'`);
    await superuser.raw('create database managed');
    const admin = open('managed');
    await admin.raw('grant create on database managed to node_user');
    await admin.raw(
      `create schema other; create role other_app; alter schema other owner to other_app`,
    );
    const knex = open('managed', 'node_user');
    await migrate(knex, 'hub');
    const login = await onboardSubscriber(knex, 'share', 'A', 'all');
    const statements = await openToLogins(knex);
    expect(await shutToLogins(knex)).toEqual(statements);
    expect(statements).toHaveLength(4);
    for (const statement of statements) await admin.raw(statement);
    expect(await openToLogins(knex)).toEqual([]);
    expect(await refusals('managed', login)).toEqual(DENIED);
    // The node, and others who have a schema there, go on as before.
    await knex.transaction((trx) => takeTurn(trx, 'lane', '100000/1'));
    const { rows } = await admin.raw<{ rows: { kept: boolean }[] }>(
      `select has_function_privilege('other_app', 'pg_advisory_lock(bigint)', 'execute') as kept`,
    );
    expect(rows).toEqual([{ kept: true }]);
  });

  it('a later node whose role came after says which statement lets it start, and then starts', async () => {
    const superuser = open('postgres');
    await superuser.raw('create database shared');
    const admin = open('shared');
    await migrate(admin, 'hub');
    await onboardSubscriber(admin, 'share', 'A', 'all');
    await admin.raw(`create role "Later node" login createrole password 'x'`);
    await admin.raw('grant create on database shared to "Later node"');
    const url = new URL(server.url);
    Object.assign(url, { pathname: '/shared', username: 'Later node', password: 'x' });
    const env = { HUB_REGION: '330000', HUB_DATABASE_URL: url.href, HUB_DATABASE_SCHEMA: 'later' };
    const refusal = await startTestNode(env).then(
      () => 'started',
      (error: unknown) => (error instanceof StartError ? error.message : String(error)),
    );
    expect(refusal).toContain('have a superuser run this');
    const [statement = ''] = /grant .* to "Later node";/.exec(refusal) ?? [];
    expect(statement).toContain('pg_advisory_xact_lock(bigint)');
    await admin.raw(statement);
    const node = await startTestNode(env);
    await node.registration.submitRegistration({
      registration: validRegistration({ catalogVersion: node.node.catalogVersion }),
    });
    await node.stop();
    expect(await openToLogins(admin)).toEqual([]);
  });

  it('nothing of the node waits for a lock for ever', async () => {
    const knex = open('owned');
    await migrate(knex, 'hub');
    for (const begin of [
      (trx: Knex.Transaction) => takeTurn(trx, 'lane', '100000/1'),
      (trx: Knex.Transaction) => lockNames(trx, ['x']),
    ])
      await knex.transaction(async (trx) => {
        await begin(trx);
        const { rows } = await trx.raw<{ rows: unknown[] }>('show lock_timeout');
        expect(rows).toEqual([{ lock_timeout: '30s' }]);
      });
  });
});
