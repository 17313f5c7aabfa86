import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { startEmbeddedPostgres } from '../postgres/embedded.js';
import { RECOVERY_LIMIT_MS } from '../postgres/postmaster.js';
import type { QueueBackend } from '../queues/engine.js';
import { migrate, openDatabase } from '../storage/database.js';
import { continueIfRestored } from '../restoration/restore-point.js';
import { PlaceWatch } from '../restoration/place-watch.js';
import type { Restoration } from '../storage/restorations.js';
import { libraryNames } from '../storage/library-names.js';
import { hasLogins, shutToLogins, shutToNode } from '../storage/login-limits.js';
import { continueFeed } from '../storage/shared-feed.js';
import { untilDatabaseTakesWrites } from './awaiting-database.js';
import type { Closers } from './closers.js';
import { StartError } from './patience.js';

/** The node's PostgreSQL: its own, or one that is run elsewhere. */
export interface Store {
  readonly knex: Knex;
  readonly url: string;
  /** The node was found restored from a backup just now, and goes on from it; undefined: it was not. */
  readonly restored: Restoration | undefined;
  /** Aborted when the tables are in another place than they were; nothing is taken from then on. */
  readonly moved: AbortSignal;
}

/** Starts the embedded server when there is no other, opens the pool and migrates. */
export async function openStore(
  config: Config,
  log: Logger,
  closers: Closers,
  stopping: AbortSignal | undefined,
): Promise<Store> {
  let url = config.databaseUrl;
  if (url === '') {
    const server = await startEmbeddedPostgres({
      dataDir: config.dataDir,
      log: (line) => {
        log.debug(line);
      },
      warn: (line) => {
        log.error(line);
      },
    });
    closers.add(() => server.stop());
    url = server.url;
  }
  const watch = new PlaceWatch();
  const knex = openDatabase({
    url,
    schema: config.databaseSchema,
    poolSize: config.databasePool,
    admit: (connection) => watch.admit(connection),
  });
  closers.add(() => knex.destroy());
  await untilDatabaseTakesWrites(knex, log, RECOVERY_LIMIT_MS, stopping);
  await requireLocks(knex);
  await migrate(knex, config.databaseSchema);
  const { place, restored } = await continueIfRestored(knex, config.node);
  watch.keepTo(place);
  if (restored)
    log.warn(
      restored,
      '数据库由备份恢复,编号已后移 / the database was restored from a backup; numbers were moved on',
    );
  await continueFeed(knex);
  await limitLogins(config, knex, log);
  return { knex, url, restored, moved: watch.moved };
}

/** A node that came to this database before may have shut its locks to everybody who was not there yet. */
async function requireLocks(knex: Knex): Promise<void> {
  const statements = await shutToNode(knex);
  if (statements.length === 0) return;
  throw new StartError(
    '同一数据库的另一节点已收回公共的加锁权限,请数据库管理员在该数据库执行一次 · another node has shut the ' +
      'locks of this database to its logins; have a superuser run this in it, once:\n' +
      statements.map((statement) => `  ${statement};`).join('\n'),
  );
}

/** Logins of before, and of a restored database, can't stop the node either (R47, R50). */
async function limitLogins(config: Config, knex: Knex, log: Logger): Promise<void> {
  const { share, report } = libraryNames(config.databaseSchema);
  if (!(await hasLogins(knex, share, report))) return;
  const statements = await shutToLogins(knex);
  if (statements.length > 0)
    log.warn(
      { statements },
      '共享库、上报库账号可占用节点的锁,请数据库管理员执行 / logins of the libraries can take locks of the node; have a superuser run these',
    );
}

/** Where BullMQ keeps its jobs (HUB_REDIS_URL). */
export function backendOf(config: Config, databaseUrl: string): QueueBackend {
  const name = `${config.databaseSchema}_queue`;
  return config.redisUrl === ''
    ? { kind: 'postgres', url: databaseUrl, schema: name }
    : { kind: 'redis', url: config.redisUrl, prefix: `${name}_${config.node}` };
}
