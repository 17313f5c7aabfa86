import chineseDays from 'chinese-days';

/**
 * Whether a civil date `YYYY-MM-DD` is off: the State Council's published days off, and weekends; of
 * years it does not know only weekends (VR31).
 */
export function isHoliday(date: string): boolean {
  return chineseDays.isHoliday(date);
}

/**
 * Years whose days off are needed by `today` and not known to this version: its own and, from December
 * on, the next. They are announced late in the year before.
 */
export function yearsWithoutHolidays(today: string): number[] {
  const year = Number(today.slice(0, 4));
  return (today.slice(5, 7) === '12' ? [year, year + 1] : [year]).filter((one) => !isKnown(one));
}

/** Every year has days off from 1 to 3 October, and one of these at least is no weekend. */
function isKnown(year: number): boolean {
  return chineseDays.getHolidaysInRange(`${year}-10-01`, `${year}-10-03`, false).length > 0;
}
