import { fromBinary } from '@bufbuild/protobuf';
import type { Knex } from 'knex';
import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { toRow, type Row } from '../dictionary/to-row.js';
import {
  announceShared,
  insertShared,
  saveProgress,
  takeProgress,
  type ShareRows,
} from '../storage/share-feed.js';
import { readFeed, type FeedRow } from '../storage/shared-feed.js';
import { FEED, FEED_ITEMS } from './tables.js';

/** Events taken into the library by one transaction, at most. */
export const BATCH = 500;

/**
 * Takes the next events of the node into the 共享库, at most 500, and answers how many they were.
 *
 * Beside the accept path, not in it: accepting stays as fast as it is, and the library is a moment
 * behind. Events come in the order of the node's own feed, below the oldest running transaction,
 * and get their numbers here, in the transaction that also notes how far the library has come: so
 * whoever reads on from the highest number it has seen misses nothing, however late an event was
 * committed. Two processes never do this at once.
 */
export function projectShared(knex: Knex, share: string): Promise<number> {
  return knex.transaction(async (trx) => {
    const progress = await takeProgress(trx, share);
    if (!progress) return 0;
    const feed = await readFeed(trx, progress, BATCH, undefined);
    const last = feed.at(-1);
    if (!last) return 0;
    await insertShared(trx, share, rowsOf(feed, progress.sequence));
    await saveProgress(trx, share, {
      txid: last.txid,
      seq: last.seq,
      sequence: progress.sequence + feed.length,
    });
    await announceShared(trx, share);
    return feed.length;
  });
}

/** The rows of a piece of the feed; numbers go on after `before`. */
function rowsOf(feed: readonly FeedRow[], before: number): ShareRows {
  const newest = new Map(feed.map((row, index) => [row.entity, index]));
  const events: Row[] = [];
  const items: Row[] = [];
  const enterpriseItems: Row[] = [];
  feed.forEach((row, index) => {
    const event = fromBinary(RegistrationEventSchema, row.payload ?? new Uint8Array());
    const sequence = before + index + 1;
    const current = newest.get(row.entity) === index;
    events.push(eventRow(event, row, sequence, current));
    for (const item of itemRows(event, sequence)) {
      items.push(item);
      enterpriseItems.push({ uscc: row.entity, permit_item_code: item['permit_item_code'] });
    }
  });
  return { events, items, enterpriseItems };
}

/** The code stands as the node knows the enterprise by it, not as it was typed. */
function eventRow(
  event: RegistrationEvent,
  { seq, acceptedAt, entity }: FeedRow,
  sequence: number,
  current: boolean,
): Row {
  const own = { sequence, message_seq: seq, accepted_at: acceptedAt.toISOString(), current };
  // Added to, not spread: rows are wide, and copying one costs more than making it.
  return Object.assign(toRow(event, FEED.columns), own, { uscc: entity });
}

function itemRows(event: RegistrationEvent, sequence: number): Row[] {
  return event.permitItems
    .filter((item) => item.permitItemCode !== '')
    .map((item, position) =>
      Object.assign(toRow(item, FEED_ITEMS.columns), { sequence, position }),
    );
}
