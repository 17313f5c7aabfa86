import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../../launch/free-port.js';

const START_LIMIT_MS = 15_000;

/** Whether this machine has a Redis server. */
export function hasRedisServer(): boolean {
  try {
    execFileSync('redis-server', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A Redis of a node's own without persistence: after a kill it is empty. */
export class RedisServer {
  #child: ChildProcess | undefined;

  private constructor(
    private readonly dir: string,
    readonly port: number,
  ) {}

  static async open(dir: string): Promise<RedisServer> {
    const server = new RedisServer(dir, await freePort());
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const settings = {
      port: String(this.port),
      bind: '127.0.0.1',
      save: '',
      appendonly: 'no',
      dir: this.dir,
      'maxmemory-policy': 'noeviction',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    this.#child = spawn('redis-server', args, { stdio: 'ignore', detached: true });
    this.#child.once('error', () => undefined);
    const deadline = Date.now() + START_LIMIT_MS;
    while (!(await this.#answers())) {
      if (Date.now() > deadline) throw new Error('Redis 未能启动 · redis-server did not start');
      await pause(50);
    }
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Empties it, as an operator's FLUSHALL would. */
  async flush(): Promise<void> {
    await this.ask((redis) => redis.flushall());
  }

  /** Lets it take no more writes, or all again. */
  async setFull(full: boolean): Promise<void> {
    await this.ask((redis) => redis.config('SET', 'maxmemory', full ? '1' : '0'));
  }

  /** Runs one request on a connection of its own. */
  async ask<T>(request: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.port, '127.0.0.1', { retryStrategy: () => null });
    redis.on('error', () => undefined);
    try {
      return await request(redis);
    } finally {
      redis.disconnect();
    }
  }

  close(): Promise<void> {
    return this.kill();
  }

  async #answers(): Promise<boolean> {
    try {
      return (await this.ask((redis) => redis.ping())) === 'PONG';
    } catch {
      return false;
    }
  }
}
