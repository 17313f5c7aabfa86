import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { createApp, type App } from './app.js';
import { ReadJournal } from './audit/reads.js';
import type { CatalogFollower } from './catalog/follower.js';
import type { CatalogShelf } from './catalog/shelf.js';
import type { Config } from './config.js';
import { openNeighbours, type Neighbours } from './delivery/neighbours.js';
import { isOpen, type Identify } from './access/identity.js';
import type { LogDefect } from './doors/errors.js';
import { refuseForeignHosts } from './doors/local-hosts.js';
import { civilDateIn } from './domain/identifiers/civil-date.js';
import { Intake, type IntakeObserver } from './intake/intake.js';
import { openCalendar } from './node/calendar.js';
import { openCatalog, openFollower } from './node/catalogue.js';
import { openChannels, readChannels } from './node/channels.js';
import { openCiting } from './node/citing.js';
import { openAccess } from './node/access.js';
import { openCertificates, type Certificates } from './node/certificates.js';
import { Closers } from './node/closers.js';
import { historyTask, openDaily, type NextRun } from './node/daily.js';
import { addressesOf, openDelivery, openPuller, type Delivering } from './node/delivering.js';
import { judging, type Judging } from './node/judging.js';
import { openMetrics } from './node/measuring.js';
import { reconcilingTask } from './node/reconciling.js';
import { openReporting } from './node/reporting.js';
import { openGivingBack } from './node/restoring.js';
import { openWitnessing } from './node/witnessing.js';
import { openSigningKey } from './node/signing.js';
import { openSharing } from './node/sharing.js';
import { showQueues } from './node/showing-queues.js';
import { openTracing } from './node/tracing.js';
import { within } from './node/patience.js';
import { openStore, type Store } from './node/store.js';
import { Meter } from './metrics/meter.js';
import type { DaysOff } from './reference/holidays.js';
import { loadReference, type Reference } from './reference/load-reference.js';
import { NATIONAL_NODE } from './reference/nodes.js';
import { publicReadsOf } from './services/data-center.js';
import { FrontDesk } from './services/front-desk.js';
import type { Tracing } from './tracing/tracing.js';

/** A started node. */
export interface RunningNode {
  /** The port it listens on; 0 for a process that only delivers. */
  readonly port: number;
  readonly config: Config;
  /** Version of the central catalogue in force. */
  readonly catalogVersion: string;
  readonly catalogProvisional: boolean;
  /**
   * Aborted when the node must not go on: its database is in another place, as after a failover. Whoever
   * runs it stops it and starts it again.
   */
  readonly moved: AbortSignal;
  /** Finishes what was begun and closes everything; safe to repeat. */
  stop(): Promise<void>;
}

/** Version of the program, as it tells its status. */
const { version: VERSION } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as { version: string };
/** How submissions go to the database; see the README's limits. */
export const INTAKE_LIMITS = { connections: 2, batchSize: 200, waiting: 20_000 } as const;
const QUEUE_PATIENCE = {
  limitMs: 30_000,
  tooLong: '队列无法连接,请核对 HUB_REDIS_URL · the queue can not be reached; check HUB_REDIS_URL.',
} as const;

/**
 * Starts a node from its configuration. What was opened is closed again when a later step fails,
 * or when `stopping` is aborted meanwhile; then it rejects with the signal's reason.
 */
export async function startNode(
  config: Config,
  log: Logger,
  stopping?: AbortSignal,
): Promise<RunningNode> {
  const closers = new Closers();
  try {
    const node = await open(config, log, closers, stopping);
    stopping?.throwIfAborted();
    return node;
  } catch (error) {
    await closers.closeAll(log);
    throw error;
  }
}

async function open(
  config: Config,
  log: Logger,
  closers: Closers,
  stopping: AbortSignal | undefined,
): Promise<RunningNode> {
  const startedAt = new Date();
  const today = (): string => civilDateIn(Date.now());
  const calendar = await openCalendar(config, today(), log);
  const certificates = await openCertificates(config, log, closers);
  const { forClients } = certificates;
  const routes = await readChannels(config, log);
  const meter = new Meter(config.node, config.process);
  const tracing = await openTracing(config, VERSION, closers);
  const store = await openStore(config, log, closers, stopping);
  stopping?.throwIfAborted();
  const signer = await openSigningKey(config, store.knex);
  const reference = loadReference();
  const shelf = await openCatalog(config, store.knex, log, closers, today);
  stopping?.throwIfAborted();
  const judge = judging(config, shelf, reference, calendar, routes);

  const neighbours = openNeighbours(
    config.node,
    addressesOf(config),
    forClients,
    tracing && (() => tracing.headers()),
  );
  closers.add(() => {
    neighbours.close();
  });
  const delivering = await within(
    openDelivery(config, store, neighbours, { meter, tracing }, log, closers),
    {
      ...QUEUE_PATIENCE,
      stopping,
    },
  );
  const intake = new Intake({
    knex: store.knex,
    log,
    signer,
    limits: INTAKE_LIMITS,
    context: judge.context,
    wake: delivering.wake,
    observer: tracing ? watchedBy(meter, tracing) : meter,
    backlog: delivering.backlog,
  });
  closers.add(() => intake.drained());
  const reads = new ReadJournal(store.knex, config.node);
  closers.add(() => reads.drained());
  const follower = openFollower(config, shelf, forClients, log, closers);
  openPuller(config, store.knex, intake, judge, neighbours, log, closers);
  await openChannels(config, routes, store, judge, log, closers);
  openSharing(config, store, log, closers);
  openReporting(config, store, { intake, judge, delivering }, log, closers);
  openGivingBack(config, store, delivering, log, closers);
  openCiting(config, store, delivering, log, closers);
  openWitnessing(config, store, forClients, log, closers);
  const reconciling = reconcilingTask(config, store, delivering, forClients, log, closers);
  const daily = [...reconciling, historyTask(config, store, log)];
  const nextDailyRun = await openDaily(config, store, daily, log, closers);
  await openMetrics(config, meter, store, log, closers);
  stopping?.throwIfAborted();

  const port =
    config.process === 'worker'
      ? 0
      : await listen(config, log, closers, {
          certificates,
          identify: openAccess(config, store, log, closers),
          store,
          reference,
          calendar,
          shelf,
          judge,
          neighbours,
          delivering,
          intake,
          reads,
          follower,
          meter,
          tracing,
          nextDailyRun,
          startedAt,
          today,
        });
  const view = shelf.current().on(today());
  return {
    port,
    config,
    catalogVersion: view?.version ?? '',
    catalogProvisional: view?.provisional ?? true,
    moved: store.moved,
    stop: () => closers.closeAll(log),
  };
}

