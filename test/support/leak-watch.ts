import { Writable } from 'node:stream';
import type { Logger } from 'pino';
import { createLog } from '../../server/log.js';
import { freePort, type TestNode } from './nodes.js';
import type { TestRedis } from './redis.js';
import { searchNode } from './search.js';

/** Everything that the national node leaves anywhere. */
export interface LeakWatch {
  /** The log to start the node with: all levels, kept. */
  readonly log: Logger;
  /** The configuration to start it with, so that its metrics can be read. */
  readonly env: Record<string, string>;
  /**
   * Where a text is: every column of every table and of the queue, Redis with all that was ever
   * sent to it, every line of the log, and its metrics. Give an ASCII text: Redis escapes
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
  const metrics = `127.0.0.1:${await freePort()}`;
  return {
    log: createLog('trace', '100000', sink),
    env: { HUB_METRICS: metrics },
    search: async (node, text) => [
      ...(await searchNode(node, text)),
      ...((await redis?.search(text)) ?? []).map((place) => `redis ${place}`),
      ...(written.includes(text) ? ['log'] : []),
      ...((await metricsAt(metrics)).includes(text) ? ['metrics'] : []),
    ],
  };
}

/** What the node tells of its metrics; that it tells nothing would be no proof. */
async function metricsAt(address: string): Promise<string> {
  const answer = await fetch(`http://${address}/metrics`);
  if (!answer.ok) throw new Error(`No metrics: ${answer.status}`);
  return answer.text();
}
