import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { createGrpcClient } from '../clients/grpc.js';
import { programWith } from '../launch/program.js';
import type { DemoNode, NodeCode } from './nodes.js';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;

/** A node and the process that runs it. */
export interface Launched {
  readonly node: DemoNode;
  readonly child: ChildProcess;
  readonly exited: Promise<number | null>;
}

/** What makes one node different from the others. */
export interface NodeSpec {
  readonly code: NodeCode;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

/** What all nodes have in common. */
export interface LaunchSettings {
  readonly dir: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

/** Starts a node; it answers some seconds later. */
export function launch({ code, port, env }: NodeSpec, settings: LaunchSettings): Launched {
  const schema = `demo_${code}`;
  const logFile = join(settings.dir, `node-${code}.log`);
  const { file, args, options } = programWith({
    ...env,
    HUB_PORT: String(port),
    HUB_DATA_DIR: join(settings.dir, `data-${code}`),
    HUB_DATABASE_URL: settings.databaseUrl,
    HUB_DATABASE_SCHEMA: schema,
    HUB_DATABASE_POOL: '8',
    HUB_REDIS_URL: settings.redisUrl,
    HUB_SWEEP_MS: '500',
    HUB_LOG_LEVEL: 'warn',
  });
  const child = spawn(file, args, {
    ...options,
    // Ctrl-C is for the demo, which then stops its nodes in order.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
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
export async function untilReady({ node, exited }: Launched, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  let ended = false;
  void exited.then(() => (ended = true));
  for (;;) {
    signal.throwIfAborted();
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

/** Ends all of them; answers what did not end cleanly. */
export async function stopNodes(launched: readonly Launched[]): Promise<string[]> {
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
  return `${node.code}: 未正常退出 · did not end cleanly (${outcome ?? 'killed'})`;
}