/** Who counts messages, and who traces them. */
function watchedBy(meter: Meter, tracing: Tracing): IntakeObserver {
  return {
    arrived: (submissions) => {
      tracing.arrived(submissions);
    },
    committed: (...batch) => {
      meter.committed(...batch);
      tracing.committed(...batch);
    },
    refused: (refusal) => {
      meter.refused(refusal);
    },
  };
}

interface Opened {
  readonly certificates: Certificates;
  readonly identify: Identify;
  readonly store: Store;
  readonly reference: Reference;
  readonly calendar: DaysOff;
  readonly shelf: CatalogShelf;
  readonly judge: Judging;
  readonly neighbours: Neighbours;
  readonly delivering: Delivering;
  readonly intake: Intake;
  readonly reads: ReadJournal;
  readonly follower: CatalogFollower | undefined;
  readonly meter: Meter;
  readonly tracing: Tracing | undefined;
  readonly nextDailyRun: NextRun;
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
  const app = compose(config, log, closers, opened);
  opened.certificates.onRenewal((tls) => {
    app.front.renew(tls);
  });
  closers.add(() => app.front.close());
  const port = await app.front.listen(config.host, config.port);
  app.health.setServing(true);
  closers.add(() => {
    app.health.setServing(false);
  });
  return port;
}

function compose(config: Config, log: Logger, closers: Closers, opened: Opened): App {
  const { node, level } = config;
  const { knex } = opened.store;
  const { context, validation } = opened.judge;
  const { intake, neighbours, delivering, shelf, reference, today, tracing } = opened;
  const { backlog } = delivering;
  const desk = new FrontDesk({ node, intake, validation, backlog });
  const shared = { knex, node, level, context, log, wake: delivering.wake };
  const logDefect: LogDefect = ({ incident, where, cause }) => {
    log.error({ incident, where, err: cause }, '系统内部错误 / internal error');
  };
  return createApp({
    tls: opened.certificates.current(),
    identify: opened.identify,
    gate: isOpen(config.anonymous) ? refuseForeignHosts(config.hostNames) : undefined,
    callers: config.callers,
    connections: config.connections,
    calls: opened.meter,
    views: opened.meter,
    tracing,
    reads: opened.reads,
    logDefect,
    queues: showQueues(config, opened.store, opened.identify, logDefect, log, closers),
    publicity: {
      names: { reference, catalogue: () => shelf.current().on(today()) },
      today,
      perMinute: config.pagesPerMinute,
    },
    catalog: {
      knex,
      shelf,
      node,
      level,
      provinces: neighbours.codes,
      reference,
      today,
      pilotEverywhere: config.pilotEverywhere,
      isStale: () => opened.follower?.isStale() ?? false,
    },
    registration: { ...shared, desk },
    exchange: {
      ...shared,
      desk,
      intake,
      validation,
      nationalNode: NATIONAL_NODE,
      refusalWhileFull: () => desk.refusalWhileFull(),
      random: Math.random,
      neighbour: (code) => neighbours.client(code),
      fetched: tracing && ((...delivery) => tracing.fetched(...delivery)),
    },
    dataCenter: {
      ...shared,
      nodeName: config.nodeName,
      version: VERSION,
      startedAt: opened.startedAt,
      queueBackend: config.redisUrl === '' ? 'postgres' : 'redis',
      shelf,
      catalogLag: () => opened.follower?.lag() ?? 0,
      catalogCheckedAt: () => opened.follower?.checkedAt(),
      nextDailyRun: opened.nextDailyRun,
      backlog: () => backlog.total,
      backlogLimit: config.backlogLimit,
      calendar: opened.calendar,
      history: config.history,
      publicReads: publicReadsOf(config.databasePool),
      destinations: neighbours.codes.map((code) => ({ code, push: true })),
    },
  });
}
