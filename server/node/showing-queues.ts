import type { Logger } from 'pino';
import type { Identify } from '../access/identity.js';
import type { Config } from '../config.js';
import type { LogDefect } from '../doors/errors.js';
import type { Pages } from '../doors/pages.js';
import { createQueueBoard } from '../queue-board/queue-board.js';
import { openShownQueue, QUEUES } from '../queues/engine.js';
import type { Closers } from './closers.js';
import { backendOf, type Store } from './store.js';

/** The pages with the node's queues, whichever backend they are on; opens nothing until somebody looks. */
export function showQueues(
  config: Config,
  store: Store,
  identify: Identify,
  logDefect: LogDefect,
  log: Logger,
  closers: Closers,
): Pages {
  const backend = backendOf(config, store.url);
  return createQueueBoard({
    identify,
    log: logDefect,
    open: () =>
      Object.values(QUEUES).map((name) => {
        const shown = openShownQueue(backend, name);
        shown.queue.on('error', (error) => {
          log.warn({ failure: error.message }, '队列页面无法连接队列 / queues can not be shown');
        });
        closers.add(() => shown.close());
        return shown;
      }),
  });
}
