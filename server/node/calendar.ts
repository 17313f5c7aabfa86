import type { Logger } from 'pino';
import { yearsWithoutHolidays } from '../reference/holidays.js';

/** Says in the log that days off are missing, so that somebody updates the program in time. */
export function warnOfUnknownHolidays(today: string, log: Logger): void {
  const years = yearsWithoutHolidays(today);
  if (years.length > 0)
    log.warn(
      { years },
      '尚无国务院放假安排,节假日按工作日计,请更新程序 / the days off of these years are not known, so festivals count as working days; update the program',
    );
}
