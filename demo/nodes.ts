import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { createGrpcClient, type GrpcClient } from '../clients/grpc.js';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '../server/postgres/embedded.js';

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
  of(code: NodeCode): DemoNode;
  /** Stops everything and removes every file; answers what did not end cleanly. */
  close(): Promise<string[]>;
}

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;

interface Launched {
  readonly node: DemoNode;
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
}

/** Starts PostgreSQL and the three nodes. Whatever was started is stopped when a later step fails. */
export async function openNetwork(redisUrl: string): Promise<Network> {
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
    const settings = { dir, databaseUrl: postgres.url, redisUrl };
    for (const spec of await nodeSpecs()) launched.push(launch(spec, settings));
    await Promise.all(launched.map(untilReady));
    const nodes = launched.map(({ node }) => node);
    return networkOf(nodes, postgres.url, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function networkOf(
  all: readonly DemoNode[],
  databaseUrl: string,
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
    of,
    close,
  };
}

interface NodeSpec {
  readonly code: NodeCode;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

async function nodeSpecs(): Promise<NodeSpec[]> {
  const [national, zhejiang, guangdong] = [await freePort(), await freePort(), await freePort()];
  const address = (port: number): string => `http://127.0.0.1:${port}`;
  const provincial = { HUB_LEVEL: 'provincial', HUB_UPSTREAM_URL: address(national) };
  const provinces = `${ZHEJIANG}=${address(zhejiang)},${GUANGDONG}=${address(guangdong)}`;
  return [
    { code: NATIONAL, port: national, env: { HUB_LEVEL: 'national', HUB_NODES: provinces } },
    { code: ZHEJIANG, port: zhejiang, env: { ...provincial, HUB_REGION: ZHEJIANG } },
    { code: GUANGDONG, port: guangdong, env: { ...provincial, HUB_REGION: GUANGDONG } },
  ];
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
  });
}

interface LaunchSettings {
  readonly dir: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

function launch({ code, port, env }: NodeSpec, settings: LaunchSettings): Launched {
  const schema = `demo_${code}`;
  const logFile = join(settings.dir, `node-${code}.log`);
  const child = spawn(process.execPath, ['--import', 'tsx', 'server/main.ts'], {
    cwd: PROJECT,
    // Ctrl-C is for the demo, which then stops its nodes in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...withoutHubVariables(process.env),
      ...env,
      HUB_PORT: String(port),
      HUB_DATA_DIR: join(settings.dir, `data-${code}`),
      HUB_DATABASE_URL: settings.databaseUrl,
      HUB_DATABASE_SCHEMA: schema,
      HUB_DATABASE_POOL: '8',
      HUB_REDIS_URL: settings.redisUrl,
      HUB_SWEEP_MS: '500',
      HUB_LOG_LEVEL: 'warn',
    },
  });
  const log = createWriteStream(logFile);
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
    child.once('error', () => {
      resolve(null);
    });
  });
  return { node: connect(code, `127.0.0.1:${port}`, schema, logFile), child, exited };
}

function withoutHubVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('HUB_')));
}

function connect(code: NodeCode, address: string, schema: string, logFile: string): DemoNode {
  return {
    code,
    address,
    schema,
    logFile,
    catalog: createGrpcClient(ScopeCatalog, address),
    registration: createGrpcClient(Registration, address),
    exchange: createGrpcClient(Exchange, address),
    dataCenter: createGrpcClient(DataCenter, address),
  };
}

/** Until the node answers; fails with its log when it ends instead. */
async function untilReady({ node, exited }: Launched): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  let ended = false;
  void exited.then(() => (ended = true));
  for (;;) {
    try {
      await node.dataCenter.getNodeStatus({}, { timeoutMs: 2_000 });
      return;
    } catch (error) {
      if (!ended && Date.now() < deadline) {
        await pause(100);
        continue;
      }
      const log = (await readFile(node.logFile, 'utf8')).slice(-2_000);
      const zh = `节点 ${node.code} 未能启动`;
      throw new Error(`${zh} · the node did not start:\n${log}`, { cause: error });
    }
  }
}

async function stopNodes(launched: readonly Launched[]): Promise<string[]> {
  const problems = await Promise.all(launched.map(stopNode));
  return problems.filter((problem) => problem !== undefined);
}

/** Ends a node as an operator would, with SIGINT, and tells when it does not end cleanly. */
async function stopNode({ node, child, exited }: Launched): Promise<string | undefined> {
  for (const client of [node.catalog, node.registration, node.exchange, node.dataCenter])
    client.close();
  child.kill('SIGINT');
  const limit = new AbortController();
  const tooLong = pause(STOP_LIMIT_MS, 'too long' as const, { signal: limit.signal });
  tooLong.catch(() => undefined);
  const outcome = await Promise.race([exited, tooLong]);
  limit.abort();
  if (outcome === 0) return undefined;
  child.kill('SIGKILL');
  await exited;
  return `${NODE_NAMES[node.code]}: 未正常退出 · did not end cleanly (${outcome ?? 'killed'})`;
}
