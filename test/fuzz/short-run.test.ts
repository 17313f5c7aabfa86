import { expect, inject, it } from 'vitest';
import { openPair } from '../../fuzz/pair.js';
import { fuzz } from '../../fuzz/run.js';
import { freshSchema } from '../support/database.js';

/** A waiting limit for a busy machine; an idle one needs a fraction. */
const LIMIT_MS = 600_000;

it(
  'R51 hostile input of every kind, to every RPC, leaves two nodes blameless and their tables whole',
  async () => {
    const pair = await openPair(inject('databaseUrl'), freshSchema('f'));
    try {
      const account = await fuzz(pair.targets, {
        inputs: 2_500,
        seed: 20_191_201,
        atOnce: 12,
        rssLimitMb: 1_024,
      });
      expect(account.findings).toEqual([]);
      expect(account.problems).toEqual([]);
      // A run in which nothing is accepted would examine empty tables.
      expect(account.accepted).toBeGreaterThan(50);
      expect(Object.keys(account.sent)).toHaveLength(11);
    } finally {
      expect(await pair.stop()).toEqual([]);
    }
  },
  LIMIT_MS,
);
