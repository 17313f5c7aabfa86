import type { Logger } from 'pino';
import { createPoll } from '../repeating/poll.js';
import type { Config } from '../config.js';
import { NATIONAL_NODE } from '../reference/nodes.js';
import { giveBack } from '../restoration/give-back.js';
import type { Closers } from './closers.js';
import type { Delivering } from './delivering.js';
import type { Store } from './store.js';

/** Gives restored neighbours back what they lost, a turn at each sweep (HUB_SWEEP_MS). */
export function openGivingBack(
  config: Config,
  { knex }: Store,
  { wake }: Delivering,
  log: Logger,
  closers: Closers,
): void {
  if (config.process === 'api') return;
  const poll = createPoll({
    run: () => giveBack({ knex, log, wake, nationalNode: NATIONAL_NODE }),
    intervalMs: config.sweepMs,
    failed: (error) => {
      log.warn({ err: error }, '补发、退还暂未完成 / giving back could not be done yet');
    },
  });
  poll.start();
  closers.add(() => poll.stop());
}
