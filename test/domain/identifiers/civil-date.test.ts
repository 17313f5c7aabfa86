import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import {
  civilDateIn,
  datesOf,
  endOfDay,
  isCivilDate,
  midnightOf,
  normaliseSentinel,
  workingDaysBetween,
} from '../../../server/domain/identifiers/civil-date.js';

const day0 = Temporal.PlainDate.from('1800-01-01');
const lastDay = day0.until('9999-12-31').days;
const dateOf = (days: number) => day0.add({ days }).toString();

describe('isCivilDate', () => {
  it.each(['2019-12-01', '2000-02-29', '2020-02-29', '1800-01-01', '9999-12-31'])(
    'accepts %s',
    (text) => {
      expect(isCivilDate(text)).toBe(true);
    },
  );

  it.each([
    ...['', '2019-02-29', '1900-02-29', '2019-04-31', '2019-13-01', '2019-00-10', '2019-01-00'],
    ...['1799-12-31', '2019-1-01', '2019/12/01', '20191201', '2019-12-01T00:00:00', '２019-12-01'],
    ...['2019-12-0a', '-019-12-01', '2019-12-32', '10000-01-01'],
  ])('refuses "%s"', (text) => {
    expect(isCivilDate(text)).toBe(false);
  });

  it('agrees with the calendar of Temporal on every text of its shape', () => {
    const part = (max: number, width: number) =>
      fc.nat({ max }).map((value) => String(value).padStart(width, '0'));
    fc.assert(
      fc.property(part(9999, 4), part(14, 2), part(33, 2), (year, month, day) => {
        const text = `${year}-${month}-${day}`;
        expect(isCivilDate(text)).toBe(Number(year) >= 1800 && isTemporalDate(text));
      }),
      { numRuns: 1000 },
    );
  });
});

function isTemporalDate(text: string): boolean {
  try {
    return Temporal.PlainDate.from(text).toString() === text;
  } catch {
    return false;
  }
}

describe('normaliseSentinel', () => {
  it.each(['2099-12-31', '9999-09-09', '9999-12-31'])('reads %s as long term', (date) => {
    expect(normaliseSentinel(date)).toEqual({ longTerm: true, unknown: false });
  });

  it.each(['1900-01-01', '1899-12-31'])('reads %s as unknown', (date) => {
    expect(normaliseSentinel(date)).toEqual({ longTerm: false, unknown: true });
  });

  it.each(['2099-12-30', '1900-01-02', '2019-12-01'])('leaves %s as it is', (date) => {
    expect(normaliseSentinel(date)).toEqual({ date, longTerm: false, unknown: false });
  });
});

