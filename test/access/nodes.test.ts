import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { issueToken, register } from '../../server/access/principals.js';
import { openDatabase } from '../../server/storage/database.js';
import { validRegistration } from '../support/builders.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';
import { makeTrust, type Trust } from '../support/trust.js';

describe('R18 R34 nodes that know each other by their certificates', () => {
  let trust: Trust;
  let national: TestNode;
  let zhejiang: TestNode;

  beforeAll(async () => {
    trust = await makeTrust();
    const [above, below] = [await freePort(), await freePort()];
    national = await startTestNode({
      ...(await trust.envOf(await trust.issue('node', '100000'))),
      HUB_LEVEL: 'national',
      HUB_PORT: String(above),
      HUB_NODES: `330000=https://localhost:${below}`,
    });
    zhejiang = await startTestNode({
      ...(await trust.envOf(await trust.issue('node', '330000'))),
      HUB_REGION: '330000',
      HUB_PORT: String(below),
      HUB_UPSTREAM_URL: `https://localhost:${above}`,
    });
  });
  afterAll(async () => {
    await zhejiang.stop();
    await national.stop();
    await trust.remove();
  });

  it('carries what a registry reports with its token up to the national node', async () => {
    const registration = validRegistration({ catalogVersion: '2019.12-prov' });
    const code = registration.envelope?.sourceOrg ?? '';
    const knex = openDatabase({ url: inject('databaseUrl'), schema: zhejiang.schema, poolSize: 2 });
    await register(knex, 'registry', code, { regions: null, permitItems: null, actsFor: [] });
    const { token } = await issueToken(knex, 'registry', code, 1);
    await knex.destroy();
    const client = createGrpcClient(Registration, `localhost:${zhejiang.node.port}`, {
      tls: { ca: trust.ca },
      token,
    });
    try {
      await client.submitRegistration({ registration });
      await eventually(async () => {
        const there = await national.sql('select 1 from messages where origin = ?', ['330000']);
        expect(there).toHaveLength(1);
      });
    } finally {
      client.close();
    }
  });
});
