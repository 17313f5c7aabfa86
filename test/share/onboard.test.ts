import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '../../server/postgres/embedded.js';
import { findRunningServer } from '../../server/postgres/running.js';
import { libraryNames } from '../../server/storage/library-names.js';
import { migrate, openDatabase } from '../../server/storage/database.js';
import { scramVerifier } from '../../server/storage/scram.js';
import { testUscc, validRegistration } from '../support/builders.js';
import { hub, hubJson } from '../support/command-line.js';
import { dropLibraries, loginAs } from '../support/libraries.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

describe('taking a business system on', () => {
  let node: TestNode;
  let env: Record<string, string>;
  beforeAll(async () => {
    node = await startTestNode({ HUB_REGION: '330000' });
    env = { HUB_DATABASE_URL: inject('databaseUrl'), HUB_DATABASE_SCHEMA: node.schema };
  });
  afterAll(async () => {
    await node.stop();
    const knex = openDatabase({ url: inject('databaseUrl'), schema: node.schema, poolSize: 1 });
    await dropLibraries(knex, libraryNames(node.schema));
    await knex.destroy();
  });

  it('R47 F8 is one command, and what is registered then is there to be read', async () => {
    const args = ['onboard', 'share', 'SYS-许可 1', '--items', 'PX-0035, PX-0041'];
    const { code, stdout, stderr } = await hub(args, { env });
    expect([code, stderr]).toEqual([0, '']);
    const [, url = ''] = /address\s+(\S+)/.exec(stdout) ?? [];
    expect(stdout).toContain('PX-0035, PX-0041');
    const address = new URL(url);
    const client = await loginAs(url, { role: address.username, password: address.password });
    const { share } = libraryNames(node.schema);
    await client.query(`listen "${share}"`);
    const heard = new Promise((resolve) => client.once('notification', resolve));
    const registration = validRegistration({ catalogVersion: '2019.12-prov' });
    await node.registration.submitRegistration({ registration });
    await heard;
    const { rows } = await client.query(`select uscc from ${share}.registrations`);
    expect(rows).toEqual([{ uscc: testUscc(1) }]);
    await client.end();
  });

  it('R47 keeps no password, only what PostgreSQL needs to check one', async () => {
    const rows = await node.sql<{ verifier: string }>(
      `select rolpassword as verifier from pg_authid join ${libraryNames(node.schema).share}.subscribers
         on rolname = role`,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.verifier).toMatch(/^SCRAM-SHA-256\$4096:/);
    // The example of RFC 7677.
    expect(scramVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'))).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });

  it('R47 takes it back with one command: role, rights and open connections', async () => {
    const renewed = await hubJson<{ address: string; role: string; password: string }>(
      ['onboard', 'share', 'SYS-许可 1', '--all', '--new-password'],
      { env },
    );
    const { address: url, ...login } = renewed.json;
    const client = await loginAs(url, login);
    const ended = new Promise((resolve) => client.once('end', resolve));
    const removed = await hub(['onboard', 'share', 'SYS-许可 1', '--remove'], { env });
    expect([removed.code, removed.stderr]).toEqual([0, '']);
    await ended;
    await expect(loginAs(url, login)).rejects.toThrow(/authentication failed/);
    expect(await node.sql(`select 1 from pg_roles where rolname = ?`, [login.role])).toEqual([]);
    expect(await node.sql('select 1 from share_subscribers')).toEqual([]);
  });

  it('R47 must be told what may be seen, and says what it needs', async () => {
    for (const args of [
      ['SYS-B'],
      ['SYS-B', '--items', ' , '],
      ['--all'],
      ['SYS-B', '--all', '--items', 'PX-0035'],
      ['SYS-B', '--all', '--remove'],
      ['x'.repeat(65), '--all'],
    ]) {
      const { code, stdout, stderr } = await hub(['onboard', 'share', ...args], { env });
      expect([args, code, stdout]).toEqual([args, 2, '']);
      expect(stderr).toMatch(/USAGE|用法有误/);
    }
    expect(await node.sql('select 1 from share_subscribers')).toEqual([]);
    const nowhere = { HUB_DATA_DIR: join(tmpdir(), 'zhengzhao-nowhere') };
    const alone = await hub(['onboard', 'share', 'SYS-B', '--all'], { env: nowhere });
    expect(alone).toMatchObject({ code: 3, stdout: '' });
    expect(alone.stderr).toContain('no node runs');
  });

  it('R50 prepares the library in a database that is not the node’s, or shows its statements', async () => {
    const { code, json } = await hubJson<{ sql: string }>(['onboard', 'report', '--print']);
    expect(code).toBe(0);
    expect(json.sql).toMatch(/create table if not exists "?report"?\."?receipts/);
    for (const args of [[], ['11330000002482030Y', '--print'], ['x'.repeat(19)]])
      expect((await hub(['onboard', 'report', ...args], { env })).code).toBe(2);
    const database = `${node.schema}_foreign`;
    const foreign = new URL(inject('databaseUrl'));
    foreign.pathname = `/${database}`;
    const prepare = () => hub(['onboard', 'report', '--prepare', foreign.href]);
    const refused = await prepare();
    expect(refused).toMatchObject({ code: 3, stdout: '' });
    expect(refused.stderr).toContain('the library can not be made in the database at that address');
    expect(refused.stderr).not.toContain(foreign.password);
    await node.sql(`create database "${database}"`);
    expect(await prepare()).toMatchObject({ code: 0, stderr: '' });
    const knex = openDatabase({ url: foreign.href, schema: 'report', poolSize: 1 });
    expect(await knex('receipts')).toEqual([]);
    await knex.destroy();
    await node.sql(`drop database "${database}"`);
  });

  it('R47 R50 work beside a node that runs on its embedded PostgreSQL', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'zhengzhao-onboard-'));
    expect(await findRunningServer(dataDir)).toBeUndefined();
    const server = await startEmbeddedPostgres({ dataDir, settings: { fsync: 'off' } });
    try {
      expect(await findRunningServer(dataDir)).toBe(server.url);
      const knex = openDatabase({ url: server.url, schema: 'hub', poolSize: 2 });
      await migrate(knex, 'hub');
      await knex.destroy();
      const beside = { env: { HUB_DATA_DIR: dataDir } };
      const shared = await hub(['onboard', 'share', 'SYS-A', '--all'], beside);
      expect(shared).toMatchObject({ code: 0, stderr: '' });
      expect(shared.stdout).toContain('select * from share.registration_feed');
      const reporting = await hub(['onboard', 'report', '11330000002482030Y'], beside);
      expect(reporting).toMatchObject({ code: 0, stderr: '' });
      expect(reporting.stdout).toContain('report.licences');
    } finally {
      await server.stop();
      await removeEmbeddedPostgres(dataDir);
    }
  });
});
