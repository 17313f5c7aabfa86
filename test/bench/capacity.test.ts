import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { workingDay } from '../../bench/capacity/demand.js';
import { coresFor, needs } from '../../bench/capacity/plan.js';
import { simulate } from '../../bench/capacity/simulate.js';

const rate = fc.integer({ min: 0, max: 5_000 });
const day = fc.array(rate, { minLength: 1, maxLength: 600 });

describe('the simulation behind the capacity plan', () => {
  it('loses and invents nothing: what came was carried or waits', () =>
    fc.assert(
      fc.property(day, fc.integer({ min: 1, max: 5_000 }), rate, (perMinute, capacity, waiting) => {
        const course = simulate(perMinute, capacity, waiting);
        const came = waiting + perMinute.reduce((sum, one) => sum + one * 60, 0);
        const carried = course.utilisation * capacity * 60 * perMinute.length;
        const left = Math.max(0, (course.emptyAfterMinutes ?? 0) - perMinute.length);
        expect(carried).toBeLessThanOrEqual(came + 0.001);
        expect(came - carried).toBeLessThanOrEqual(left * capacity * 60 + 0.001);
      }),
    ));

  it('never has anything waiting where every minute takes more than comes', () =>
    fc.assert(
      fc.property(day, (perMinute) => {
        const course = simulate(perMinute, Math.max(...perMinute) + 1);
        expect(course).toMatchObject({
          mostWaiting: 0,
          longestWaitSeconds: 0,
          emptyAfterMinutes: 0,
        });
      }),
    ));

  it('clears a backlog with what the live traffic leaves', () => {
    expect(simulate(Array<number>(200).fill(100), 200, 600_000)).toMatchObject({
      mostWaiting: 600_000,
      emptyAfterMinutes: 100,
    });
  });

  it('a day has its mean and its bursts', () => {
    const minutes = workingDay(1_000, 3_000);
    expect(minutes).toHaveLength(480);
    expect(Math.max(...minutes)).toBe(3_000);
    expect(minutes.filter((one) => one === 3_000)).toHaveLength(80);
  });
});

describe('the capacity plan', () => {
  it('fills no core beyond six tenths', () => {
    expect(coresFor(1_000, 600)).toBe(1);
    expect(coresFor(1_000, 601)).toBe(2);
  });

  it('needs more for a burst than for every day, and counts live traffic beside a replay', () => {
    const costs = { provinceUs: 1_000, nationalUs: 500, databaseUs: 1_000, nationalBytes: 4_000 };
    const [sustained, burst, , , replay] = needs(costs);
    expect(burst?.processes).toBeGreaterThan(sustained?.processes ?? Infinity);
    expect(replay?.perSecond).toBeGreaterThan(280);
  });
});
