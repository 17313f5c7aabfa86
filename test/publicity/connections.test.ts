import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Knex } from 'knex';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { issueToken, register } from '../../server/access/principals.js';
import { openDatabase } from '../../server/storage/database.js';
import { testUscc } from '../support/builders.js';
import { eventually, startTestNode, type TestNode } from '../support/nodes.js';

const POOL = 12;
const ALL = { regions: null, permitItems: null, actsFor: [] };

describe('what anybody may read', () => {
  let node: TestNode;
  let knex: Knex;
  let token: string;

  beforeAll(async () => {
    node = await startTestNode({
      HUB_ANONYMOUS: 'public',
      HUB_DATABASE_POOL: String(POOL),
      HUB_PAGE_RATE: '10000',
    });
    knex = openDatabase({ url: inject('databaseUrl'), schema: node.schema, poolSize: 3 });
    await register(knex, 'administrator', '值班员', ALL);
    ({ token } = await issueToken(knex, 'administrator', '值班员', 1));
  });
  afterAll(async () => {
    await knex.destroy();
    await node.stop();
  });

  /** Statements of the node that wait for the lock of the test. */
  async function waiting(): Promise<number> {
    const { rows } = await knex.raw<{ rows: { count: number }[] }>(
      `select count(*)::int as count from pg_stat_activity
        where application_name = ? and wait_event_type = 'Lock'`,
      [`zhengzhao-hub/${node.schema}`],
    );
    return rows[0]?.count ?? 0;
  }

  it('never takes more than half of the connections, by pages and calls together', async () => {
    const lock = await knex.transaction();
    await lock.raw('lock table enterprises in access exclusive mode');
    const numbers = Array.from({ length: 40 }, (_, at) => at + 1);
    const html = { headers: { accept: 'text/html' } };
    const calls = numbers.flatMap((number) => [
      node.dataCenter.getDisclosure({ uscc: testUscc(number) }).catch(() => 'none'),
      node.dataCenter.searchEnterprises({ query: `企业${number}` }),
    ]);
    const pages = numbers
      .slice(0, 16)
      .map((number) =>
        fetch(
          `http://${node.address}/${number % 2 ? `?q=${number}号` : `enterprises/${testUscc(number)}`}`,
          html,
        ),
      );
    try {
      await eventually(async () => expect(await waiting()).toBeGreaterThan(2));
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(await waiting()).toBeLessThanOrEqual(POOL / 2);
      const client = createGrpcClient(DataCenter, node.address, { token });
      expect((await client.getNodeStatus({})).node).toBe(node.code);
      client.close();
    } finally {
      await lock.rollback();
    }
    await Promise.all(calls);
    const statuses = (await Promise.all(pages)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 404]));
  });
});
