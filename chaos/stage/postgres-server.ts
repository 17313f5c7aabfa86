import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareBinaries } from '../../server/postgres/binaries.js';
import { locateCluster } from '../../server/postgres/cluster-location.js';
import { DATABASE, ensureCluster } from '../../server/postgres/cluster.js';
import { removeEmbeddedPostgres } from '../../server/postgres/embedded.js';
import {
  startPostmaster,
  stopServer,
  type Postmaster,
  type PostmasterSpec,
} from '../../server/postgres/postmaster.js';
import { openServerLog, type ServerLog } from '../../server/postgres/server-log.js';
import { freePort } from '../../launch/free-port.js';

/** Small, as three of them share the machine; as durable as a real one. */
const SETTINGS = {
  max_connections: '60',
  shared_buffers: '32MB',
  timezone: 'UTC',
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
};

/** A PostgreSQL server of a node's own that can be killed and started again at the same port. */
export class PostgresServer {
  #postmaster: Postmaster | undefined;

  private constructor(
    private readonly dataDir: string,
    private readonly spec: PostmasterSpec & { readonly log: ServerLog },
    private readonly password: string,
    readonly port: number,
  ) {}

  /** Makes the cluster in a new directory and starts the server. */
  static async open(dir: string): Promise<PostgresServer> {
    await mkdir(dir, { mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
    const dataDir = await realpath(dir);
    const location = await locateCluster(dataDir);
    const { account, pgdata } = location;
    const binaries = await prepareBinaries(account, dataDir);
    const password = await ensureCluster({ dataDir, location, binaries, durable: false });
    const log = await openServerLog(join(dataDir, 'postgres.log'));
    const port = await freePort();
    const pickPort = (): Promise<number> => Promise.resolve(port);
    const spec = { program: binaries.postgres, pgdata, account, settings: SETTINGS, log, pickPort };
    const server = new PostgresServer(dataDir, spec, password, port);
    await server.start();
    return server;
  }

  /** Address of its database through a port of 127.0.0.1, its own or a relay's. */
  urlAt(port: number = this.port): string {
    return `postgres://${DATABASE}:${this.password}@127.0.0.1:${port}/${DATABASE}`;
  }

  /** Starts it, after a kill with recovery. */
  async start(): Promise<void> {
    this.#postmaster = await startPostmaster(this.spec);
  }

  /** `SIGKILL`: as if for want of memory. `SIGQUIT`: immediate shutdown. Both end in recovery. */
  async kill(signal: 'SIGKILL' | 'SIGQUIT'): Promise<void> {
    const child = this.#postmaster?.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }

  /** Stops it and removes everything. */
  async close(): Promise<void> {
    if (this.#postmaster) await stopServer(this.#postmaster.child);
    await this.spec.log.close();
    await removeEmbeddedPostgres(this.dataDir);
  }
}
