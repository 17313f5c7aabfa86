import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { LANES_IN_USE } from '../domain/lane.js';
import type { Wake } from '../intake/write-batch.js';
import { countOpen, dueLanes } from '../storage/outbox.js';
import type { Backlog } from './backlog.js';

/** What the sweep needs. */
export interface SweepParts {
  readonly knex: Knex;
  readonly log: Logger;
  readonly intervalMs: number;
  /** Told what is open. */
  readonly backlog: Backlog;
  /** Every node that deliveries may be for. */
  readonly nodes: readonly string[];
  /** Destinations to which this process may deliver now; those that can't be reached wait. */
  readonly destinations: () => readonly string[];
  readonly wake: (wakes: readonly Wake[]) => void;
}

/** The regular look at PostgreSQL that makes every lost wake-up harmless, and counts the backlog. */
export interface Sweep {
  stop(): Promise<void>;
}

/** Starts sweeping; the next look begins after the last has ended. */
export function startSweep(parts: SweepParts): Sweep {
  const { backlog } = parts;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  const look = async (): Promise<void> => {
    try {
      backlog.counted(await countOpen(parts.knex, parts.nodes, backlog.limits.perDestination + 1));
      if (backlog.total > 0)
        parts.wake(await dueLanes(parts.knex, parts.destinations(), LANES_IN_USE));
    } catch (error) {
      if (!stopped) parts.log.warn({ err: error }, 'sweep failed, tried again');
    }
  };
  const schedule = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      running = look().then(schedule);
    }, parts.intervalMs);
  };
  running = look().then(schedule);

  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
