import { mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
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
  const postmaster = await startPostmaster({ program, pgdata, account, settings, log });
  options.log?.(
    `内置 PostgreSQL 已启动 · embedded PostgreSQL started: 127.0.0.1:${postmaster.port}, ${pgdata}`,
  );
  return {
    url: `postgres://${DATABASE}:${password}@127.0.0.1:${postmaster.port}/${DATABASE}`,
    stop: superviseServer(postmaster, options, log, release),
  };
}

/** Watches the running server and returns the function that ends it. */
function superviseServer(
  { child, pid }: Postmaster,
  options: EmbeddedOptions,
  log: ServerLog,
  release: () => Promise<void>,
): () => Promise<void> {
  let stopping: Promise<void> | undefined;
  // A hub that ends without stop(), say by an uncaught error, takes its server along.
  const endWithHub = (): void => void child.kill('SIGINT');
  process.once('exit', endWithHub);
  child.once('exit', () => {
    process.off('exit', endWithHub);
    if (stopping !== undefined) return;
    options.log?.(
      `内置 PostgreSQL（进程 ${pid}）意外终止，日志见 ${log.path} · embedded PostgreSQL (pid ${pid}) ended unexpectedly, its log is ${log.path}`,
    );
  });
  const end = async (): Promise<void> => {
    await stopServer(child);
    await log.close();
    await release();
    options.log?.('内置 PostgreSQL 已停止 · embedded PostgreSQL stopped');
  };
  return () => (stopping ??= end());
}
