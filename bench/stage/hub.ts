import type { Knex } from 'knex';
import { programWith } from '../../launch/program.js';
import { openDatabase, query } from '../../server/storage/database.js';
import { startChild, type Child } from './child.js';
import type { Stage } from './stage.js';
import { freePort } from '../../launch/free-port.js';

/** A node of the hub in a process of its own, started as the program starts. */
export interface Hub {
  readonly pid: number;
  /** `host:port`. */
  readonly address: string;
  readonly schema: string;
  /** Its tables, for counting; not the node's own pool. */
  readonly knex: Knex;
  stop(): Promise<void>;
}

/** What a node is started with besides what all have. */
export interface HubSpec {
  readonly env: Readonly<Record<string, string>>;
  /** False: BullMQ on PostgreSQL, as without any installation. */
  readonly redis: boolean;
  /** Of an earlier process of the same node. Unset: a fresh one. */
  readonly schema?: string;
  /** Unset: a free one. */
  readonly port?: number;
  /** Where it makes its signing key; processes of one node share it. Unset: a fresh one. */
  readonly dataDir?: string;
}

/** One address sends everything here, so what one caller may do in a second must not be the limit. */
const ONE_CALLER = { HUB_CALLER_RATE: '1000000', HUB_CALLER_IN_FLIGHT: '10000' };

/** What a node says once it serves or delivers. */
const READY = /监听 listening|只投递/;

/** Starts a node; validation, audit, signed receipts and fsync are on, as always. */
export async function startHub(stage: Stage, spec: HubSpec): Promise<Hub> {
  const schema = spec.schema ?? stage.freshName();
  const port = spec.port ?? (await freePort());
  const child = await startChild(
    programWith({
      HUB_PORT: String(port),
      HUB_DATABASE_URL: stage.databaseUrl,
      HUB_DATABASE_SCHEMA: schema,
      HUB_DATA_DIR: spec.dataDir ?? (await stage.freshDirectory()),
      HUB_LOG_LEVEL: 'warn',
      ...(spec.redis && { HUB_REDIS_URL: requireRedis(stage) }),
      ...ONE_CALLER,
      ...spec.env,
    }),
    READY,
  );
  return hubOf(child, port, schema, stage);
}

function hubOf(child: Child, port: number, schema: string, stage: Stage): Hub {
  const knex = openDatabase({ url: stage.databaseUrl, schema, poolSize: 2 });
  return {
    pid: child.pid,
    address: `127.0.0.1:${port}`,
    schema,
    knex,
    stop: async () => {
      await child.stop();
      await knex.destroy();
    },
  };
}

function requireRedis({ redisUrl }: Stage): string {
  if (redisUrl === undefined) throw new Error('no redis-server');
  return redisUrl;
}

/** Rows of a table of a node. */
export async function countRows(hub: Hub, table: string): Promise<number> {
  const { rows } = await query<{ count: number }>(
    hub.knex,
    'select count(*)::int as count from ??',
    [table],
  );
  return rows[0]?.count ?? 0;
}
