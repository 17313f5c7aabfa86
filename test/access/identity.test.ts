import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import { connect as connectTls } from 'node:tls';
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { createLog } from '../../server/log.js';
import {
  disable,
  issueToken,
  listCallers,
  register,
  rotateToken,
} from '../../server/access/principals.js';
import { revokeCertificate, revokeToken } from '../../server/storage/access.js';
import { openDatabase } from '../../server/storage/database.js';
import { fingerprintOf } from '../../trial/certificates.js';
import { failureOf } from '../support/doors.js';
import { eventually, startTestNode, type TestNode } from '../support/nodes.js';
import { askAs, makeTrust, type Credentials, type Trust } from '../support/trust.js';

const ALL = { regions: null, permitItems: null, actsFor: [] };
const STATUS = DataCenter.method.getNodeStatus;

describe('who calls', () => {
  let trust: Trust;
  let node: TestNode;
  let knex: Knex;
  let env: Record<string, string>;
  const written: string[] = [];

  beforeAll(async () => {
    trust = await makeTrust();
    env = await trust.envOf(await trust.issue('node', '330000'));
    const log = createLog('trace', '330000', { write: (line: string) => void written.push(line) });
    node = await startTestNode(env, log);
    knex = openDatabase({ url: inject('databaseUrl'), schema: node.schema, poolSize: 2 });
    await register(knex, 'administrator', '值班员', ALL);
  });
  afterAll(async () => {
    await knex.destroy();
    await node.stop();
    await trust.remove();
  });

  /** How a call ends through both doors, which must agree. */
  async function endOf(caller: Omit<Credentials, 'tls'> & { tls?: object }): Promise<string> {
    const shown = { token: caller.token, tls: { ca: trust.ca, ...caller.tls } };
    const ends = await Promise.all(
      (['grpc', 'connect'] as const).map(async (door) => {
        const failure = await failureOf(askAs(door, node.node.port, shown, STATUS, {}));
        return failure?.reason ?? failure?.codeName ?? 'OK';
      }),
    );
    expect(new Set(ends).size).toBe(1);
    return ends[0] ?? '';
  }

  it('a token is good until it is revoked, and one that is not good is never passed over', async () => {
    const { id, token } = await issueToken(knex, 'administrator', '值班员', 1);
    expect(await endOf({ token })).toBe('OK');
    const other = token.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect(await endOf({ token: other })).toBe('UNAUTHENTICATED');
    expect(await endOf({ token: 'zzh_' })).toBe('UNAUTHENTICATED');
    const tls = await trust.issue('administrator', '值班员');
    expect(await endOf({ tls })).toBe('OK');
    expect(await endOf({ tls, token: other })).toBe('UNAUTHENTICATED');
    await revokeToken(knex, id);
    await eventually(async () => expect(await endOf({ token })).toBe('UNAUTHENTICATED'));
  });

  it('rotation leaves the old token good for the overlap, and none after it', async () => {
    const { token: first } = await issueToken(knex, 'administrator', '值班员', 1);
    const { token: second } = await rotateToken(knex, 'administrator', '值班员', {
      days: 1,
      overlapHours: 1,
    });
    expect([await endOf({ token: first }), await endOf({ token: second })]).toEqual(['OK', 'OK']);
    const { token: third } = await rotateToken(knex, 'administrator', '值班员', {
      days: 1,
      overlapHours: 0,
    });
    await eventually(async () => expect(await endOf({ token: second })).toBe('UNAUTHENTICATED'));
    expect(await endOf({ token: third })).toBe('OK');
  });

  it('a certificate names somebody who is registered, and is good until it is revoked', async () => {
    const unknown = await trust.issue('administrator', '陌生人');
    expect(await endOf({ tls: unknown })).toBe('UNAUTHENTICATED');
    expect(await endOf({ tls: await trust.issue('trial', '值班员') })).toBe('UNAUTHENTICATED');
    expect(await endOf({ tls: await trust.issue('node', '999999') })).toBe('UNAUTHENTICATED');
    const tls = await trust.issue('administrator', '值班员');
    expect(await endOf({ tls })).toBe('OK');
    await revokeCertificate(knex, fingerprintOf(tls.cert));
    await eventually(async () => expect(await endOf({ tls })).toBe('UNAUTHENTICATED'));
  });

  it('who is disabled is shut out with everything it has', async () => {
    await register(knex, 'administrator', '离职者', ALL);
    const { token } = await issueToken(knex, 'administrator', '离职者', 1);
    const tls = await trust.issue('administrator', '离职者');
    expect([await endOf({ token }), await endOf({ tls })]).toEqual(['OK', 'OK']);
    await disable(knex, 'administrator', '离职者');
    await eventually(async () =>
      expect([await endOf({ token }), await endOf({ tls })]).toEqual([
        'UNAUTHENTICATED',
        'UNAUTHENTICATED',
      ]),
    );
  });

  it('no header but the token says who calls', async () => {
    const headers = {
      'content-type': 'application/json',
      'x-client-cert-cn': '100000',
      'x-forwarded-client-cert': 'Subject="OU=administrator,CN=值班员"',
      'x-ssl-client-s-dn': 'OU=administrator,CN=x',
      'ssl-client-verify': 'SUCCESS',
      'x-forwarded-for': '127.0.0.1',
    };
    const raw = Object.entries(headers).map(([name, value]) => `${name}: ${encodeURI(value)}`);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connectTls({ port: node.node.port, host: 'localhost', ca: trust.ca }, () => {
        const path = `/${DataCenter.typeName}/${STATUS.name}`;
        socket.end(
          [`POST ${path} HTTP/1.1`, 'host: localhost', 'content-length: 2', ...raw, '', '{}'].join(
            '\r\n',
          ),
        );
      });
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('end', () => resolve(text)).on('error', reject);
    });
    expect(answer).toContain('401');
    expect(answer).toContain('UNAUTHENTICATED');
  });

  it('a token is stored as its hash, and is in no log and no error', async () => {
    const { token } = await issueToken(knex, 'administrator', '值班员', 1);
    const stray = `${token.slice(0, -1)}x`;
    const told = [
      await failureOf(
        askAs('grpc', node.node.port, { tls: { ca: trust.ca }, token: stray }, STATUS, {}),
      ),
      await failureOf(
        askAs('connect', node.node.port, { tls: { ca: trust.ca }, token: stray }, STATUS, {}),
      ),
    ];
    expect(await endOf({ token })).toBe('OK');
    for (const error of told)
      expect(JSON.stringify([error?.message, error?.metadata])).not.toContain(token.slice(0, 40));
    expect(written.length).toBeGreaterThan(0);
    expect(written.join('')).not.toContain('zzh_');
    const stored = await node.sql<{ row: string }>('select t::text as row from access_tokens t');
    expect(stored.length).toBeGreaterThan(0);
    const secret = token.slice(4, 44);
    expect(JSON.stringify(stored)).not.toContain(secret);
    expect(JSON.stringify(await listCallers(knex))).not.toContain(secret);
  });

  it('renewed certificates are taken up by the running node; what does not fit is left', async () => {
    const shown = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const options = { port: node.node.port, host: 'localhost', ca: trust.ca };
        const socket = connectTls(options, () => {
          resolve(socket.getPeerCertificate().fingerprint256);
          socket.destroy();
        });
        socket.on('error', reject);
      });
    const before = await shown();
    const renewed = await trust.issue('node', '330000');
    const replace = async (name: string, text: string, mode = 0o600): Promise<void> => {
      const file = env[name] ?? '';
      await writeFile(`${file}.new`, text);
      await chmod(`${file}.new`, mode);
      await rename(`${file}.new`, file);
    };
    const oldKey = await readFile(env['HUB_TLS_KEY'] ?? '', 'utf8');
    expect(renewed.key).not.toBe(oldKey);
    await replace('HUB_TLS_CERT', renewed.cert);
    await eventually(async () =>
      expect(written.join('')).toContain('new certificates can not be used'),
    );
    expect(await shown()).toBe(before);
    await replace('HUB_TLS_KEY', renewed.key, 0o644);
    await eventually(async () => expect(written.join('')).toContain('chmod 600'));
    expect(await shown()).toBe(before);
    await chmod(env['HUB_TLS_KEY'] ?? '', 0o600);
    await eventually(async () => expect(await shown()).not.toBe(before));
  });
});
