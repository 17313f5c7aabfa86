import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { monthAfter, monthOf, startOf } from '../../../server/domain/history/months.js';
import {
  cutoffOf,
  detachDateOf,
  monthsAhead,
  monthsToDetach,
  monthsToMake,
} from '../../../server/domain/history/policy.js';
import { civilDateIn } from '../../../server/domain/identifiers/civil-date.js';

const DAY_MS = 86_400_000;
const YEAR_2000 = Date.UTC(2000, 0, 1);
const YEAR_2200 = Date.UTC(2200, 0, 1);

const instant = fc.integer({ min: YEAR_2000, max: YEAR_2200 });
const policy = fc.record({
  afterDays: fc.integer({ min: 1, max: 4_000 }),
  keptMonths: fc.option(fc.integer({ min: 3, max: 240 }), { nil: undefined }),
});
const midnight = (date: string | undefined): number => Date.parse(`${date ?? ''}T00:00:00+08:00`);

describe('months of Asia/Shanghai', () => {
  it('end where the next one begins, and hold their instants', () => {
    fc.assert(
      fc.property(instant, (at) => {
        const month = monthOf(at);
        const next = monthAfter(month, 1);
        expect(startOf(month).getTime()).toBeLessThanOrEqual(at);
        expect(startOf(next).getTime()).toBeGreaterThan(at);
        expect(monthOf(startOf(next).getTime())).toBe(next);
        expect(monthOf(startOf(next).getTime() - 1)).toBe(month);
      }),
    );
  });

  it('are counted over years, and back again', () => {
    expect(monthAfter('2026-11', 2)).toBe('2027-01');
    expect(monthAfter('2027-01', -1)).toBe('2026-12');
    expect(monthOf(Date.parse('2026-12-31T15:59:59.999Z'))).toBe('2026-12');
    expect(monthOf(Date.parse('2026-12-31T16:00:00Z'))).toBe('2027-01');
    fc.assert(
      fc.property(instant, fc.integer({ min: -500, max: 500 }), (at, count) => {
        const month = monthOf(at);
        expect(monthAfter(monthAfter(month, count), -count)).toBe(month);
        expect(monthAfter(month, count) > month).toBe(count > 0);
      }),
    );
  });
});

describe('the policy of the history', () => {
  it('makes this month and the next three, over the end of a year, and none that is known', () => {
    const lastHour = Date.parse('2026-11-30T15:59:59Z');
    expect(monthsAhead(lastHour)).toEqual(['2026-11', '2026-12', '2027-01', '2027-02']);
    expect(monthsAhead(lastHour + 1_000)).toEqual(['2026-12', '2027-01', '2027-02', '2027-03']);
    fc.assert(
      fc.property(instant, fc.array(instant), (now, others) => {
        const wanted = [...monthsAhead(now), ...others.map(monthOf)];
        const known = others.slice(1).map(monthOf);
        const made = monthsToMake(wanted, known);
        expect(new Set(made).size).toBe(made.length);
        for (const month of wanted) expect(made.includes(month)).toBe(!known.includes(month));
      }),
    );
  });

  it('moves what was settled on a day that lies the stated number of whole days back, whatever the hour', () => {
    fc.assert(
      fc.property(instant, policy, (now, one) => {
        const cutoff = cutoffOf(now, one).getTime();
        expect((midnight(civilDateIn(now)) - cutoff) / DAY_MS).toBe(one.afterDays);
        expect(now - cutoff).toBeGreaterThanOrEqual(one.afterDays * DAY_MS);
        expect(now - cutoff).toBeLessThan((one.afterDays + 1) * DAY_MS);
      }),
    );
  });

  it('detaches nothing unless it says for how long to keep', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: 1, max: 4_000 }), (at, afterDays) => {
        const forEver = { afterDays, keptMonths: undefined };
        expect(monthsToDetach([monthOf(at)], YEAR_2200, forEver)).toEqual([]);
        expect(detachDateOf(monthOf(at), forEver)).toBeUndefined();
      }),
    );
  });

  it('never detaches a month that is kept, nor one into which anything may still move', () => {
    fc.assert(
      fc.property(instant, instant, policy, (at, now, one) => {
        const month = monthOf(at);
        const [gone] = monthsToDetach([month], now, one);
        if (gone === undefined) return;
        expect(monthAfter(month, one.keptMonths ?? 0) < monthOf(now)).toBe(true);
        expect(startOf(monthAfter(month, 1)).getTime()).toBeLessThanOrEqual(
          cutoffOf(now, one).getTime(),
        );
      }),
    );
  });

  it('detaches on the date it tells, not a day before, and every month once', () => {
    const kept = policy.filter(({ keptMonths }) => keptMonths !== undefined);
    fc.assert(
      fc.property(instant, kept, (at, one) => {
        const month = monthOf(at);
        const date = midnight(detachDateOf(month, one));
        expect(monthsToDetach([month], date, one)).toEqual([month]);
        expect(monthsToDetach([month], date - 1, one)).toEqual([]);
      }),
    );
    expect(detachDateOf('2026-01', { afterDays: 90, keptMonths: 12 })).toBe('2027-02-01');
    expect(detachDateOf('2026-01', { afterDays: 90, keptMonths: 1 })).toBe('2026-05-02');
  });
});
