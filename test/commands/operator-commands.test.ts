import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { toJsonString } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ReceiptSchema } from '#gen/zhengzhao/v1/common_pb.js';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { createConnectClient } from '../../clients/connect.js';
import { validRegistration } from '../support/builders.js';
import { endOf } from '../support/doors.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';
import { runScript } from '../support/scripts.js';
import { tokenFor } from '../support/tokens.js';

const TOKEN = /zzh_\S+/g;

describe('commands of an operator', () => {
  let node: TestNode;
  let dir: string;
  /** Everything that any of them wrote. */
  const written: string[] = [];

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zhengzhao-commands-'));
    node = await startTestNode({});
  });
  afterAll(async () => {
    await node.stop();
    await rm(dir, { recursive: true });
  });

  const run = (script: string, ...args: string[]) => runWith({}, script, ...args);

  async function runWith(other: Record<string, string>, script: string, ...args: string[]) {
    const own = { HUB_DATABASE_URL: inject('databaseUrl'), HUB_DATABASE_SCHEMA: node.schema };
    const ended = await runScript(script, args, { ...own, ...other });
    written.push(ended.stdout, ended.stderr);
    return ended;
  }

  /** How a call with a token ends. */
  const endWith = (token: string): Promise<string> => {
    const client = createConnectClient(DataCenter, `http://${node.address}`, { token });
    return endOf(client.getNodeStatus({}));
  };

  it('access: registers, issues, lists, rotates and revokes; a token is shown once and good until then', async () => {
    expect(await run('access', 'issue', 'administrator', '值班员')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/未登记[^]*is not registered/) as string,
      stderr: '',
    });
    expect(await run('access', 'add', 'administrator', '值班员')).toMatchObject({ code: 0 });
    const issued = await run('access', 'issue', 'administrator', '值班员', '--days', '1');
    const [first = '', ...more] = issued.stdout.match(TOKEN) ?? [];
    expect([issued.code, issued.stderr, more]).toEqual([0, '', []]);
    expect(await endWith(first)).toBe('OK');

    const rotated = await run(
      'access',
      'rotate',
      'administrator',
      '值班员',
      '--overlap-hours',
      '0',
    );
    const [second = ''] = rotated.stdout.match(TOKEN) ?? [];
    expect([rotated.code, second === first]).toEqual([0, false]);
    expect(await endWith(second)).toBe('OK');
    await eventually(async () => expect(await endWith(first)).toBe('UNAUTHENTICATED'));

    const listed = await run('access', 'list');
    expect([listed.code, listed.stdout.includes('值班员')]).toEqual([0, true]);
    expect(listed.stdout.match(TOKEN)).toBeNull();
    const { callers } = JSON.parse((await run('access', 'list', '--json')).stdout) as {
      callers: readonly { readonly code: string; readonly tokens: readonly unknown[] }[];
    };
    expect(callers).toMatchObject([{ code: '值班员', tokens: [{}, {}] }]);
    const [, id = ''] = /token (\d+)/.exec(rotated.stdout) ?? [];
    expect(await run('access', 'revoke', id)).toMatchObject({ code: 0 });
    await eventually(async () => expect(await endWith(second)).toBe('UNAUTHENTICATED'));

    const recorded = await node.sql<{ actor: string; did: string }>(
      `select actor, action || ' ' || subject || ' ' || outcome as did from audit_entries
        where action like 'access.%' order by link, position`,
    );
    expect(new Set(recorded.map(({ actor }) => actor))).toEqual(
      new Set([`command:${userInfo().username}`]),
    );
    expect(recorded.map(({ did }) => did.trim())).toEqual([
      'access.add administrator:值班员 acts_for= regions= items=',
      'access.issue administrator:值班员 days=1',
      'access.rotate administrator:值班员 days=365 overlap_hours=0',
      `access.revoke token:${id}`,
    ]);

    // Each token was on the terminal once, where it was made.
    for (const token of [first, second])
      expect(written.filter((text) => text.includes(token))).toHaveLength(1);
  });

  it('access: who was shut out is let in again only when that is said, and without old tokens', async () => {
    const caller = ['administrator', '离职者'];
    const old = await tokenFor(node, 'administrator', '离职者');
    expect(await endWith(old)).toBe('OK');
    expect(await run('access', 'disable', ...caller)).toMatchObject({ code: 0 });
    const refused = await run('access', 'add', ...caller);
    expect([refused.code, refused.stdout]).toEqual([
      1,
      expect.stringMatching(/已停用[^]*--enable[^]*is disabled[^]*--enable/) as string,
    ]);
    // As a version left it that did not revoke the tokens.
    await node.sql(`update access_tokens set revoked_at = null where code = '离职者'`);
    expect(await run('access', 'add', ...caller, '--enable')).toMatchObject({ code: 0 });
    await eventually(async () => expect(await endWith(old)).toBe('UNAUTHENTICATED'));
    expect(await endWith(await tokenFor(node, 'administrator', '离职者'))).toBe('OK');

    await run('access', 'disable', ...caller);
    const valid = await node.sql(
      `select 1 from access_tokens where code = '离职者' and revoked_at is null`,
    );
    expect(valid).toEqual([]);
  });

  it.each([
    'issue administrator 值班员 --days abc',
    'rotate administrator 值班员 --overlap-hours abc',
    'add nobody 值班员',
    'add department 330000000M660 --regions 33',
    'revoke-certificate neither',
  ])('access %s: a wrong value ends with 2', async (words) => {
    const ended = await run('access', ...words.split(' '));
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(/USAGE/);
  });

  it.each([
    'access list',
    'share:onboard a --all',
    'report:onboard 330000000M660',
    'restored',
    'verify-audit',
  ])('%s: ends with 3 without its database, with 2 under wrong settings', async (command) => {
    const [script = '', ...words] = command.split(' ');
    const away = { HUB_DATABASE_URL: `postgresql://127.0.0.1:${await freePort()}/hub` };
    const unreached = await runWith(away, script, ...words);
    expect(unreached).toMatchObject({ code: 3, stdout: '' });
    expect(unreached.stderr).toMatch(/无法连接[^]*can not be reached/);
    const wrong = await runWith({ HUB_REGION: '33' }, script, ...words);
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
  });

  it('share:onboard: a role of the node that may not manage logins is told the statement, and shown no verifier', async () => {
    const url = new URL(inject('databaseUrl'));
    const plain = `plain_${node.schema}`;
    await node.sql(`create role ${plain} login password 'x' in role "${url.username}"`);
    Object.assign(url, { username: plain, password: 'x' });
    const own = { HUB_DATABASE_URL: url.href };
    const ended = await runWith(own, 'share:onboard', 'a', '--all');
    await node.sql(`drop role ${plain}`);
    expect(ended).toMatchObject({ code: 1, stderr: '' });
    expect(ended.stdout).toMatch(
      new RegExp(`请超级用户执行[^]*have a superuser run: alter role ${plain} createrole;`),
    );
    expect(ended.stdout).not.toMatch(/SCRAM|password/);
  });

  it('certificates: makes keys that only their owner can read, and shows none of them', async () => {
    const place = join(dir, 'tls');
    const { code, stdout } = await run(
      'certificates',
      place,
      'node:330000',
      'department:330000000M660',
    );
    expect(code).toBe(0);
    for (const name of ['ca', 'node-330000', 'department-330000000M660']) {
      const key = join(place, `${name}.key`);
      expect([name, (await stat(key)).mode & 0o777]).toEqual([name, 0o600]);
      const [, body = ''] = (await readFile(key, 'utf8')).split('\n');
      expect(body.length).toBeGreaterThan(20);
      expect(stdout).not.toContain(body);
    }
    expect((await stat(place)).mode & 0o777).toBe(0o700);
    expect(await run('certificates', place, 'nobody:1')).toMatchObject({ code: 2, stdout: '' });
  });

  it('verify-receipt: 0 for a genuine receipt, 1 for a changed one', async () => {
    const registration = validRegistration({ catalogVersion: node.node.catalogVersion });
    const { receipt } = await node.registration.submitRegistration({ registration });
    const { signingKeys } = await node.dataCenter.getNodeStatus({});
    const files = {
      key: join(dir, 'keys.pem'),
      good: join(dir, 'good.json'),
      bad: join(dir, 'bad.json'),
    };
    await writeFile(files.key, signingKeys.map((key) => key.publicKeyPem).join(''));
    await writeFile(files.good, toJsonString(ReceiptSchema, receipt!));
    await writeFile(files.bad, toJsonString(ReceiptSchema, { ...receipt!, node: '440000' }));
    const verify = (file: string) => run('verify-receipt', '--key', files.key, file);
    expect(await verify(files.good)).toMatchObject({ code: 0, stderr: '' });
    const none = await verify(files.key);
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('holds no receipt')]);
    const forged = await verify(files.bad);
    expect([forged.code, forged.stdout]).toEqual([1, expect.stringContaining('NOT GENUINE')]);
  });

  it('verify-audit: 0 while the chain is whole, 1 with the row that is not', async () => {
    const whole = await run('verify-audit');
    expect([whole.code, whole.stdout]).toEqual([0, expect.stringContaining('whole')]);
    const { stdout } = await run('verify-audit', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ node: '330000', whole: true, faults: [] });
    await node.sql('alter table audit_entries disable trigger user');
    const [entry] = await node.sql<{ link: number; position: number }>(
      `update audit_entries set actor = 'somebody' where (link, position) in
         (select link, position from audit_entries order by link desc, position limit 1)
       returning link, position`,
    );
    const broken = await run('verify-audit');
    expect(broken.code).toBe(1);
    expect(broken.stdout).toContain(`entry ${entry?.link}/${entry?.position}: 被改动 · changed`);
  });

  it('none of them shows the password of the database', () => {
    const { password } = new URL(inject('databaseUrl'));
    expect(password.length).toBeGreaterThan(8);
    expect(written.filter((text) => text.includes(password))).toEqual([]);
  });
});
