/**
 * Civil dates (D12): strings `YYYY-MM-DD` of the calendar in Asia/Shanghai. A date carries no time
 * and no zone, so no shift may ever be applied to it; only an instant is converted, here, once.
 */
import { Temporal } from 'temporal-polyfill';

const ZONE = 'Asia/Shanghai';
const DAY_MS = 86_400_000;
const SHANGHAI_OFFSET_MS = 8 * 3_600_000;
/** 1991-09-15: the last summer time ended; since then the offset is +08:00 throughout. */
const FIXED_OFFSET_SINCE_MS = Date.UTC(1991, 8, 15);

const FIRST_YEAR = 1800;
const DAYS_IN_MONTH = Int32Array.of(0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31);

const LONG_TERM_SENTINELS: ReadonlySet<string> = new Set([
  '2099-12-31',
  '9999-09-09',
  '9999-12-31',
]);
const UNKNOWN_SENTINELS: ReadonlySet<string> = new Set(['1899-12-31', '1900-01-01']);

/** Longest span that is counted day by day; ten years. See `workingDaysBetween`. */
const MAX_SPAN_DAYS = 3_660;

/** What a date from a source system means once sentinels are taken out (VR9). */
export interface NormalisedDate {
  /** The real date; absent when the source wrote a sentinel. */
  readonly date?: string;
  /** The source wrote "without end" (长期). */
  readonly longTerm: boolean;
  /** The source wrote its default for "no date": warn, and treat as not given. */
  readonly unknown: boolean;
}

const LONG_TERM: NormalisedDate = Object.freeze({ longTerm: true, unknown: false });
const UNKNOWN: NormalisedDate = Object.freeze({ longTerm: false, unknown: true });

/** Decimal value of `length` ASCII digits from `start`; -1 when one is not a digit. */
function digitsAt(text: string, start: number, length: number): number {
  let value = 0;
  for (let i = start; i < start + length; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/**
 * Whether the text is a real calendar date `YYYY-MM-DD` of the years 1800-9999 (D12). Hand-written
 * rather than parsed because every record carries several dates.
 */
export function isCivilDate(text: string): boolean {
  if (text.length !== 10 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return false;
  const year = digitsAt(text, 0, 4);
  const month = digitsAt(text, 5, 2);
  const day = digitsAt(text, 8, 2);
  if (year < FIRST_YEAR || month < 1 || month > 12 || day < 1) return false;
  const leapDay = month === 2 && isLeapYear(year) ? 1 : 0;
  return day <= (DAYS_IN_MONTH[month] ?? 0) + leapDay;
}

/**
 * Takes the sentinels out of a date (VR9): 2099-12-31, 9999-09-09 and 9999-12-31 mean long term,
 * 1899-12-31 and 1900-01-01 mean that the source has none. Any other text comes back as `date`,
 * unchecked: `isCivilDate` decides about it.
 */
export function normaliseSentinel(date: string): NormalisedDate {
  if (LONG_TERM_SENTINELS.has(date)) return LONG_TERM;
  if (UNKNOWN_SENTINELS.has(date)) return UNKNOWN;
  return { date, longTerm: false, unknown: false };
}

/**
 * Civil date in Asia/Shanghai of an instant in milliseconds since 1970 UTC (D12). Instants before
 * 1991-09-15 go through the time zone database because of summer time and local mean time.
 * Throws RangeError when the number is not an instant.
 */
export function civilDateIn(timestampMs: number): string {
  if (timestampMs >= FIXED_OFFSET_SINCE_MS) {
    return new Date(timestampMs + SHANGHAI_OFFSET_MS).toISOString().slice(0, 10);
  }
  return Temporal.Instant.fromEpochMilliseconds(timestampMs)
    .toZonedDateTimeISO(ZONE)
    .toPlainDate()
    .toString();
}

/** The instant at which a civil date of 1992 or later begins in Asia/Shanghai. */
export function midnightOf(date: string): Date {
  return new Date(`${date}T00:00:00+08:00`);
}

/** The instant at which a civil date of 1992 or later ends in Asia/Shanghai. */
export function endOfDay(date: string): Date {
  return new Date(midnightOf(date).getTime() + DAY_MS);
}

/** Every civil date from one to the other, both included. Throws RangeError when either is not one. */
export function datesOf(fromDate: string, toDate: string): string[] {
  const first = epochDayOf(fromDate);
  const count = Math.max(0, epochDayOf(toDate) - first + 1);
  return Array.from({ length: count }, (_, index) => dateOf(first + index));
}

/** Days since 1970-01-01; a civil date read as UTC midnight has no gaps, so division is exact. */
function epochDayOf(date: string): number {
  if (!isCivilDate(date)) throw new RangeError('not a civil date YYYY-MM-DD');
  return Date.parse(date) / DAY_MS;
}

/** Monday to Friday; 1970-01-01 (day 0) was a Thursday. */
function isWeekday(epochDay: number): boolean {
  return (((epochDay + 3) % 7) + 7) % 7 < 5;
}

/**
 * Working days after `from` up to and including `to` (VR31: more than 7 is LATE): Monday to Friday
 * minus the days `isHoliday` names (`YYYY-MM-DD`; unset = no holidays). 0 when `to` is not later.
 * The weekend days that a yearly notice turns into working days are not counted, which errs in
 * favour of the sender. The count stops after ten years, where it is "late" by any rule, so that a
 * wrong date costs bounded time; and at `most`, because to ask of each day of years takes tens of
 * milliseconds. Throws RangeError when either is not a civil date.
 */
export function workingDaysBetween(
  from: string,
  to: string,
  isHoliday?: (date: string) => boolean,
  most = Number.POSITIVE_INFINITY,
): number {
  const first = epochDayOf(from) + 1;
  const last = Math.min(epochDayOf(to), first + MAX_SPAN_DAYS - 1);
  let count = 0;
  for (let day = first; day <= last && count < most; day += 1) {
    if (!isWeekday(day)) continue;
    if (isHoliday?.(dateOf(day))) continue;
    count += 1;
  }
  return count;
}

/**
 * The last day on which no more than `count` working days have passed since `from`, working days as
 * {@link workingDaysBetween} counts them. Looks ten years ahead at most. Throws RangeError when
 * `from` is not a civil date.
 */
export function lastDayWithin(
  from: string,
  count: number,
  isHoliday?: (date: string) => boolean,
): string {
  let day = epochDayOf(from);
  const end = day + MAX_SPAN_DAYS;
  for (let passed = 0; day < end; day += 1) {
    const next = dateOf(day + 1);
    if (isWeekday(day + 1) && !isHoliday?.(next)) passed += 1;
    if (passed > count) break;
  }
  return dateOf(day);
}

function dateOf(epochDay: number): string {
  return new Date(epochDay * DAY_MS).toISOString().slice(0, 10);
}
