import { readFile } from 'node:fs/promises';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { createGrpcClient } from '../clients/grpc.js';
import type { ClientTls } from '../clients/client.js';
import { createApp, type App } from './app.js';
import { createCatalogFollower, type CatalogFollower } from './catalog/follower.js';
import { seedShelf } from './catalog/seed.js';
import { openShelf, type CatalogShelf } from './catalog/shelf.js';
import type { Config } from './config.js';
import { deliverLane } from './delivery/lane-worker.js';
import { openNeighbours, type Neighbours } from './delivery/neighbours.js';
import { startPuller } from './delivery/puller.js';
import { startSweep, type Sweep } from './delivery/sweep.js';
import type { FrontTls } from './doors/front.js';
import type { NodeContext } from './domain/decision/decision.js';
import { civilDateIn } from './domain/identifiers/civil-date.js';
import type { ValidationContext } from './domain/validation/validator.js';
import { Intake } from './intake/intake.js';
import type { Wake } from './intake/write-batch.js';
import { startEmbeddedPostgres } from './postgres/embedded.js';
import { openWakeQueue, type QueueBackend, type WakeQueue } from './queues/wake-queue.js';
import { loadReference, type Reference } from './reference/load-reference.js';
import { NATIONAL_NODE } from './reference/nodes.js';
import { provinceOf, regionLineage } from './reference/region-codes.js';
import { createFacts } from './reference/validation-facts.js';
import { receive } from './services/exchange/reception.js';
import { FrontDesk } from './services/front-desk.js';
import { migrate, openDatabase } from './storage/database.js';

/** A started node. */
export interface RunningNode {
  /** The port it listens on; 0 for a process that only delivers. */
  readonly port: number;
  readonly config: Config;
  /** Version of the central catalogue in force. */
  readonly catalogVersion: string;
  readonly catalogProvisional: boolean;
  /** Finishes what was begun and closes everything; safe to repeat. */
  stop(): Promise<void>;
}

/** Version of the program, as it tells its status. */
const VERSION = '0.1.0';
const WORKERS = 8;
const INTAKE_LIMITS = { connections: 2, batchSize: 200, waiting: 20_000 } as const;
const DELIVERY_LIMITS = {
  batchSize: 100,
  batchBytes: 4 * 1024 * 1024,
  leaseMs: 60_000,
  batchesPerTurn: 20,
} as const;

/** What was opened, closed again in the opposite order, whatever happens in between. */
class Closers {
  readonly #closers: (() => Promise<unknown> | void)[] = [];
  #closing: Promise<void> | undefined;

  add(close: () => Promise<unknown> | void): void {
    this.#closers.push(close);
  }

  closeAll(log: Logger): Promise<void> {
    return (this.#closing ??= this.#close(log));
  }

  async #close(log: Logger): Promise<void> {
    for (const close of this.#closers.reverse()) {
      try {
        await close();
      } catch (error) {
        log.warn({ err: error }, '关闭时出错 / closing failed');
      }
    }
  }
}

/** Starts a node from its configuration. What was opened is closed again when a later step fails. */
export async function startNode(config: Config, log: Logger): Promise<RunningNode> {
  const closers = new Closers();
  try {
    return await open(config, log, closers);
  } catch (error) {
    await closers.closeAll(log);
    throw error;
  }
}

async function openStore(config: Config, log: Logger, closers: Closers) {
  let url = config.databaseUrl;
  if (url === '') {
    const server = await startEmbeddedPostgres({
      dataDir: config.dataDir,
      log: (line) => {
        log.debug(line);
      },
    });
    closers.add(() => server.stop());
    url = server.url;
  }
  const knex = openDatabase({ url, schema: config.databaseSchema, poolSize: config.databasePool });
  closers.add(() => knex.destroy());
  await migrate(knex, config.databaseSchema);
  return { knex, url };
}

function backendOf(config: Config, databaseUrl: string): QueueBackend {
  const name = `${config.databaseSchema}_queue`;
  return config.redisUrl === ''
    ? { kind: 'postgres', url: databaseUrl, schema: name }
    : { kind: 'redis', url: config.redisUrl, prefix: `${name}_${config.node}` };
}

