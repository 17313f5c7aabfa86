import { timestampFromMs, type Timestamp } from '@bufbuild/protobuf/wkt';
import { civilDateIn } from '../../server/domain/identifiers/civil-date.js';

const HOUR_MS = 3_600_000;

/**
 * Dates in messages lie so far back that they are in the past of every node, also of one whose
 * clock is an hour behind.
 */
const DAYS_BACK = 3;

/** Fixed for the run: events of one day take effect in the order in which they come (D14). */
export const DAY = civilDateIn(Date.now() - DAYS_BACK * 24 * HOUR_MS);

/** When the source recorded a message. */
export function sourceTime(): Timestamp {
  return timestampFromMs(Date.now() - HOUR_MS);
}
