import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { LANES_IN_USE, type Lane } from '../domain/lane.js';
import { createPoll, type Poll } from '../repeating/poll.js';
import { countOpen, dueLanes } from '../storage/open-deliveries.js';
import type { Backlog } from '../intake/backlog.js';

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
  readonly wake: (wakes: readonly Lane[]) => void;
}

/**
 * The regular look at PostgreSQL that makes every lost wake-up harmless, and counts the backlog. The
 * first is at once; a failed one is made up for by the next, no later than any other.
 */
export function startSweep({ backlog, ...parts }: SweepParts): Poll {
  const sweep = createPoll({
    run: async () => {
      backlog.counted(await countOpen(parts.knex, parts.nodes, backlog.limits.perDestination + 1));
      if (backlog.total > 0)
        parts.wake(await dueLanes(parts.knex, parts.destinations(), LANES_IN_USE));
    },
    intervalMs: parts.intervalMs,
    firstMs: 0,
    maxIntervalMs: parts.intervalMs,
    failed: (error) =>
      parts.log.warn({ err: error }, '巡检未完成,稍后再试 / sweep failed, tried again'),
  });
  sweep.start();
  return sweep;
}
