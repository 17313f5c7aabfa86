import { spawn, type ChildProcess } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVER_ENV, type Account } from './account.js';
import { readIfExists } from './durable-files.js';
import { EmbeddedPostgresError } from './embedded-error.js';
import { commandLine } from './process-table.js';
import type { ServerLog } from './server-log.js';

export interface PostmasterSpec {
  /** Absolute path of the program `postgres`. */
  readonly program: string;
  readonly pgdata: string;
  readonly account: Account | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly log: ServerLog;
  /** Which port to try; a free one when not given. */
  readonly pickPort?: () => Promise<number>;
  /** Aborted when the server is not wanted any more: the start then ends, and fails. */
  readonly stopping?: AbortSignal;
}

export interface Postmaster {
  readonly port: number;
  readonly pid: number;
  readonly child: ChildProcess;
}

const ATTEMPTS = 5;
/** A server that has not even noted that it starts. */
const START_LIMIT_MS = 120_000;
/**
 * Recovery after a crash replays at most what `max_wal_size` holds: minutes, on a slow disk. Whoever breaks
 * it off begins it again.
 */
export const RECOVERY_LIMIT_MS = 300_000;
/** Polite to harsh, with how long each is given. After SIGQUIT the next start recovers. */
const STOP_SIGNALS = [
  ['SIGINT', 10_000],
  ['SIGQUIT', 7_000],
  ['SIGKILL', 3_000],
] as const;

/**
 * What passes by itself: another program took the port in between, a server orphaned while it was
 * starting holds the cluster, or the last processes of a killed server are still leaving.
 */
const PASSING =
  /could not bind|could not create any TCP\/IP sockets|lock file ".*" already exists|shared memory block .* is still in use/;

/**
 * Starts the server on the cluster and resolves when it takes connections. A server left over on
 * this cluster is stopped first. Throws EmbeddedPostgresError with the last lines of its log.
 */
export async function startPostmaster(spec: PostmasterSpec): Promise<Postmaster> {
  for (let attempt = 1; ; attempt += 1) {
    await stopLeftover(spec.pgdata);
    const port = await (spec.pickPort ?? pickFreePort)();
    const from = await spec.log.size();
    const started = spawnServer(spec, port);
    if (await becomesReady(started.child, spec)) {
      return { port, pid: started.child.pid ?? 0, child: started.child };
    }
    await stopServer(started.child);
    const tail = started.failure() ?? (await spec.log.tail(from));
    if (attempt === ATTEMPTS || spec.stopping?.aborted || !PASSING.test(tail))
      throw notStarted(spec.log.path, tail);
    await sleep(100 * attempt);
  }
}

/** Fast shutdown: connections end, committed work is kept. Resolves when the server is gone. */
export async function stopServer(child: ChildProcess): Promise<void> {
  const alive = (): boolean => isRunning(child);
  await shutDown((signal) => child.kill(signal), alive);
}

/**
 * Ends the server that a killed hub process left on this cluster, and makes sure that the pid file
 * does not stop the next one: its pid may be a zombie's or another program's by now.
 */
export async function stopLeftover(pgdata: string): Promise<void> {
  const file = join(pgdata, 'postmaster.pid');
  const pid = await notedPid(file);
  if (pid === undefined) return;
  const ours = async (): Promise<boolean> =>
    `${await commandLine(pid)} `.includes(` -D ${pgdata} `);
  if (await ours()) await shutDown((signal) => signalProcess(pid, signal), ours);
  const left = await readIfExists(file);
  // PostgreSQL passes over the pid of its own parent. The rest of the file must stay: from it
  // PostgreSQL learns whether processes of a dead server still use the cluster.
  if (left !== undefined) await writeFile(file, left.replace(/^-?\d+/, String(process.pid)));
}

/** The pid in a pid file; undefined without one. A file that stays unreadable is removed. */
async function notedPid(file: string): Promise<number | undefined> {
  for (const pause of [0, 100]) {
    // A server that just starts may be about to fill the file.
    await sleep(pause);
    const text = await readIfExists(file);
    if (text === undefined) return undefined;
    // A server in single-user mode notes its pid with a minus sign.
    const pid = Math.abs(Number.parseInt(text, 10));
    if (pid > 0) return pid;
  }
  await rm(file, { force: true });
  return undefined;
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // It ended between the look and the signal.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function shutDown(
  kill: (signal: NodeJS.Signals) => void,
  alive: () => boolean | Promise<boolean>,
): Promise<void> {
  for (const [signal, patience] of STOP_SIGNALS) {
    if (!(await alive())) return;
    kill(signal);
    const deadline = Date.now() + patience;
    while ((await alive()) && Date.now() < deadline) await sleep(10);
  }
}

/** False once it ended, and for one that could not be started at all. */
function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

/**
 * In a process group of its own, so that Ctrl-C in the terminal reaches the hub alone, which then
 * stops the server in order; unreferenced, so that it does not keep the hub running.
 */
function spawnServer(spec: PostmasterSpec, port: number) {
  const settings = Object.entries({
    ...spec.settings,
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
  });
  const options = settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(spec.program, ['-D', spec.pgdata, ...options], {
    ...spec.account,
    cwd: '/',
    env: SERVER_ENV,
    detached: true,
    stdio: ['ignore', spec.log.fd, spec.log.fd],
  });
  let failure: string | undefined;
  child.once('error', (error) => {
    failure = error.message;
  });
  child.unref();
  return { child, failure: () => failure };
}

/** The server writes its state into the eighth line of the pid file; pg_ctl waits the same way. */
async function becomesReady(
  child: ChildProcess,
  { pgdata, stopping }: PostmasterSpec,
): Promise<boolean> {
  const begun = performance.now();
  while (isRunning(child) && !stopping?.aborted) {
    const lines = ((await readIfExists(join(pgdata, 'postmaster.pid'))) ?? '').split('\n');
    const state = Number(lines[0]) === child.pid ? lines[7]?.trim() : undefined;
    if (state === 'ready') return true;
    const limit = state === 'starting' ? RECOVERY_LIMIT_MS : START_LIMIT_MS;
    if (performance.now() - begun > limit) return false;
    await sleep(10);
  }
  return false;
}

/** A port of 127.0.0.1 that was free a moment ago. */
export function pickFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

function notStarted(logPath: string, tail: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `内置 PostgreSQL 未能启动，日志见 ${logPath}`,
    `the embedded PostgreSQL did not start, its log is ${logPath}:\n${tail}`,
  );
}
