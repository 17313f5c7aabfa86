import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasRedisServer, RedisServer } from '../../chaos/stage/redis-server.js';
import {
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../server/postgres/embedded.js';

/** What all families of a run share: servers, a directory, and the wish to stop. */
export interface Stage {
  /** A real PostgreSQL as a node would start it itself, fsync on. */
  readonly databaseUrl: string;
  /** Undefined: no redis-server is installed. */
  readonly redisUrl: string | undefined;
  /** Removed at the end; a fresh directory below it each time. */
  freshDirectory(): Promise<string>;
  /** Nobody had it before in this run: a schema, a prefix. */
  freshName(): string;
  readonly stopping: AbortSignal;
  close(): Promise<void>;
}

/** The nodes of one contest, a yardstick and this process; otherwise as the program starts it. */
const SETTINGS = { max_connections: '300' };

/** Starts PostgreSQL, and Redis where it is installed. */
export async function openStage(stopping: AbortSignal): Promise<Stage> {
  const directory = await mkdtemp(join(tmpdir(), 'zhengzhao-bench-'));
  const dataDir = join(directory, 'postgres');
  const postgres = await startEmbeddedPostgres({ dataDir, settings: SETTINGS });
  const redis = await startRedis(directory);
  let names = 0;
  return {
    databaseUrl: postgres.url,
    redisUrl: redis && `redis://127.0.0.1:${redis.port}`,
    freshDirectory: () => mkdtemp(join(directory, 'node-')),
    freshName: () => `bench_${(names += 1)}`,
    stopping,
    close: () => closeAll(postgres, redis, { directory, dataDir }),
  };
}

async function startRedis(directory: string): Promise<RedisServer | undefined> {
  return hasRedisServer() ? RedisServer.open(directory) : undefined;
}

async function closeAll(
  postgres: EmbeddedPostgres,
  redis: RedisServer | undefined,
  { directory, dataDir }: { directory: string; dataDir: string },
): Promise<void> {
  await redis?.close();
  await postgres.stop();
  await removeEmbeddedPostgres(dataDir);
  await rm(directory, { recursive: true, force: true });
}
