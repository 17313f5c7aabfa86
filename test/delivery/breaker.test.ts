import { afterEach, describe, expect, it, vi } from 'vitest';
import { Breaker } from '../../server/delivery/breaker.js';

const FAR = '100000';

function breakerAt(clock: { now: number }): Breaker {
  return new Breaker(
    () => 1,
    () => clock.now,
  );
}

afterEach(() => {
  vi.useRealTimers();
});

describe('breaker of a destination', () => {
  it('is not held up by a clock that is set back', () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const breaker = new Breaker(() => 1);
    const { waitMs } = breaker.failed(FAR);
    vi.setSystemTime(Date.now() - 3_600_000);
    vi.advanceTimersByTime(waitMs);
    expect(breaker.isOpenTo(FAR)).toBe(true);
  });

  it('lets one probe through after a failure, and everything after a success', () => {
    const clock = { now: 0 };
    const breaker = breakerAt(clock);
    expect([breaker.enter(FAR), breaker.enter(FAR)]).toEqual([true, true]);
    const { waitMs, began } = breaker.failed(FAR);
    expect(began).toBe(true);
    expect(breaker.enter(FAR)).toBe(false);
    clock.now += waitMs;
    expect([breaker.enter(FAR), breaker.enter(FAR)]).toEqual([true, false]);
    expect([breaker.succeeded(FAR), breaker.succeeded(FAR)]).toEqual([true, false]);
    breaker.leave(FAR);
    expect([breaker.enter(FAR), breaker.enter(FAR)]).toEqual([true, true]);
  });

  it('counts calls that fail side by side as one failure', () => {
    const clock = { now: 0 };
    const breaker = breakerAt(clock);
    const failures = [breaker.failed(FAR), breaker.failed(FAR), breaker.failed(FAR)];
    expect(failures.map((one) => one.waitMs)).toEqual([1_000, 1_000, 1_000]);
    expect(failures.map((one) => one.began)).toEqual([true, false, false]);
    clock.now += 1_000;
    expect(breaker.failed(FAR)).toEqual({ waitMs: 2_000, began: false });
  });

  it('asks again at least every five seconds, however long an outage lasts', () => {
    const clock = { now: 0 };
    const breaker = breakerAt(clock);
    let wait = 0;
    for (let outage = 0; outage < 40; outage += 1) {
      wait = breaker.failed(FAR).waitMs;
      clock.now += wait;
    }
    expect(wait).toBe(5_000);
  });

  it('a turn that had nothing to send proves nothing, and leaves the probe to another', () => {
    const clock = { now: 0 };
    const breaker = breakerAt(clock);
    clock.now += breaker.failed(FAR).waitMs;
    expect(breaker.enter(FAR)).toBe(true);
    breaker.leave(FAR);
    expect([breaker.enter(FAR), breaker.enter(FAR)]).toEqual([true, false]);
  });

  it('keeps destinations apart', () => {
    const breaker = breakerAt({ now: 0 });
    breaker.failed('330000');
    expect([breaker.isOpenTo('330000'), breaker.isOpenTo('440000')]).toEqual([false, true]);
  });
});