async function openCatalog(
  config: Config,
  knex: Knex,
  log: Logger,
  closers: Closers,
  today: () => string,
): Promise<CatalogShelf> {
  const shelf = await openShelf({
    knex,
    node: config.node,
    lineageOf: regionLineage,
    provinceOf,
    today,
    log,
  });
  await seedShelf(shelf, config.node, log);
  shelf.watch();
  closers.add(() => shelf.close());
  return shelf;
}

/** Addresses this node calls: a province its upstream, the national node its provinces. */
function addressesOf(config: Config): ReadonlyMap<string, string> {
  if (config.level === 'national') return config.nodeUrls;
  return config.upstreamUrl === '' ? new Map() : new Map([[NATIONAL_NODE, config.upstreamUrl]]);
}

interface Judging {
  readonly context: () => NodeContext;
  readonly validation: () => ValidationContext;
}

/** The node's view of the world at a moment, for decisions and for validation. */
function judging(config: Config, shelf: CatalogShelf, reference: Reference): Judging {
  const facts = createFacts(reference);
  const { node, level, channels } = config;
  return {
    context: () => ({
      node,
      level,
      channels,
      nationalNode: NATIONAL_NODE,
      nowMs: Date.now(),
      catalogOn: (date) => shelf.current().on(date),
      homeNodeOf: (regOrg, domDistrict) =>
        regOrg === NATIONAL_NODE ? facts.provinceOf(domDistrict) : facts.nodeOfRegOrg(regOrg),
    }),
    validation: () => {
      const nowMs = Date.now();
      return { node, level, nowMs, today: civilDateIn(nowMs), catalog: shelf.current(), facts };
    },
  };
}

interface Delivering {
  readonly queue: WakeQueue;
  readonly sweep: Sweep;
  /** Set once the queue is open; before that the sweep finds the work. */
  readonly wake: (wakes: readonly Wake[]) => void;
}

async function openDelivery(
  config: Config,
  store: { readonly knex: Knex; readonly url: string },
  neighbours: Neighbours,
  log: Logger,
  closers: Closers,
): Promise<Delivering> {
  const { knex } = store;
  const reachable = new Set(neighbours.codes);
  const queue = await openWakeQueue({
    backend: backendOf(config, store.url),
    log,
    concurrency: config.process === 'api' ? 0 : WORKERS,
    work: (wake) =>
      deliverLane(wake, {
        knex,
        log,
        node: config.node,
        nationalNode: NATIONAL_NODE,
        linkTo: neighbours.link,
        random: Math.random,
        limits: DELIVERY_LIMITS,
      }),
  });
  closers.add(() => queue.close());
  const wake = (wakes: readonly Wake[]): void => {
    queue.wake(wakes.filter((one) => reachable.has(one.destination)));
  };
  const sweep = startSweep({
    knex,
    log,
    intervalMs: config.sweepMs,
    backlogLimit: config.backlogLimit,
    destinations: neighbours.codes,
    wake,
  });
  closers.add(() => sweep.stop());
  return { queue, sweep, wake };
}

async function readTls(config: Config): Promise<FrontTls | undefined> {
  if (!config.tls) return undefined;
  const { cert, key, ca } = config.tls;
  return {
    cert: await readFile(cert),
    key: await readFile(key),
    ...(ca !== '' && { ca: await readFile(ca) }),
  };
}

/** Nodes know each other by the same certificates they show to everybody else. */
function clientTls(tls: FrontTls | undefined): ClientTls | undefined {
  return tls && { cert: tls.cert, key: tls.key, ...(tls.ca !== undefined && { ca: tls.ca }) };
}

function openFollower(
  config: Config,
  shelf: CatalogShelf,
  tls: ClientTls | undefined,
  log: Logger,
  closers: Closers,
): CatalogFollower | undefined {
  if (config.upstreamUrl === '' || config.process === 'worker') return undefined;
  const client = createGrpcClient(ScopeCatalog, config.upstreamUrl, { tls });
  const follower = createCatalogFollower({ client, shelf, intervalMs: config.catalogPollMs, log });
  follower.start();
  closers.add(async () => {
    await follower.stop();
    client.close();
  });
  return follower;
}

