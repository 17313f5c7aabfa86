import { fromBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { z } from 'zod';
import type { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { ServiceMethods } from '../../doors/service.js';
import type { Principal } from '../../domain/access/principal.js';
import { liesIn } from '../../domain/access/region.js';
import { sharedWith } from '../../domain/registration/minimised.js';
import {
  FEED_START,
  readFeed,
  type FeedPosition,
  type FeedRow,
} from '../../storage/shared-feed.js';
import { findSubscriber, type Subscriber } from '../../storage/share-subscribers.js';
import type { DataCenterParts } from '../data-center.js';
import { PAGE_SIZES } from '../page-sizes.js';
import { pageSizeOf } from '../page-token.js';
import { decodeKey, encodeKey } from './keyset-page.js';
import { RequestCheck } from '../request-check.js';

/** Events looked at by one statement, and statements per call: what a call may cost at most. */
const WINDOW = 1_000;
const WINDOWS_PER_CALL = 10;
const MAX_XID8 = 2n ** 64n - 1n;

const POSITION = z.tuple([
  z.string().refine((text) => /^\d{1,20}$/.test(text) && BigInt(text) <= MAX_XID8),
  z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER),
]);

/**
 * 服务接口 (R35, R39, R48): registrations in the order in which they became visible. A cursor holds
 * for any subscriber and filter of this node, so that a subscriber may change its filter.
 *
 * A subscriber of the 共享库 (R47) gets here what it sees there: the enterprises of its permit items,
 * without the items of others. A filter narrows that and never widens it. Telephone, postal code and who
 * judged the zone are in no answer, whether a subscriber was onboarded or not.
 */
export function feedMethods(
  parts: DataCenterParts,
): Pick<ServiceMethods<typeof DataCenter>, 'listSharedRegistrations'> {
  return {
    async listSharedRegistrations(request, { principal }) {
      const check = new RequestCheck();
      check.text(request.subscriber, 'subscriber', 64);
      check.pass();
      const list = ['shared-registrations', parts.node];
      const size = pageSizeOf(request.pageSize, PAGE_SIZES.ListSharedRegistrations);
      const key = decodeKey(list, request.cursor, POSITION);
      const start = key ? { txid: key[0], seq: key[1] } : FEED_START;
      const onboarded = await findSubscriber(parts.knex, request.subscriber);
      const subscriber = narrowed(onboarded, principal);
      const items = itemsFor(subscriber, request.permitItemCodes);
      const { regions } = principal.scope;
      const mayRead = (event: RegistrationEvent): boolean =>
        principal.role !== 'business' ||
        liesIn(event.regOrg, regions) ||
        liesIn(event.domDistrict, regions);
      const scanned = await scan(parts, start, size, items, mayRead);
      return {
        registrations: scanned.found.map((found) => toShared(found, subscriber)),
        nextCursor: encodeKey(list, [scanned.position.txid, scanned.position.seq]),
        upToDate: scanned.atEnd,
      };
    },
  };
}

type Seen = Pick<Subscriber, 'allItems' | 'permitItemCodes'>;

/** What a subscriber sees: what it was onboarded for, and never more than its caller may. */
function narrowed(
  subscriber: Subscriber | undefined,
  { role, scope }: Principal,
): Seen | undefined {
  if (role !== 'business' || scope.permitItems === 'all') return subscriber;
  const own = scope.permitItems;
  if (!subscriber || subscriber.allItems) return { allItems: false, permitItemCodes: own };
  const both = subscriber.permitItemCodes.filter((item) => own.includes(item));
  return { allItems: false, permitItemCodes: both };
}

/** Items whose enterprises are asked for; undefined: all. */
function itemsFor(
  subscriber: Seen | undefined,
  asked: readonly string[],
): readonly string[] | undefined {
  if (!subscriber || subscriber.allItems) return asked.length === 0 ? undefined : asked;
  const { permitItemCodes: own } = subscriber;
  return asked.length === 0 ? own : asked.filter((code) => own.includes(code));
}

interface FoundEvent {
  readonly row: FeedRow;
  readonly event: RegistrationEvent;
}

interface Scan {
  readonly found: readonly FoundEvent[];
  readonly position: FeedPosition;
  readonly atEnd: boolean;
}

/** Reads on until the page is full, the feed ends, or the call has cost enough. */
async function scan(
  { knex }: DataCenterParts,
  start: FeedPosition,
  size: number,
  items: readonly string[] | undefined,
  mayRead: (event: RegistrationEvent) => boolean,
): Promise<Scan> {
  const window = items === undefined ? size + 1 : WINDOW;
  const found: FoundEvent[] = [];
  let position = start;
  for (let round = 0; round < WINDOWS_PER_CALL; round += 1) {
    const rows = await readFeed(knex, position, window, items);
    for (const row of rows) {
      if (found.length === size) return { found, position, atEnd: false };
      // A field of a later contract could hold what is left out here (R47).
      const event =
        row.payload &&
        fromBinary(RegistrationEventSchema, row.payload, { readUnknownFields: false });
      if (event && mayRead(event)) found.push({ row, event });
      position = { txid: row.txid, seq: row.seq };
    }
    if (rows.length < window) return { found, position, atEnd: true };
  }
  return { found, position, atEnd: false };
}

function toShared({ row: { seq, acceptedAt }, event }: FoundEvent, subscriber: Seen | undefined) {
  return {
    sequence: BigInt(seq),
    registration: sharedWith(
      !subscriber || subscriber.allItems ? 'all' : subscriber.permitItemCodes,
      event,
    ),
    acceptedAt: timestampFromDate(acceptedAt),
  };
}
