import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drive } from '../../bench/backpressure/run.js';
import { openSlowLink, type SlowLink } from '../../bench/backpressure/slow-link.js';
import { furthestAhead } from '../../bench/backpressure/verdict.js';
import { foreignDatabase, type ForeignDatabase } from '../support/foreign-database.js';

const LIMIT = 150;
const CROWD = { clients: 2, inFlight: 16, enterprises: 40 };
/** Every sender has been told to wait, and most of them more than once. */
const REFUSALS = 2 * CROWD.clients * CROWD.inFlight;

describe('a province driven past what its line takes', () => {
  let dir: string;
  let database: ForeignDatabase;
  let link: SlowLink;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'zhengzhao-backpressure-'));
    database = await foreignDatabase();
    link = await openSlowLink(database.url, dir, LIMIT);
  });
  afterAll(async () => {
    await database.drop();
    await rm(dir, { recursive: true, force: true });
  });

  it('tells its senders when to come again; they wait by themselves, and all of it arrives', async () => {
    const outcome = await drive(link, {
      minutes: 3,
      backlogLimit: LIMIT,
      delayMs: 700,
      crowd: CROWD,
      enough: ({ refused }) => refused >= REFUSALS,
    });
    expect(outcome.refused).toBeGreaterThanOrEqual(REFUSALS);
    expect(outcome).toMatchObject({ withoutRetryInfo: 0, gaveUp: 0, missing: 0 });
    expect(furthestAhead(outcome.samples)).toBeLessThanOrEqual(LIMIT * 1.1 + outcome.inFlight);
    const { open, done } = await link.deliveries();
    expect([open, done > LIMIT]).toEqual([0, true]);
    expect(await link.stop()).toEqual([]);
  });
});
