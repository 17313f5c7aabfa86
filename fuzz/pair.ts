import { createServer } from 'node:net';
import { startTarget, type Target } from './target.js';

/** A national node and 浙江, connected, so that what one accepts goes on to the other. */
export interface Pair {
  readonly targets: readonly Target[];
  /** Ends both; answers what was not in order. */
  stop(): Promise<string[]>;
}

/** Starts both on one PostgreSQL, in schemas that begin with `prefix`. */
export async function openPair(databaseUrl: string, prefix: string): Promise<Pair> {
  const [national, zhejiang] = [await freePort(), await freePort()];
  const address = (port: number): string => `http://127.0.0.1:${port}`;
  const targets = await Promise.all([
    startTarget({
      level: 'national',
      port: national,
      databaseUrl,
      schema: `${prefix}_100000`,
      env: { HUB_NODES: `330000=${address(zhejiang)}` },
    }),
    startTarget({
      level: 'provincial',
      port: zhejiang,
      databaseUrl,
      schema: `${prefix}_330000`,
      env: { HUB_REGION: '330000', HUB_UPSTREAM_URL: address(national) },
    }),
  ]);
  return {
    targets,
    stop: async () => (await Promise.all(targets.map((target) => target.stop()))).flat(),
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
