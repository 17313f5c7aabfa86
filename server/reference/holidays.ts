import chineseDays from 'chinese-days';
import { LRUCache } from 'lru-cache';

/** A day that does not go by its place in the week: off (休), or worked in exchange (班). */
export type DeclaredDay = 'off' | 'work';

/** 放假安排: which days are off, and of which years that is known (VR31). */
export interface DaysOff {
  /** Whether a civil date `YYYY-MM-DD` is off; of years that are not known only weekends are. */
  readonly isHoliday: (date: string) => boolean;
  /**
   * Years whose days off are needed by `today` and not known: its own and, from December on, the
   * next. They are announced late in the year before.
   */
  readonly unknownYears: (today: string) => number[];
}

/** Days remembered: of ten years. A late record asks of some thirty days, the library takes 2 µs for each. */
const REMEMBERED_DAYS = 3_660;

/**
 * The State Council's published days off as this version knows them, with what an operator declared
 * since: a declared day goes before what the program knows of it.
 */
export function daysOff(declared: ReadonlyMap<string, DeclaredDay> = new Map()): DaysOff {
  /** Every year has days off from 1 to 3 October, and one of these at least is no weekend. */
  const isKnown = (year: number): boolean =>
    chineseDays.getHolidaysInRange(`${year}-10-01`, `${year}-10-03`, false).length > 0 ||
    ['01', '02', '03'].some((day) => declared.get(`${year}-10-${day}`) === 'off');
  const asked = new LRUCache<string, boolean>({
    max: REMEMBERED_DAYS,
    memoMethod: (date) => {
      const day = declared.get(date);
      return day === undefined ? chineseDays.isHoliday(date) : day === 'off';
    },
  });
  return {
    isHoliday: (date) => asked.memo(date),
    unknownYears: (today) => {
      const year = Number(today.slice(0, 4));
      const needed = today.slice(5, 7) === '12' ? [year, year + 1] : [year];
      return needed.filter((one) => !isKnown(one));
    },
  };
}
