import { Redis } from 'ioredis';

/** What stands in the queues of a node when they are kept in Redis. */
export interface RedisContent {
  readonly keys: number;
  /** Keys and values as one text. */
  readonly text: string;
}

const SCAN_COUNT = 500;

/** Reads every key whose name begins with `prefix`, whatever its type. Empty without a URL. */
export async function readRedisQueues(url: string, prefix: string): Promise<RedisContent> {
  if (url === '') return { keys: 0, text: '' };
  const redis = new Redis(url);
  try {
    const keys: string[] = [];
    let cursor = '0';
    do {
      const [next, found] = await redis.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', SCAN_COUNT);
      keys.push(...found);
      cursor = next;
    } while (cursor !== '0');
    const contents: unknown[] = [];
    for (const key of keys) contents.push(key, await valueOf(redis, key));
    return { keys: keys.length, text: JSON.stringify(contents) };
  } finally {
    redis.disconnect();
  }
}

async function valueOf(redis: Redis, key: string): Promise<unknown> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.zrange(key, '0', '-1');
    case 'stream':
      return redis.xrange(key, '-', '+');
    case 'none': // it expired meanwhile
      return undefined;
    default:
      throw new Error(`The key ${key} has a type that is not looked into: ${type}.`);
  }
}
