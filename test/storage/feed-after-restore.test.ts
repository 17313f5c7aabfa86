import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admitRegistration } from '../../server/intake/admission.js';
import {
  continueFeed,
  FEED_START,
  readFeed,
  type FeedPosition,
  type FeedRow,
} from '../../server/storage/shared-feed.js';
import { validRegistration } from '../support/builders.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/nodes.js';
import { openIntake, validationAt } from '../support/intake.js';

describe('the feed after a restore from a dump', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  const submit = async (number: number): Promise<void> => {
    const event = validRegistration({}, { number });
    await openIntake(database.knex).accept([
      admitRegistration(event, validationAt()).submission(Symbol('test')),
    ]);
  };

  /** What comes after a place, once no transaction of another test of this cluster is older than it. */
  const visible = (after: FeedPosition): Promise<FeedRow[]> =>
    eventually(async () => {
      const rows = await readFeed(database.knex, after, 10, []);
      expect(rows).not.toEqual([]);
      return rows;
    });

  it('R48 shows what was there, and new events behind every cursor given out before', async () => {
    await submit(1);
    // What a dump brings along: numbers of another cluster, far ahead of this one's.
    await database.knex.raw('update messages set txid = txid + 1000000000000');
    expect(await readFeed(database.knex, FEED_START, 10, [])).toEqual([]);
    await continueFeed(database.knex);
    const [old] = await visible(FEED_START);

    await submit(2);
    await continueFeed(database.knex);
    const newer = await visible(old!);
    expect(newer).toHaveLength(1);
    expect(await readFeed(database.knex, newer[0]!, 10, [])).toEqual([]);
  });

  it('changes nothing on a node that was not restored', async () => {
    const before = await database.knex('feed_offset').pluck('value');
    await submit(3);
    await continueFeed(database.knex);
    expect(await database.knex('feed_offset').pluck('value')).toEqual(before);
  });
});
