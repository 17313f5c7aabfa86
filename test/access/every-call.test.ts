import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { createLog } from '../../server/log.js';
import { issueToken, register } from '../../server/access/principals.js';
import { rpcOf } from '../../server/access/guard.js';
import type { Role } from '../../server/domain/access/principal.js';
import { grantOf } from '../../server/domain/access/table.js';
import { openDatabase } from '../../server/storage/database.js';
import { validLicence } from '../support/builders.js';
import { failureOf, METHODS } from '../support/doors.js';
import { startTestNode, type TestNode } from '../support/nodes.js';
import { samplesOf } from '../support/request-samples.js';
import { askAs, makeTrust, type Credentials, type Trust } from '../support/trust.js';

const EVERYBODY = { regions: null, permitItems: null, actsFor: [] };
const ROLES: readonly Role[] = ['registry', 'department', 'business', 'administrator'];

describe('every call as every role', () => {
  let trust: Trust;
  let node: TestNode;
  const callers = new Map<Role, Credentials>();

  beforeAll(async () => {
    trust = await makeTrust();
    const env = await trust.envOf(await trust.issue('node', '330000'));
    node = await startTestNode(env, createLog('silent', '330000'));
    const knex = openDatabase({ url: inject('databaseUrl'), schema: node.schema, poolSize: 2 });
    const tls = { ca: trust.ca };
    callers.set('nobody', { tls });
    callers.set('node', { tls: { ...tls, ...(await trust.issue('node', '100000')) } });
    for (const role of ROLES) {
      await register(knex, role, 'CALLER', EVERYBODY);
      const { token } = await issueToken(knex, role, 'CALLER', 1);
      callers.set(role, { tls, token });
    }
    await knex.destroy();
  });
  afterAll(async () => {
    await node.stop();
    await trust.remove();
  });

  function samples(name: string): unknown[] {
    const method = METHODS.find((one) => one.name === name);
    if (name === 'StreamRecords') return [{ records: [validLicence({}, { number: 99 })] }];
    if (name === 'PullMessages') return [{ node: '100000' }];
    return method ? samplesOf(method).slice(0, 1) : [];
  }

  it.each(['nobody', 'node', ...ROLES] as const)('%s', async (role) => {
    const caller = callers.get(role) as Credentials;
    for (const method of METHODS) {
      const [request] = samples(method.name);
      for (const door of ['grpc', 'connect'] as const) {
        // Both directions at once are for gRPC alone.
        if (door === 'connect' && method.methodKind === 'bidi_streaming') continue;
        const asked = askAs(door, node.node.port, caller, method, request);
        const failure = await failureOf(asked);
        const refused = ['UNAUTHENTICATED', 'NOT_PERMITTED'].includes(failure?.reason ?? '');
        const expected = grantOf(role, rpcOf(method)) === undefined;
        expect([method.name, door, refused]).toEqual([method.name, door, expected]);
        if (refused)
          expect(failure?.codeName).toBe(
            role === 'nobody' ? 'UNAUTHENTICATED' : 'PERMISSION_DENIED',
          );
      }
    }
  });

  it('everybody is told what the node takes it for', async () => {
    const { getCaller } = DataCenter.method;
    const told = async (role: Role) => {
      const caller = callers.get(role) as Credentials;
      return Promise.all(
        (['grpc', 'connect'] as const).map((door) =>
          askAs(door, node.node.port, caller, getCaller, {}),
        ),
      );
    };
    for (const role of ROLES) {
      const answer = { role, code: 'CALLER' };
      expect(await told(role)).toMatchObject([answer, answer]);
    }
    const neighbour = { role: 'node', roleZh: '节点', roleEn: 'node', code: '100000' };
    expect(await told('node')).toMatchObject([neighbour, neighbour]);
    expect((await failureOf(told('nobody')))?.reason).toBe('UNAUTHENTICATED');
  });

  it('R18 a node speaks as itself only', async () => {
    const caller = { tls: { ca: trust.ca, ...(await trust.issue('node', '440000')) } };
    for (const method of [Exchange.method.deliver, Exchange.method.acknowledgeMessages]) {
      const [request] = samples(method.name);
      const failure = await failureOf(askAs('grpc', node.node.port, caller, method, request));
      expect(failure?.reason).toBe('WRONG_NODE');
    }
    const pull = askAs('grpc', node.node.port, caller, Exchange.method.pullMessages, {
      node: '100000',
    });
    expect((await failureOf(pull))?.reason).toBe('WRONG_NODE');
  });
});
