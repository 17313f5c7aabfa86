import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DescService } from '@bufbuild/protobuf';
import { createLog } from '../../server/log.js';
import type { Logger } from 'pino';
import { inject } from 'vitest';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { createGrpcClient, type GrpcClient } from '../../clients/grpc.js';
import { freePort } from '../../launch/free-port.js';
import { readConfig } from '../../server/config.js';
import { startNode, type RunningNode } from '../../server/node.js';
import { openDatabase } from '../../server/storage/database.js';
import { freshSchema, migratedSchema } from './database.js';
import { PATIENCE_MS } from './patience.js';

export { freePort };

/** A running node, with a client for each of its services and a view into its tables. */
export interface TestNode {
  readonly code: string;
  readonly address: string;
  readonly schema: string;
  readonly node: RunningNode;
  readonly catalog: GrpcClient<typeof ScopeCatalog>;
  readonly registration: GrpcClient<typeof Registration>;
  readonly exchange: GrpcClient<typeof Exchange>;
  readonly dataCenter: GrpcClient<typeof DataCenter>;
  /** Rows of a query in the node's schema. */
  sql<Row>(statement: string, values?: unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

/** Data directory of every node of this test file: nodes on one database share its signing key. */
export const DATA_DIR = mkdtempSync(join(tmpdir(), 'zhengzhao-test-'));
process.once('exit', () => {
  rmSync(DATA_DIR, { recursive: true, force: true });
});

/**
 * Starts one node in this process, on the run's PostgreSQL in schemas of its own. The node migrates one
 * that `env` names; else it is migrated before.
 */
export async function startTestNode(env: Record<string, string>, log?: Logger): Promise<TestNode> {
  const given = env['HUB_DATABASE_URL'];
  const url = given ?? inject('databaseUrl');
  const schema =
    env['HUB_DATABASE_SCHEMA'] ??
    (given === undefined ? await migratedSchema('n') : freshSchema('n'));
  const config = readConfig({
    HUB_DATABASE_URL: url,
    HUB_DATABASE_SCHEMA: schema,
    HUB_DATA_DIR: DATA_DIR,
    HUB_DATABASE_POOL: '6',
    HUB_PORT: '0',
    HUB_SWEEP_MS: '300',
    HUB_CATALOG_POLL_MS: '500',
    HUB_LOG_LEVEL: process.env['HUB_TEST_LOG'] ?? 'silent',
    ...env,
  });
  const node = await startNode(config, log ?? createLog(config.logLevel, config.node));
  const address = `127.0.0.1:${node.port}`;
  const client = <S extends DescService>(service: S): GrpcClient<S> =>
    createGrpcClient(service, address, {
      // Nodes of one process would share connections, and the wait after a failed one, with the test.
      channelOptions: { 'grpc.use_local_subchannel_pool': 1 },
    });
  const knex = openDatabase({ url, schema, poolSize: 2 });
  const clients = {
    catalog: client(ScopeCatalog),
    registration: client(Registration),
    exchange: client(Exchange),
    dataCenter: client(DataCenter),
  };
  return {
    ...clients,
    code: config.node,
    address,
    schema,
    node,
    sql: async <Row>(statement: string, values: unknown[] = []) => {
      const result = await knex.raw<{ rows: Row[] }>(statement, values as string[]);
      return result.rows;
    },
    stop: async () => {
      for (const one of Object.values(clients)) one.close();
      await node.stop();
      await knex.destroy();
    },
  };
}

/** The national node and two provinces, connected. */
export interface Trio {
  readonly national: TestNode;
  readonly zhejiang: TestNode;
  readonly guangdong: TestNode;
  stop(): Promise<void>;
}

/** What else a trio may have. */
export interface TrioOptions {
  /** Where the national node writes its log. */
  readonly nationalLog?: Logger;
  /** Further configuration of the national node. */
  readonly nationalEnv?: Record<string, string>;
  /** Puts something before the national node, which the provinces then call; answers its port. */
  readonly before?: (nationalPort: number) => Promise<number>;
}

/** Starts all three on the given queue backend: empty URL is BullMQ on PostgreSQL. */
export async function startTrio(redisUrl = '', options: TrioOptions = {}): Promise<Trio> {
  const [nationalPort, zhejiangPort, guangdongPort] = [
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const upstreamPort = options.before ? await options.before(nationalPort) : nationalPort;
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  const common = { HUB_REDIS_URL: redisUrl };
  const [national, zhejiang, guangdong] = await Promise.all([
    startTestNode(
      {
        ...common,
        HUB_LEVEL: 'national',
        HUB_PORT: String(nationalPort),
        HUB_NODES: `330000=http://127.0.0.1:${zhejiangPort},440000=http://127.0.0.1:${guangdongPort}`,
        ...options.nationalEnv,
      },
      options.nationalLog,
    ),
    startTestNode({
      ...common,
      HUB_REGION: '330000',
      HUB_PORT: String(zhejiangPort),
      HUB_UPSTREAM_URL: upstream,
    }),
    startTestNode({
      ...common,
      HUB_REGION: '440000',
      HUB_PORT: String(guangdongPort),
      HUB_UPSTREAM_URL: upstream,
    }),
  ]);
  return {
    national,
    zhejiang,
    guangdong,
    stop: async () => {
      await Promise.all([national.stop(), zhejiang.stop(), guangdong.stop()]);
    },
  };
}

/** Asks until the answer is there, as long as its patience lasts; the last failure is the test's. */
export async function eventually<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
