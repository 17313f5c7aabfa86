import { describe, expect, it } from 'vitest';
import {
  furthestAhead,
  judge,
  memoryByMinute,
  memorySlope,
  type Outcome,
  type Sample,
} from '../../bench/backpressure/verdict.js';

/** Ten minutes in which 100 a second are delivered and accepts are a full backlog ahead. */
function samplesWith(change: (sample: Sample, minute: number) => Partial<Sample>): Sample[] {
  return Array.from({ length: 300 }, (_, index) => {
    const atMs = index * 2_000;
    const delivered = index * 200;
    const sample = { atMs, delivered, accepted: delivered + 1_000, rssMb: 200 + (index % 7) };
    return { ...sample, ...change(sample, atMs / 60_000) };
  });
}

function outcomeWith(change: Partial<Outcome>): Outcome {
  return {
    samples: samplesWith(() => ({})),
    backlogLimit: 1_000,
    inFlight: 64,
    refused: 500,
    withoutRetryInfo: 0,
    gaveUp: 0,
    missing: 0,
    ...change,
  };
}

describe('the verdict on a run under backpressure', () => {
  it('is good when accepts keep to deliveries and memory is flat', () => {
    expect(judge(outcomeWith({}))).toEqual([]);
  });

  it.each([
    ['it was never full', { refused: 0 }, /never full/],
    ['a refusal does not say when to come again', { withoutRetryInfo: 1 }, /RetryInfo/],
    ['a client gave up', { gaveUp: 1 }, /gave up/],
    ['something accepted is not there', { missing: 1 }, /not delivered: 1/],
    [
      'accepts run away from deliveries',
      { samples: samplesWith(({ accepted }, minute) => ({ accepted: accepted + minute * 50 })) },
      /ran ahead by 1498/,
    ],
    [
      'memory grows without bound',
      { samples: samplesWith(({ rssMb }, minute) => ({ rssMb: rssMb + minute * 20 })) },
      /memory grew/,
    ],
  ])('is bad when %s', (_, change, problem) => {
    expect(judge(outcomeWith(change))).toEqual([expect.stringMatching(problem) as string]);
  });

  it('shows memory minute by minute, and its slope', () => {
    const samples = samplesWith((_, minute) => ({ rssMb: 100 + minute * 3 }));
    expect(memoryByMinute(samples)).toHaveLength(10);
    const median = expect.closeTo(104.45) as number;
    expect(memoryByMinute(samples)[1]).toEqual({ minute: 2, min: 103, median, max: 105.9 });
    expect(memorySlope(samples)).toBeCloseTo(3);
    expect(furthestAhead(samples)).toBe(1_000);
    expect([memorySlope([]), furthestAhead([]), memoryByMinute([])]).toEqual([0, 0, []]);
  });
});
