import chineseDays from 'chinese-days';

/**
 * Whether a civil date `YYYY-MM-DD` is off: the State Council's published days off, and weekends; of
 * years it does not know only weekends (VR31).
 */
export function isHoliday(date: string): boolean {
  return chineseDays.isHoliday(date);
}
