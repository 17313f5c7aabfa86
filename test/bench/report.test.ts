import { describe, expect, it } from 'vitest';
import { conduct, notMeasured } from '../../bench/conduct.js';
import { ratio, type Family } from '../../bench/measure.js';
import { jsonOf } from '../../bench/report.js';
import type { Stage } from '../../bench/stage/stage.js';
import { quantile } from '../../bench/statistics.js';

const STAGE = { stopping: new AbortController().signal } as Stage;

/** The hub is slower from round to round, and the yardstick with it but for one round. */
function family(): Family {
  const hub = [1, 50, 40, 30];
  const limit = [1, 100, 80, 30];
  const showing = (values: number[]) => () => Promise.resolve({ perSecond: values.shift() ?? 0 });
  return {
    name: 'family',
    needsRedis: false,
    goals: [
      {
        name: 'some_ratio',
        title: '甲 ÷ 乙 · a ÷ b',
        atLeast: 0.4,
        aim: 0.6,
        lessIsBetter: false,
        valueOf: ratio('perSecond', 'hub', 'limit'),
      },
    ],
    open: () =>
      Promise.resolve({
        contenders: [
          { name: 'hub', round: showing(hub) },
          { name: 'limit', round: showing(limit) },
        ],
        close: () => Promise.resolve(),
      }),
  };
}

describe('what the benchmark says', () => {
  it('is the median of the ratios of single rounds, after one that does not count', async () => {
    const outcome = await conduct(family(), STAGE, { rounds: 3, seconds: 1 });
    const { measures } = JSON.parse(jsonOf({ cores: 2 }, [outcome])) as { measures: unknown };
    expect(measures).toEqual([
      { name: 'some_ratio', value: 0.5, at_least: 0.4, aim: 0.6, spread: [0.5, 1] },
    ]);
  });

  it('names what was not measured, and makes no figure up', () => {
    const outcome = notMeasured(family(), '没有 · none');
    expect(JSON.parse(jsonOf({ cores: 2 }, [outcome]))).toEqual({
      conditions: { cores: 2 },
      measures: [{ name: 'some_ratio', value: null, at_least: 0.4, aim: 0.6, spread: null }],
    });
  });

  it('reads quantiles between values, whatever their order', () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([10, 0], 0.99)).toBeCloseTo(9.9);
    expect(quantile([], 0.5)).toBeNaN();
  });
});
