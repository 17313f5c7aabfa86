import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { eventually, freePort } from './nodes.js';

/** A Redis server of a test's own. */
export interface TestRedis {
  readonly url: string;
  /** Forgets everything, as an operator's FLUSHALL would. */
  flush(): Promise<void>;
  /** Where a text was found: a key that holds it, or a command that was sent since `watch`. */
  search(text: string): Promise<string[]>;
  /** Keeps every command from now on, so that what was there for a moment is found too. */
  watch(): Promise<void>;
  stop(): Promise<void>;
}

function installed(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Whether the delivery tests can run on Redis too; CI must, elsewhere it depends on the machine. */
export const hasRedis = installed();

if (!hasRedis && process.env['CI'])
  throw new Error('CI must have redis-server: the delivery tests run on both queue backends.');

/** Starts a Redis that forgets nothing by itself and keeps nothing on disk. */
export async function startRedis(): Promise<TestRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'zhengzhao-redis-'));
  const port = await freePort();
  const server = spawn(
    'redis-server',
    [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--dir',
      dir,
      '--maxmemory-policy',
      'noeviction',
      // What DUMP answers is searched as it is.
      '--rdbcompression',
      'no',
    ],
    { stdio: 'ignore' },
  );
  const client = new Redis(port, '127.0.0.1', { lazyConnect: true, maxRetriesPerRequest: null });
  client.on('error', () => undefined);
  await eventually(() => client.ping());
  const commands: string[] = [];
  let monitor: Redis | undefined;
  return {
    url: `redis://127.0.0.1:${port}`,
    flush: async () => {
      await client.flushall();
    },
    search: async (text) => {
      const found = commands.filter((command) => command.includes(text));
      for (const key of await client.keys('*')) {
        const value = await client.dumpBuffer(key);
        if (key.includes(text) || value?.includes(text)) found.push(key);
      }
      return found;
    },
    watch: async () => {
      monitor = await client.monitor();
      monitor.on('monitor', (_time: string, args: string[]) => commands.push(args.join(' ')));
    },
    stop: async () => {
      monitor?.disconnect();
      client.disconnect();
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await gone;
      await rm(dir, { recursive: true, force: true });
    },
  };
}
