import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import type { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import type { GrpcClient } from '../clients/grpc.js';
import { openDepartments, type Departments } from './departments.js';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '../server/postgres/embedded.js';
import {
  launch,
  stopNodes,
  untilReady,
  type Launched,
  type LaunchSettings,
  type NodeSpec,
} from './node-process.js';
import { freePort } from '../launch/free-port.js';

/** Six-digit codes of the three nodes. */
export const NATIONAL = '100000';
export const ZHEJIANG = '330000';
export const GUANGDONG = '440000';

export type NodeCode = typeof NATIONAL | typeof ZHEJIANG | typeof GUANGDONG;
export type Province = Exclude<NodeCode, typeof NATIONAL>;

/** How the account names a node. */
export const NODE_NAMES: Readonly<Record<NodeCode, string>> = {
  [NATIONAL]: '总局 national',
  [ZHEJIANG]: '浙江 Zhejiang',
  [GUANGDONG]: '广东 Guangdong',
};

/** A node in a process of its own, reached over gRPC like by anybody else. */
export interface DemoNode {
  readonly code: NodeCode;
  readonly address: string;
  /** Schema of its tables in the demo's PostgreSQL; its queues are in the same name with `_queue`. */
  readonly schema: string;
  readonly logFile: string;
  readonly catalog: GrpcClient<typeof ScopeCatalog>;
  readonly registration: GrpcClient<typeof Registration>;
  readonly exchange: GrpcClient<typeof Exchange>;
  readonly dataCenter: GrpcClient<typeof DataCenter>;
}

/** The three nodes and the PostgreSQL they share, each in schemas of its own. */
export interface Network {
  readonly national: DemoNode;
  readonly zhejiang: DemoNode;
  readonly guangdong: DemoNode;
  readonly all: readonly DemoNode[];
  readonly databaseUrl: string;
  /** Departments of 浙江 that take their packages by a channel. */
  readonly departments: Departments;
  /** Empty: the queues are in PostgreSQL. */
  readonly redisUrl: string;
  of(code: NodeCode): DemoNode;
  /** Stops everything and removes every file; answers what did not end cleanly. */
  close(): Promise<string[]>;
}

/** Starts PostgreSQL and the three nodes, unless the signal comes first. Whatever was started is stopped when a later step fails. */
export async function openNetwork(redisUrl: string, signal: AbortSignal): Promise<Network> {
  const dir = await mkdtemp(join(tmpdir(), 'zhengzhao-demo-'));
  const dataDir = join(dir, 'postgres');
  const launched: Launched[] = [];
  const killAll = (): void => {
    for (const { child } of launched) child.kill('SIGKILL');
  };
  process.once('exit', killAll);
  const stops: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })];
  const close = async (): Promise<string[]> => {
    const problems = await stopNodes(launched);
    for (const stop of stops.splice(0).reverse()) await stop();
    process.off('exit', killAll);
    return problems;
  };
  try {
    stops.push(() => removeEmbeddedPostgres(dataDir));
    const postgres = await startEmbeddedPostgres({ dataDir });
    stops.push(() => postgres.stop());
    const departments = await openDepartments(dir);
    stops.push(() => departments.close());
    const settings = { dir, databaseUrl: postgres.url, redisUrl };
    for (const spec of await nodeSpecs(departments)) launched.push(launch(spec, settings));
    await Promise.all(launched.map((one) => untilReady(one, signal)));
    const nodes = launched.map(({ node }) => node);
    return networkOf(nodes, departments, settings, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function networkOf(
  all: readonly DemoNode[],
  departments: Departments,
  { databaseUrl, redisUrl }: LaunchSettings,
  close: () => Promise<string[]>,
): Network {
  const of = (code: NodeCode): DemoNode => {
    const node = all.find((candidate) => candidate.code === code);
    if (!node) throw new Error(`There is no node ${code}.`);
    return node;
  };
  return {
    national: of(NATIONAL),
    zhejiang: of(ZHEJIANG),
    guangdong: of(GUANGDONG),
    all,
    databaseUrl,
    departments,
    redisUrl,
    of,
    close,
  };
}

async function nodeSpecs({ channelsFile }: Departments): Promise<NodeSpec[]> {
  const [national, zhejiang, guangdong] = [await freePort(), await freePort(), await freePort()];
  const address = (port: number): string => `http://127.0.0.1:${port}`;
  const provincial = {
    HUB_LEVEL: 'provincial',
    HUB_UPSTREAM_URL: address(national),
    // The sample's enterprises are all over both provinces, most of them outside the zones (R21).
    HUB_PILOT_EVERYWHERE: 'true',
  };
  const provinces = `${ZHEJIANG}=${address(zhejiang)},${GUANGDONG}=${address(guangdong)}`;
  return [
    { code: NATIONAL, port: national, env: { HUB_LEVEL: 'national', HUB_NODES: provinces } },
    {
      code: ZHEJIANG,
      port: zhejiang,
      env: { ...provincial, HUB_REGION: ZHEJIANG, HUB_CHANNELS_FILE: channelsFile },
    },
    { code: GUANGDONG, port: guangdong, env: { ...provincial, HUB_REGION: GUANGDONG } },
  ];
}
