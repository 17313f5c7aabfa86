import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTarget, type Target } from './target.js';
import { freePort } from '../launch/free-port.js';

/** A national node and 浙江, connected, so that what one accepts goes on to the other. */
export interface Pair {
  readonly targets: readonly Target[];
  /** Ends both; answers what was not in order. */
  stop(): Promise<string[]>;
}

/** Starts both on one PostgreSQL, in schemas that begin with `prefix`. */
export async function openPair(databaseUrl: string, prefix: string): Promise<Pair> {
  const [national, zhejiang] = [await freePort(), await freePort()];
  const dir = await mkdtemp(join(tmpdir(), 'zhengzhao-fuzz-'));
  const address = (port: number): string => `http://127.0.0.1:${port}`;
  const targets = await Promise.all([
    startTarget({
      level: 'national',
      port: national,
      databaseUrl,
      dataDir: join(dir, '100000'),
      schema: `${prefix}_100000`,
      env: { HUB_NODES: `330000=${address(zhejiang)}` },
    }),
    startTarget({
      level: 'provincial',
      port: zhejiang,
      databaseUrl,
      dataDir: join(dir, '330000'),
      schema: `${prefix}_330000`,
      env: { HUB_REGION: '330000', HUB_UPSTREAM_URL: address(national) },
    }),
  ]);
  return {
    targets,
    stop: async () => {
      const problems = await Promise.all(targets.map((target) => target.stop()));
      await rm(dir, { recursive: true, force: true });
      return problems.flat();
    },
  };
}
