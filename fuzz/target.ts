import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Knex } from 'knex';
import { programWith } from '../launch/program.js';
import { openDatabase, query } from '../server/storage/database.js';
import { GrpcPort } from './grpc-port.js';
import { HttpPort } from './http-port.js';

const START_LIMIT_MS = 180_000;
const STOP_LIMIT_MS = 60_000;
/** pino's number for `error`. */
const ERROR_LEVEL = 50;

export type Level = 'national' | 'provincial';

/** A node in a process of its own, with everything that can be seen of it from outside. */
export interface Target {
  readonly level: Level;
  readonly address: string;
  readonly grpc: GrpcPort;
  /** A connection of its own for calls that may make the node end it. */
  readonly brokenGrpc: GrpcPort;
  readonly http: HttpPort;
  /** Lines of its log at level error, and whatever it wrote that is no log. */
  readonly complaints: readonly string[];
  /** Exit code or signal once the process has ended. */
  readonly ended: () => string | undefined;
  /** Rows of a query in its schema. */
  sql<Row>(statement: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Resident memory in MiB; undefined where the system does not tell. */
  rssMb(): Promise<number | undefined>;
  /** Ends it in order; answers what was not in order. */
  stop(): Promise<string[]>;
}

/** What starting a node takes. */
export interface TargetSpec {
  readonly level: Level;
  readonly port: number;
  readonly databaseUrl: string;
  /** Where it makes the key that signs receipts. */
  readonly dataDir: string;
  readonly schema: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a node and waits until it listens; fails with its output when it ends instead. */
export async function startTarget(spec: TargetSpec): Promise<Target> {
  const { file, args, options } = programWith({
    HUB_LEVEL: spec.level,
    HUB_PORT: String(spec.port),
    HUB_DATA_DIR: spec.dataDir,
    HUB_DATABASE_URL: spec.databaseUrl,
    HUB_DATABASE_SCHEMA: spec.schema,
    HUB_DATABASE_POOL: '6',
    HUB_LOG_LEVEL: 'warn',
    ...spec.env,
  });
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const complaints: string[] = [];
  // Whatever ends this process, no node is left behind.
  process.once('exit', () => child.kill('SIGKILL'));
  const watched = watch(child, complaints);
  await watched.listening;
  const knex = openDatabase({ url: spec.databaseUrl, schema: spec.schema, poolSize: 2 });
  const address = `127.0.0.1:${spec.port}`;
  return targetOf(spec.level, address, child, watched, complaints, knex);
}

interface Watched {
  readonly listening: Promise<void>;
  readonly exited: Promise<string>;
}

function watch(child: ChildProcess, complaints: string[]): Watched {
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(String(signal ?? code)));
    child.once('error', (error) => resolve(error.message));
  });
  const listening = new Promise<void>((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('the node did not start')), START_LIMIT_MS);
    const lines = createInterface({ input: child.stdout ?? process.stdin });
    lines.on('line', (line) => {
      if (isComplaint(line)) complaints.push(line);
      if (!/监听 listening/.test(line)) return;
      clearTimeout(limit);
      resolve();
    });
    void exited.then((how) =>
      reject(new Error(`the node ended: ${how}\n${complaints.join('\n')}`)),
    );
  });
  createInterface({ input: child.stderr ?? process.stdin }).on('line', (line) => {
    complaints.push(line);
  });
  return { listening, exited };
}

/** An error of the log, but for the alarm of the third gate, which hostile deliveries must set off. */
function isComplaint(line: string): boolean {
  if (!line.startsWith('{')) return false;
  const { level, rule } = JSON.parse(line) as { level?: number; rule?: string };
  return (level ?? 0) >= ERROR_LEVEL && rule !== 'VR24';
}

function targetOf(
  level: Level,
  address: string,
  child: ChildProcess,
  { exited }: Watched,
  complaints: readonly string[],
  knex: Knex,
): Target {
  let ended: string | undefined;
  void exited.then((how) => (ended = how));
  const grpc = new GrpcPort(address);
  const brokenGrpc = new GrpcPort(address);
  const http = new HttpPort(address);
  return {
    level,
    address,
    grpc,
    brokenGrpc,
    http,
    complaints,
    ended: () => ended,
    sql: async <Row>(statement: string, values: readonly unknown[] = []) =>
      (await query<Row>(knex, statement, values)).rows,
    rssMb: () => residentMb(child.pid),
    stop: async () => {
      grpc.close();
      brokenGrpc.close();
      http.close();
      await knex.destroy();
      return stopChild(child, exited);
    },
  };
}

async function residentMb(pid: number | undefined): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid ?? 0}/status`, 'utf8').catch(() => '');
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / 1024);
}

async function stopChild(child: ChildProcess, exited: Promise<string>): Promise<string[]> {
  child.kill('SIGINT');
  const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  const how = await exited;
  clearTimeout(limit);
  return how === '0' ? [] : [`the node did not end in order: ${how}`];
}
