import { midnightOf } from '../../domain/identifiers/civil-date.js';
import type { RequestCheck } from '../request-check.js';

const DAY_MS = 86_400_000;

/** Notes what is wrong with a range of civil dates whose end is at most `maxDays` after its start. */
export function checkDateRange(
  fromDate: string,
  toDate: string,
  maxDays: number,
  check: RequestCheck,
): void {
  const both = [check.date(fromDate, 'from_date'), check.date(toDate, 'to_date')];
  if (both.includes(false)) return;
  const days = (midnightOf(toDate).getTime() - midnightOf(fromDate).getTime()) / DAY_MS;
  if (days >= 0 && days <= maxDays) return;
  check.add('to_date', 'DATE_RANGE', {
    zh: `to_date 不得早于 from_date,且最多晚 ${maxDays} 天。`,
    en: `to_date may not be before from_date, and at most ${maxDays} days after it.`,
  });
}
