import { describe, expect, it } from 'vitest';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { Batcher } from '../../server/batching/batcher.js';

/** A group commit whose database answers when the test says so. */
function opened(waiting: number) {
  const committed: string[] = [];
  let free = (): void => undefined;
  const database = new Promise<void>((resolve) => (free = resolve));
  const commit = new Batcher<string, string>(
    async (items) => {
      await database;
      committed.push(...items);
      return items;
    },
    { connections: 1, batchSize: 1, waiting },
  );
  const add = (...names: string[]) =>
    commit.add(names.map((name) => ({ item: name, lanes: [name] })));
  const started = () => new Promise((resolve) => setImmediate(resolve));
  return { add, commit, committed, free, started };
}

function refusalOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

describe('submissions that wait for the database', () => {
  it('are so many; more are refused as a whole, with the time to come again, and none is kept', async () => {
    const { add, commit, committed, free, started } = opened(3);
    const taken = [add('a')];
    // The first is in the database, the others wait behind it.
    await started();
    taken.push(add('b', 'c'), add('d'));
    for (const names of [['e'], ['f', 'g']])
      expect(refusalOf(() => add(...names))).toMatchObject({
        reason: ErrorReason.BACKLOG_FULL,
        details: { retryAfterMs: 500 },
      });
    expect(commit.waiting).toBe(3);
    free();
    expect((await Promise.all(taken)).flat()).toEqual(['a', 'b', 'c', 'd']);
    expect(await add('e')).toEqual(['e']);
    expect(committed).toEqual(['a', 'b', 'c', 'd', 'e']);
  });
});