async function open(config: Config, log: Logger, closers: Closers): Promise<RunningNode> {
  const startedAt = new Date();
  const today = (): string => civilDateIn(Date.now());
  const tls = await readTls(config);
  const store = await openStore(config, log, closers);
  const reference = loadReference();
  const shelf = await openCatalog(config, store.knex, log, closers, today);
  const judge = judging(config, shelf, reference);

  const neighbours = openNeighbours(config.node, addressesOf(config), clientTls(tls));
  closers.add(() => {
    neighbours.close();
  });
  const delivering = await openDelivery(config, store, neighbours, log, closers);
  const intake = new Intake({
    knex: store.knex,
    log,
    limits: INTAKE_LIMITS,
    context: judge.context,
    wake: delivering.wake,
  });
  closers.add(() => intake.drained());
  const follower = openFollower(config, shelf, clientTls(tls), log, closers);
  openPuller(config, intake, judge, neighbours, log, closers);

  const port =
    config.process === 'worker'
      ? 0
      : await listen(config, log, closers, {
          tls,
          store,
          reference,
          shelf,
          judge,
          neighbours,
          delivering,
          intake,
          follower,
          startedAt,
          today,
        });
  const view = shelf.current().on(today());
  return {
    port,
    config,
    catalogVersion: view?.version ?? '',
    catalogProvisional: view?.provisional ?? true,
    stop: () => closers.closeAll(log),
  };
}

function openPuller(
  config: Config,
  intake: Intake,
  judge: Judging,
  neighbours: Neighbours,
  log: Logger,
  closers: Closers,
): void {
  const client = neighbours.client(NATIONAL_NODE);
  if (!config.pull || config.process === 'api' || !client) return;
  const from = { node: NATIONAL_NODE, side: 'national' } as const;
  const puller = startPuller({
    node: config.node,
    client,
    log,
    random: Math.random,
    receive: (deliveries) =>
      receive(deliveries, from, { intake, log, validation: judge.validation }),
  });
  closers.add(() => puller.stop());
}

interface Opened {
  readonly tls: FrontTls | undefined;
  readonly store: { readonly knex: Knex };
  readonly reference: Reference;
  readonly shelf: CatalogShelf;
  readonly judge: Judging;
  readonly neighbours: Neighbours;
  readonly delivering: Delivering;
  readonly intake: Intake;
  readonly follower: CatalogFollower | undefined;
  readonly startedAt: Date;
  readonly today: () => string;
}

/** Builds the services on what is open and opens the port. */
async function listen(
  config: Config,
  log: Logger,
  closers: Closers,
  opened: Opened,
): Promise<number> {
  const app = compose(config, log, opened);
  closers.add(() => app.front.close());
  const port = await app.front.listen(config.host, config.port);
  app.health.setServing(true);
  closers.add(() => {
    app.health.setServing(false);
  });
  return port;
}

function compose(config: Config, log: Logger, opened: Opened): App {
  const { node, level } = config;
  const { knex } = opened.store;
  const { context, validation } = opened.judge;
  const { intake, neighbours, delivering, shelf, reference, today } = opened;
  const backlog = (): number => delivering.sweep.backlog;
  const { backlogLimit } = config;
  const desk = new FrontDesk({ node, intake, validation, backlog, backlogLimit });
  const shared = { knex, node, level, context, log, wake: delivering.wake };
  return createApp({
    tls: opened.tls,
    logDefect: ({ incident, where, cause }) => {
      log.error({ incident, where, err: cause }, '系统内部错误 / internal error');
    },
    catalog: { shelf, node, level, reference, today },
    registration: { ...shared, desk },
    exchange: {
      ...shared,
      desk,
      intake,
      validation,
      nationalNode: NATIONAL_NODE,
      requireRoom: () => {
        desk.requireRoom();
      },
      random: Math.random,
      neighbour: (code) => neighbours.client(code),
    },
    dataCenter: {
      ...shared,
      nodeName: config.nodeName,
      version: VERSION,
      startedAt: opened.startedAt,
      queueBackend: config.redisUrl === '' ? 'postgres' : 'redis',
      shelf,
      catalogLag: () => opened.follower?.lag() ?? 0,
      backlog,
      backlogLimit,
      destinations: neighbours.codes.map((code) => ({ code, push: true })),
    },
  });
}
