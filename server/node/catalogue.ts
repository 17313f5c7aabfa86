import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import type { RenewableTls } from '../../clients/tls.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { createCatalogFollower, type CatalogFollower } from '../catalog/follower.js';
import { seedShelf } from '../catalog/seed.js';
import { openShelf, type CatalogShelf } from '../catalog/shelf.js';
import type { Config } from '../config.js';
import { lineageFor, provinceOf } from '../reference/region-codes.js';
import type { Closers } from './closers.js';

/** Opens the catalogue with what is held, and with the one that comes with the program the first time. */
export async function openCatalog(
  config: Config,
  knex: Knex,
  log: Logger,
  closers: Closers,
  today: () => string,
): Promise<CatalogShelf> {
  const shelf = await openShelf({
    knex,
    node: config.node,
    lineageOf: lineageFor(config.node),
    provinceOf,
    today,
    log,
  });
  await seedShelf(shelf, config.node, log);
  shelf.watch();
  closers.add(() => shelf.close());
  return shelf;
}

/** A province follows the national node's releases (F2); others follow nobody. */
export function openFollower(
  config: Config,
  shelf: CatalogShelf,
  tls: RenewableTls | undefined,
  log: Logger,
  closers: Closers,
): CatalogFollower | undefined {
  if (config.upstreamUrl === '' || config.process === 'worker') return undefined;
  const client = createGrpcClient(ScopeCatalog, config.upstreamUrl, { tls });
  const follower = createCatalogFollower({
    client,
    node: config.node,
    shelf,
    intervalMs: config.catalogPollMs,
    log,
  });
  follower.start();
  closers.add(async () => {
    await follower.stop();
    client.close();
  });
  return follower;
}