describe('civilDateIn', () => {
  it('changes the day at midnight in Shanghai and not in Greenwich', () => {
    expect(civilDateIn(Date.UTC(2019, 10, 30, 15, 59, 59, 999))).toBe('2019-11-30');
    expect(civilDateIn(Date.UTC(2019, 10, 30, 16))).toBe('2019-12-01');
  });

  it('knows the summer time of 1986 to 1991', () => {
    expect(civilDateIn(Date.UTC(1988, 6, 1, 15, 30))).toBe('1988-07-02');
    expect(civilDateIn(Date.UTC(1988, 11, 1, 15, 30))).toBe('1988-12-01');
  });

  it('agrees with the time zone database for every instant', () => {
    const instant = fc.integer({ min: Date.UTC(1890, 0), max: Date.UTC(2100, 0) });
    const nearTheLastChange = fc.integer({
      min: Date.UTC(1991, 8, 10),
      max: Date.UTC(1991, 8, 20),
    });
    fc.assert(
      fc.property(fc.oneof(instant, nearTheLastChange), (ms) => {
        const zoned =
          Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO('Asia/Shanghai');
        expect(civilDateIn(ms)).toBe(zoned.toPlainDate().toString());
      }),
    );
  });

  it('throws for what is no instant', () => {
    expect(() => civilDateIn(Number.NaN)).toThrow(RangeError);
    expect(() => civilDateIn(Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });
});

describe('midnightOf and endOfDay', () => {
  it('are the first instant of a day and that of the next', () => {
    fc.assert(
      fc.property(fc.integer({ min: 70_500, max: 90_000 }).map(dateOf), (date) => {
        const [from, until] = [midnightOf(date).getTime(), endOfDay(date).getTime()];
        expect(civilDateIn(from)).toBe(date);
        expect(civilDateIn(until - 1)).toBe(date);
        expect(civilDateIn(from - 1)).not.toBe(date);
        expect(civilDateIn(until)).not.toBe(date);
      }),
    );
  });
});

describe('datesOf', () => {
  it('lists both ends and all between; nothing when they are the wrong way round', () => {
    expect(datesOf('2020-02-28', '2020-03-01')).toEqual(['2020-02-28', '2020-02-29', '2020-03-01']);
    expect(datesOf('2019-12-01', '2019-12-01')).toEqual(['2019-12-01']);
    expect(datesOf('2019-12-02', '2019-12-01')).toEqual([]);
  });
});

describe('workingDaysBetween', () => {
  it('counts from the day after to the day itself, without weekends', () => {
    // 2019-12-06 is a Friday.
    expect(workingDaysBetween('2019-12-06', '2019-12-06')).toBe(0);
    expect(workingDaysBetween('2019-12-06', '2019-12-08')).toBe(0);
    expect(workingDaysBetween('2019-12-06', '2019-12-09')).toBe(1);
    expect(workingDaysBetween('2019-12-06', '2019-12-17')).toBe(7);
    expect(workingDaysBetween('2019-12-06', '2019-12-18')).toBe(8);
    expect(workingDaysBetween('1969-12-26', '1970-01-05')).toBe(6);
  });

  it('leaves out holidays, which are asked for by date and only on weekdays', () => {
    const asked: string[] = [];
    const isHoliday = (date: string) => {
      asked.push(date);
      return date === '2020-01-01';
    };
    expect(workingDaysBetween('2019-12-31', '2020-01-06', isHoliday)).toBe(3);
    expect(asked).toEqual(['2020-01-01', '2020-01-02', '2020-01-03', '2020-01-06']);
  });

  it('is 0 when the second date is earlier', () => {
    expect(workingDaysBetween('2019-12-18', '2019-12-06')).toBe(0);
  });

  it('stops after ten years', () => {
    const tenYears = workingDaysBetween('1800-01-01', '9999-12-31');
    expect(tenYears).toBeGreaterThan(2600);
    expect(tenYears).toBeLessThan(2620);
  });

  it('counts no further than it is asked to', () => {
    const asked: string[] = [];
    const isHoliday = (date: string) => asked.push(date) === 1;
    expect(workingDaysBetween('2019-12-06', '2029-12-06', isHoliday, 3)).toBe(3);
    expect(asked).toEqual(['2019-12-09', '2019-12-10', '2019-12-11', '2019-12-12']);
    expect(workingDaysBetween('2019-12-06', '2019-12-09', undefined, 3)).toBe(1);
  });

  it('throws for what is not a date', () => {
    expect(() => workingDaysBetween('2019-02-29', '2019-12-06')).toThrow(RangeError);
    expect(() => workingDaysBetween('2019-12-06', '')).toThrow(RangeError);
  });

  it('adds up over a day between, and agrees with a count by the calendar', () => {
    const span = fc.tuple(
      fc.integer({ min: 0, max: lastDay - 200 }),
      fc.nat({ max: 100 }),
      fc.nat({ max: 100 }),
    );
    fc.assert(
      fc.property(span, ([start, more, evenMore]) => {
        const [a, b, c] = [dateOf(start), dateOf(start + more), dateOf(start + more + evenMore)];
        expect(workingDaysBetween(a, b) + workingDaysBetween(b, c)).toBe(workingDaysBetween(a, c));
        const days = Array.from({ length: more }, (_, i) => day0.add({ days: start + i + 1 }));
        expect(workingDaysBetween(a, b)).toBe(days.filter((day) => day.dayOfWeek < 6).length);
      }),
      { numRuns: 50 },
    );
  });
});
