import { civilDateIn, midnightOf } from '../identifiers/civil-date.js';
import { firstDayOf, monthAfter, monthOf, startOf, type Month } from './months.js';

/**
 * What becomes of work that is settled. The tables that every accept and every claim works on stay
 * small: what has been settled for long moves into history tables, one partition for each month.
 *
 * Never moved are `messages`, `records`, `enterprises` and the audit chain. Messages are the truth,
 * and the one index over all their ids is what keeps anything from being accepted twice; records and
 * enterprises are the current state; the chain is the proof, which a link less would break.
 */
export interface HistoryPolicy {
  /** Whole days after which settled work leaves the hot tables (HUB_HISTORY_AFTER_DAYS). */
  readonly afterDays: number;
  /** Months before this one that stay attached (HUB_HISTORY_MONTHS); undefined: all, for ever. */
  readonly keptMonths: number | undefined;
}

const DAY_MS = 86_400_000;

/** Months that are made ahead, after the current one. */
const AHEAD = 3;

/** The instant before which work must have been settled to move: midnight, `afterDays` days ago. */
export function cutoffOf(nowMs: number, { afterDays }: HistoryPolicy): Date {
  return new Date(midnightOf(civilDateIn(nowMs)).getTime() - afterDays * DAY_MS);
}

/** This month and the three after it. */
export function monthsAhead(nowMs: number): Month[] {
  const month = monthOf(nowMs);
  return Array.from({ length: AHEAD + 1 }, (_, index) => monthAfter(month, index));
}

/** Which months to make of those that are wanted: not what is there, and not what was detached. */
export function monthsToMake(wanted: readonly Month[], known: readonly Month[]): Month[] {
  return [...new Set(wanted)].filter((month) => !known.includes(month)).sort();
}

/**
 * The civil date from which a month is detached: once `keptMonths` whole months lie between it and the
 * current one, and everything settled in it may have moved. Undefined: never.
 */
export function detachDateOf(
  month: Month,
  { afterDays, keptMonths }: HistoryPolicy,
): string | undefined {
  if (keptMonths === undefined) return undefined;
  const old = firstDayOf(monthAfter(month, keptMonths + 1));
  const moved = civilDateIn(startOf(monthAfter(month, 1)).getTime() + afterDays * DAY_MS);
  return old > moved ? old : moved;
}

/** Which of the attached months are to be detached today, oldest first. */
export function monthsToDetach(
  attached: readonly Month[],
  nowMs: number,
  policy: HistoryPolicy,
): Month[] {
  const today = civilDateIn(nowMs);
  return attached.filter((month) => (detachDateOf(month, policy) ?? '9999-12-31') <= today).sort();
}
