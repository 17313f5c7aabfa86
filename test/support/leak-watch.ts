import { Writable } from 'node:stream';
import type { Logger } from 'pino';
import { createLog } from '../../server/log.js';
import type { TestNode } from './nodes.js';
import type { TestRedis } from './redis.js';
import { searchNode } from './search.js';

/** Everything that the national node leaves anywhere. */
export interface LeakWatch {
  /** The log to start the node with: all levels, kept. */
  readonly log: Logger;
  /**
   * Where a text is: every column of every table and of the queue, Redis with all that was ever
   * sent to it, every line of the log, and the page of metrics. Give an ASCII text: Redis escapes
   * others in what it tells of its commands.
   */
  search(node: TestNode, text: string): Promise<string[]>;
}

/** Watches the national node. Without a Redis its queue is in its database. */
export async function watchForLeaks(redis?: TestRedis): Promise<LeakWatch> {
  let written = '';
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.toString();
      done();
    },
  });
  await redis?.watch();
  return {
    log: createLog('trace', '100000', sink),
    search: async (node, text) => [
      ...(await searchNode(node, text)),
      ...((await redis?.search(text)) ?? []).map((place) => `redis ${place}`),
      ...(written.includes(text) ? ['log'] : []),
      ...((await metricsOf(node)).includes(text) ? ['metrics'] : []),
    ],
  };
}

/** What the node tells of its metrics; whatever it answers is searched, also that there is no such page. */
async function metricsOf(node: TestNode): Promise<string> {
  const answer = await fetch(`http://${node.address}/metrics`);
  return answer.text();
}
