import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { Breaker } from '../delivery/breaker.js';
import { deliverLane } from '../delivery/lane-worker.js';
import type { Neighbours } from '../delivery/neighbours.js';
import { SettleDesk } from '../delivery/settle-desk.js';
import { startPuller } from '../delivery/puller.js';
import { startSweep } from '../delivery/sweep.js';
import { Turns, type TurnLimits } from '../delivery/turns.js';
import { LANES, type Lane } from '../domain/lane.js';
import { Backlog, type BacklogLimits } from '../intake/backlog.js';
import type { Intake } from '../intake/intake.js';
import type { Meter } from '../metrics/meter.js';
import type { Tracing } from '../tracing/tracing.js';
import { openWakeQueue } from '../queues/wake-queue.js';
import { HUB_NODES, NATIONAL_NODE } from '../reference/nodes.js';
import { receive } from '../services/exchange/reception.js';
import type { Closers } from './closers.js';
import type { Judging } from './judging.js';
import { backendOf, type Store } from './store.js';

/** At the national node: enough that each province may occupy one. A province has one destination. */
const NATIONAL_WORKERS = 32;
const SLOW_TURN_MS = 10_000;
const LIMITS = {
  batchSize: 200,
  batchBytes: 4 * 1024 * 1024,
  leaseMs: 60_000,
  batchesPerTurn: 20,
} as const;

/** Addresses this node calls: a province its upstream, the national node its provinces. */
export function addressesOf(config: Config): ReadonlyMap<string, string> {
  if (config.level === 'national') return config.nodeUrls;
  return config.upstreamUrl === '' ? new Map() : new Map([[NATIONAL_NODE, config.upstreamUrl]]);
}

/** Who counts and who traces what goes out. */
export interface Watching {
  readonly meter: Meter;
  /** Unset: nobody traces. */
  readonly tracing: Tracing | undefined;
}

/** The outgoing side of a node. */
export interface Delivering {
  readonly backlog: Backlog;
  /** Says that lanes have work; those of nodes that pull are left alone. */
  readonly wake: (wakes: readonly Lane[]) => void;
}

/** Opens the queue, its worker and the sweep. */
export async function openDelivery(
  config: Config,
  store: Store,
  neighbours: Neighbours,
  watching: Watching,
  log: Logger,
  closers: Closers,
): Promise<Delivering> {
  const { knex } = store;
  const { meter, tracing } = watching;
  const reachable = new Set(neighbours.codes);
  const breaker = new Breaker(Math.random);
  const desk = new SettleDesk(knex, config.node);
  const turns = new Turns(turnLimitsOf(config), (code) => breaker.isOpenTo(code));
  const queue = await openWakeQueue({
    backend: backendOf(config, store.url),
    traced: tracing !== undefined,
    log,
    concurrency: config.process === 'api' ? 0 : workersOf(config),
    work: (woken) =>
      turns.take(woken, (lane) =>
        deliverLane(lane, {
          knex,
          log,
          node: config.node,
          nationalNode: NATIONAL_NODE,
          linkTo: neighbours.link,
          breaker,
          random: Math.random,
          settle: (settlements) => desk.settle(settlements),
          observe: (destination, attempted) => {
            meter.settled(destination, attempted.settlements);
            tracing?.attempted(destination, attempted);
          },
          limits: LIMITS,
        }),
      ),
  });
  closers.add(() => queue.close());
  const wake = (wakes: readonly Lane[]): void => {
    queue.wake(wakes.filter((one) => reachable.has(one.destination)));
  };
  const backlog = new Backlog(backlogLimitsOf(config));
  const sweep = startSweep({
    knex,
    log,
    intervalMs: config.sweepMs,
    backlog,
    nodes: HUB_NODES.map(({ code }) => code).filter((code) => code !== config.node),
    destinations: () => neighbours.codes.filter((code) => breaker.isOpenTo(code)),
    wake,
  });
  closers.add(() => sweep.stop());
  return { backlog, wake };
}

function workersOf({ level }: Config): number {
  return level === 'national' ? NATIONAL_WORKERS : LANES;
}

/** A province has nobody to protect from its one destination. */
function turnLimitsOf({ level }: Config): TurnLimits {
  const slowMs = level === 'national' ? SLOW_TURN_MS : Number.POSITIVE_INFINITY;
  return { perDestination: LANES, slowMs };
}

/** Shares of the backlog among destinations of the national node; a province has one, which has all. */
const NATIONAL_SHARES = 5;

function backlogLimitsOf({ level, backlogLimit, backlogPerNode }: Config): BacklogLimits {
  const shares = level === 'national' ? NATIONAL_SHARES : 1;
  return {
    total: backlogLimit,
    perDestination: backlogPerNode || Math.ceil(backlogLimit / shares),
  };
}

/** Pulls from the national node where it can't call this one (HUB_PULL). */
export function openPuller(
  config: Config,
  knex: Knex,
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
      receive(deliveries, from, { knex, intake, log, validation: judge.validation }),
  });
  closers.add(() => puller.stop());
}
