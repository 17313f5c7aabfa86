import type { Logger } from 'pino';
import { createPoll } from '../repeating/poll.js';
import type { Config } from '../config.js';
import { createGathering } from '../delivery/gather-numbers.js';
import { recallCiting } from '../delivery/recall-citing.js';
import { NATIONAL_NODE } from '../reference/nodes.js';
import type { Closers } from './closers.js';
import type { Delivering } from './delivering.js';
import type { Store } from './store.js';

/**
 * Looks after citations of licences that are not public (D5): after the start it gathers numbers of
 * before; at each sweep (HUB_SWEEP_MS) a province calls back what went up with one. Neither waits
 * for the other.
 */
export function openCiting(
  config: Config,
  { knex }: Store,
  { wake }: Delivering,
  log: Logger,
  closers: Closers,
): void {
  if (config.process === 'api') return;
  const provincial = config.level === 'provincial';
  let stopping = false;
  const repeat = (run: () => Promise<void>): void => {
    const poll = createPoll({
      run,
      intervalMs: config.sweepMs,
      failed: (error) => {
        log.warn({ err: error }, '引用核查暂未完成 / citations could not be looked at yet');
      },
    });
    poll.start();
    closers.add(() => {
      stopping = true;
      return poll.stop();
    });
  };
  const gathering = createGathering(knex, provincial);
  repeat(() => gathering.run(() => stopping));
  if (!provincial) return;
  const parts = { knex, nationalNode: NATIONAL_NODE, nowMs: Date.now, wake };
  repeat(async () => {
    while (!stopping && (await recallCiting(parts)));
  });
}
