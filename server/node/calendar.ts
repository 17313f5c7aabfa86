import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { readDeclaredDays } from '../reference/holidays-file.js';
import { daysOff, type DaysOff } from '../reference/holidays.js';

/**
 * Days off as the program knows them and HUB_HOLIDAYS_FILE adds to them. Says in the log which are
 * missing on `today`, so that somebody adds them in time. Throws ConfigError.
 */
export async function openCalendar(config: Config, today: string, log: Logger): Promise<DaysOff> {
  const { holidaysFile } = config;
  const calendar = daysOff(holidaysFile === '' ? undefined : await readDeclaredDays(holidaysFile));
  const years = calendar.unknownYears(today);
  if (years.length > 0)
    log.warn(
      { years },
      '尚无国务院放假安排,节假日按工作日计,请在 HUB_HOLIDAYS_FILE 中补充或更新程序 / the days off of these years are not known, so festivals count as working days; add them to HUB_HOLIDAYS_FILE or update the program',
    );
  return calendar;
}
