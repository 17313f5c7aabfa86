import { mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { prepareBinaries } from './binaries.js';
import { locateCluster, locateExisting } from './cluster-location.js';
import { DATABASE, ensureCluster } from './cluster.js';
import { lockDataDir } from './data-dir-lock.js';
import { makeDir } from './durable-files.js';
import { startPostmaster, stopLeftover, stopServer, type Postmaster } from './postmaster.js';
import { openServerLog, type ServerLog } from './server-log.js';

export interface EmbeddedPostgres {
  /** `postgres://hub:<password>@127.0.0.1:<port>/hub`; the port is another one at each start. */
  readonly url: string;
  /**
   * Shuts the server down in order (harder after 10 s) and frees the data directory; a second call
   * waits for the first. Set `pool.on('error')` before: connections still open end with 57P01.
   */
  stop(): Promise<void>;
}

export interface EmbeddedOptions {
  /** Made if missing. Holds the cluster or a pointer to it, the password, the log and the lock. */
  readonly dataDir: string;
  /** Further PostgreSQL settings, e.g. `{ fsync: 'off' }` in tests; address and port stay ours. */
  readonly settings?: Record<string, string>;
  /** Receives what the operator may want to know, a line at a time; nothing is said when unset. */
  readonly log?: (line: string) => void;
  /** Receives what the operator should know: the server ended by itself. Unset: as `log`. */
  readonly warn?: (line: string) => void;
}

const SETTINGS: Readonly<Record<string, string>> = {
  max_connections: '100',
  shared_buffers: '128MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
  // Statements and error details quote rows, and the hub's logs must hold no payload (R54).
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
};

/**
 * Starts a real PostgreSQL server of this node's own: empty HUB_DATABASE_URL means this. The first
 * start makes the cluster (about a second), later ones take a tenth of that; a server left behind
 * by a killed hub is stopped first, its committed rows are kept. Throws EmbeddedPostgresError,
 * Chinese and English, among others when another process holds the data directory.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  // Root's server runs as another user, which has to pass through, though not to list.
  await makeDir(options.dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
  const dataDir = await realpath(options.dataDir);
  const release = await lockDataDir(dataDir);
  try {
    const log = await openServerLog(join(dataDir, 'postgres.log'));
    try {
      return await startLocked(dataDir, options, log, release);
    } catch (error) {
      await log.close();
      throw error;
    }
  } catch (error) {
    await release();
    throw error;
  }
}

/**
 * Deletes a data directory with everything in it, also the cluster kept elsewhere for it: for
 * demonstrations, measurements and tests. Throws EmbeddedPostgresError while a process holds it.
 */
export async function removeEmbeddedPostgres(dataDir: string): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const dir = await realpath(dataDir);
  const release = await lockDataDir(dir);
  try {
    const { home, pgdata } = await locateExisting(dir);
    await stopLeftover(pgdata);
    await rm(home, { recursive: true, force: true });
    await rm(dir, { recursive: true, force: true });
  } finally {
    await release();
  }
}

async function startLocked(
  dataDir: string,
  options: EmbeddedOptions,
  log: ServerLog,
  release: () => Promise<void>,
): Promise<EmbeddedPostgres> {
  const location = await locateCluster(dataDir);
  const { account, pgdata } = location;
  const binaries = await prepareBinaries(account, dataDir);
  const settings = { ...SETTINGS, ...options.settings };
  await stopLeftover(pgdata);
  const durable = settings['fsync'] !== 'off';
  const password = await ensureCluster({ dataDir, location, binaries, durable });
  const program = binaries.postgres;
  const spec = { program, pgdata, account, settings, log };
  const postmaster = await startPostmaster(spec);
  const { port } = postmaster;
  options.log?.(
    `内置 PostgreSQL 已启动 · embedded PostgreSQL started: 127.0.0.1:${port}, ${pgdata}`,
  );
  const restart = (stopping: AbortSignal): Promise<Postmaster> =>
    startPostmaster({ ...spec, pickPort: () => Promise.resolve(port), stopping });
  return {
    url: `postgres://${DATABASE}:${password}@127.0.0.1:${port}/${DATABASE}`,
    stop: superviseServer(postmaster, restart, { options, log, release }),
  };
}

interface Supervision {
  readonly options: EmbeddedOptions;
  readonly log: ServerLog;
  readonly release: () => Promise<void>;
}

/**
 * Before a server that ended by itself is started again. Doubles with each time that it does not start or
 * ends soon, as on a full disk, up to the cap.
 */
const RESTART_PAUSE_MS = 500;
const RESTART_PAUSE_CAP_MS = 30_000;
/** A server that stood for so long begins with the shortest pause again. */
const STEADY_MS = 60_000;

/**
 * Watches the running server and returns the function that ends it. A server that ends by itself,
 * killed by hand or for want of memory or disk, is started again at the same address, as often as it
 * takes: the pools reconnect.
 */
function superviseServer(
  first: Postmaster,
  restart: (stopping: AbortSignal) => Promise<Postmaster>,
  { options, log, release }: Supervision,
): () => Promise<void> {
  const warn = options.warn ?? options.log;
  const stopping = new AbortController();
  const { signal } = stopping;
  let server = first;
  let failures = 0;
  let ending: Promise<void> | undefined;
  let restarting: Promise<void> | undefined;
  // A hub that ends without stop(), say by an uncaught error, takes its server along.
  const endWithHub = (): void => void server.child.kill('SIGINT');
  process.once('exit', endWithHub);

  const watch = ({ child, pid }: Postmaster): void => {
    const since = performance.now();
    child.once('exit', () => {
      if (signal.aborted) return;
      warn?.(
        `内置 PostgreSQL（进程 ${pid}）意外终止，正在重新启动，日志见 ${log.path} · embedded PostgreSQL (pid ${pid}) ended unexpectedly and is started again, its log is ${log.path}`,
      );
      failures = performance.now() - since > STEADY_MS ? 0 : failures + 1;
      restarting = startAgain();
    });
  };
  const startAgain = async (): Promise<void> => {
    for (; !signal.aborted; failures += 1) {
      const pauseMs = Math.min(RESTART_PAUSE_MS * 2 ** failures, RESTART_PAUSE_CAP_MS);
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        server = await restart(signal);
        watch(server);
        return;
      } catch (error) {
        if (!signal.aborted) warn?.(String(error));
      }
    }
  };
  const end = async (): Promise<void> => {
    stopping.abort();
    await restarting;
    await stopServer(server.child);
    process.off('exit', endWithHub);
    await log.close();
    await release();
    options.log?.('内置 PostgreSQL 已停止 · embedded PostgreSQL stopped');
  };
  watch(server);
  return () => (ending ??= end());
}
