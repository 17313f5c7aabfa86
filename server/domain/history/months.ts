import { civilDateIn, midnightOf } from '../identifiers/civil-date.js';

/** A month of the calendar in Asia/Shanghai, `YYYY-MM`; the order of the text is the order of time. */
export type Month = string;

/** The month of an instant in milliseconds since 1970 UTC. */
export function monthOf(atMs: number): Month {
  return civilDateIn(atMs).slice(0, 7);
}

/** The month `count` months later; a negative count goes back. */
export function monthAfter(month: Month, count: number): Month {
  const index = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + count;
  const year = String(Math.floor(index / 12)).padStart(4, '0');
  return `${year}-${String((index % 12) + 1).padStart(2, '0')}`;
}

/** First day of a month. */
export function firstDayOf(month: Month): string {
  return `${month}-01`;
}

/** The instant at which a month begins; the month before ends there. */
export function startOf(month: Month): Date {
  return midnightOf(firstDayOf(month));
}
