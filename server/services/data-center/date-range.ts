import type { RequestCheck } from './request-check.js';

const DAY_MS = 86_400_000;

/** Midnight in Shanghai at the beginning of a civil date. */
export function startOfDay(date: string): Date {
  return new Date(`${date}T00:00:00+08:00`);
}

/** Midnight in Shanghai at the end of a civil date. */
export function endOfDay(date: string): Date {
  return new Date(startOfDay(date).getTime() + DAY_MS);
}

/** Every civil date from one to the other, both included. */
export function datesOf(fromDate: string, toDate: string): string[] {
  const dates: string[] = [];
  for (let at = Date.parse(fromDate); at <= Date.parse(toDate); at += DAY_MS)
    dates.push(new Date(at).toISOString().slice(0, 10));
  return dates;
}

/** Notes what is wrong with a range of civil dates whose end is at most `maxDays` after its start. */
export function checkDateRange(
  fromDate: string,
  toDate: string,
  maxDays: number,
  check: RequestCheck,
): void {
  const both = [check.date(fromDate, 'from_date'), check.date(toDate, 'to_date')];
  if (both.includes(false)) return;
  const days = (startOfDay(toDate).getTime() - startOfDay(fromDate).getTime()) / DAY_MS;
  if (days >= 0 && days <= maxDays) return;
  check.add('to_date', 'DATE_RANGE', {
    zh: `to_date 不得早于 from_date,且最多晚 ${maxDays} 天。`,
    en: `to_date may not be before from_date, and at most ${maxDays} days after it.`,
  });
}
