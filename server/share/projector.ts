import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { BATCH, projectShared } from './project.js';

/** What keeping the shared library up to date needs. */
export interface ProjectorParts {
  readonly knex: Knex;
  readonly log: Logger;
  /** Schema of the library. */
  readonly share: string;
  /** Milliseconds between two looks when nothing was new. */
  readonly intervalMs: number;
}

/** A running projector. */
export interface Projector {
  /** Finishes the batch under way. */
  stop(): Promise<void>;
}

/**
 * Keeps the 共享库 up to date (R47). A look costs one index probe, so a regular look is all that
 * wakes it, and there is no wake-up to be lost. An outage is logged once, and waited out.
 */
export function startProjector({ knex, log, share, intervalMs }: ProjectorParts): Projector {
  const stopping = new AbortController();
  let failing = false;
  const turn = async (): Promise<number> => {
    try {
      const count = await projectShared(knex, share);
      failing = false;
      return count;
    } catch (error) {
      if (!failing && !stopping.signal.aborted)
        log.warn({ err: error }, '共享库同步未完成,稍后再试 / the shared library is behind');
      failing = true;
      return 0;
    }
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      // A full batch says that more waits; else events gather, and many cost little more than one.
      if ((await turn()) === BATCH) continue;
      await sleep(intervalMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}
