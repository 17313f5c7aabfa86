import { timestampDate, type Timestamp } from '@bufbuild/protobuf/wkt';

// A form that both languages read without doubt, and whose width does not change.
const CLOCK = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Shanghai',
  dateStyle: 'short',
  timeStyle: 'medium',
});
const DAY = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', dateStyle: 'short' });

/** A moment as a clock in China shows it; empty when there is none. */
export function clockOf(timestamp: Timestamp | undefined): string {
  return timestamp ? CLOCK.format(timestampDate(timestamp)) : '';
}

/** The civil date in China so many days ago, `YYYY-MM-DD`. */
export function dayAgo(days: number): string {
  return DAY.format(Date.now() - days * 86_400_000);
}

/** The first moment of a civil date of China, so many days later; undefined for an empty date. */
export function startOfDay(date: string, daysLater = 0): Date | undefined {
  if (date === '') return undefined;
  return new Date(Date.parse(`${date}T00:00:00+08:00`) + daysLater * 86_400_000);
}

/** Seconds between a moment and now; 0 when there is none. */
export function secondsSince(timestamp: Timestamp | undefined): number {
  return timestamp ? Math.max(0, (Date.now() - timestampDate(timestamp).getTime()) / 1000) : 0;
}
