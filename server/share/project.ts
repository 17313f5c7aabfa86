import { fromBinary } from '@bufbuild/protobuf';
import type { Knex } from 'knex';
import {
  RegistrationEventSchema,
  type PermitItemRef,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { valueIn } from '../dictionary/to-row.js';
import { minimised } from '../domain/registration/minimised.js';
import {
  announceShared,
  insertEvents,
  insertShared,
  saveProgress,
  takeProgress,
  type SharedColumn,
} from '../storage/share-projection.js';
import { readFeed, type FeedRow } from '../storage/shared-feed.js';
import { FEED, FEED_ITEMS } from './tables.js';

/** Events taken into the library by one transaction, at most. */
export const BATCH = 1_000;

/**
 * Takes the next events of the node into the 共享库, at most a thousand, and answers how many they were.
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
    const events = sharedOf(feed, progress.sequence);
    const items = events.flatMap(itemsOf);
    const usccs = feed.map((row) => row.entity);
    await insertEvents(trx, share, EVENT_COLUMNS, events, usccs);
    await insertShared(trx, share, FEED_ITEMS.name, ITEM_COLUMNS, items);
    await insertShared(trx, share, 'enterprise_items', ENTERPRISE_ITEM_COLUMNS, items);
    await saveProgress(trx, share, {
      txid: last.txid,
      seq: last.seq,
      sequence: progress.sequence + feed.length,
    });
    await announceShared(trx, share);
    return feed.length;
  });
}

/** An event on its way into the library. */
interface Shared {
  readonly event: RegistrationEvent;
  readonly feed: FeedRow;
  /** Its number in the library. */
  readonly sequence: number;
  /** No later event of its enterprise is known. */
  readonly current: boolean;
}

/** A permit item of an event, and its place among them. */
interface SharedItem {
  readonly item: PermitItemRef;
  readonly shared: Shared;
  readonly position: number;
}

/** A piece of the feed; numbers go on after `before`. */
function sharedOf(feed: readonly FeedRow[], before: number): Shared[] {
  const newest = new Map(feed.map((row, index) => [row.entity, index]));
  return feed.map((row, index) => ({
    event: minimised(fromBinary(RegistrationEventSchema, row.payload ?? new Uint8Array())),
    feed: row,
    sequence: before + index + 1,
    current: newest.get(row.entity) === index,
  }));
}

function itemsOf(shared: Shared): SharedItem[] {
  return shared.event.permitItems
    .filter((item) => item.permitItemCode !== '')
    .map((item, position) => ({ item, shared, position }));
}

/** The code stands as the node knows the enterprise by it, not as it was typed. */
const EVENT_COLUMNS: readonly SharedColumn<Shared>[] = [
  { name: 'sequence', sqlType: 'bigint', read: ({ sequence }) => sequence },
  { name: 'message_seq', sqlType: 'bigint', read: ({ feed }) => feed.seq },
  {
    name: 'accepted_at',
    sqlType: 'timestamptz',
    read: ({ feed }) => feed.acceptedAt.toISOString(),
  },
  { name: 'current', sqlType: 'boolean', read: ({ current }) => current },
  ...FEED.columns.map((column) => ({
    ...column,
    read:
      column.name === 'uscc'
        ? ({ feed }: Shared) => feed.entity
        : ({ event }: Shared) => valueIn(event, column),
  })),
];

const ITEM_COLUMNS: readonly SharedColumn<SharedItem>[] = [
  { name: 'sequence', sqlType: 'bigint', read: ({ shared }) => shared.sequence },
  { name: 'position', sqlType: 'integer', read: ({ position }) => position },
  ...FEED_ITEMS.columns.map((column) => ({
    ...column,
    read: ({ item }: SharedItem) => valueIn(item, column),
  })),
];

const ENTERPRISE_ITEM_COLUMNS: readonly SharedColumn<SharedItem>[] = [
  { name: 'uscc', sqlType: 'text', read: ({ shared }) => shared.feed.entity },
  { name: 'permit_item_code', sqlType: 'text', read: ({ item }) => item.permitItemCode },
];
