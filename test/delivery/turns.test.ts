import { describe, expect, it } from 'vitest';
import { Turns } from '../../server/delivery/turns.js';

const LANES = [0, 1, 2, 3, 4, 5];

/** Turns over destinations that are reached, or not, as the test says; no time passes by itself. */
function open(perDestination = 3) {
  const clock = { now: 0 };
  const down = new Set<string>();
  const turns = new Turns(
    { perDestination, slowMs: 1_000 },
    (code) => !down.has(code),
    () => clock.now,
  );
  const running: { readonly lane: string; end(left?: boolean): void }[] = [];
  const begin = (destination: string, lane: number) =>
    turns.take(
      { destination, lane },
      () =>
        new Promise((resolve) => {
          running.push({ lane: `${destination}/${lane}`, end: (left = false) => resolve(left) });
        }),
    );
  return { clock, down, running, begin };
}

describe('turns of destinations', () => {
  it('a destination that does not end its turns leaves the workers to the others', async () => {
    const { running, begin } = open();
    for (const lane of LANES) void begin('330000', lane);
    for (const lane of LANES) void begin('440000', lane);
    expect(running.map((one) => one.lane)).toEqual([
      ...[0, 1, 2].map((lane) => `330000/${lane}`),
      ...[0, 1, 2].map((lane) => `440000/${lane}`),
    ]);
  });

  it('lanes that had to wait are woken one after the other, also the own one with work left', async () => {
    const { running, begin } = open();
    const turns = LANES.map((lane) => begin('330000', lane));
    running[0]?.end(true);
    expect(await turns[0]).toEqual([{ destination: '330000', lane: 3 }]);
    running[1]?.end();
    running[2]?.end();
    const woken = [...(await turns[1]!), ...(await turns[2]!)].map((wake) => wake.lane);
    expect(woken).toEqual([4, 5, 0]);
  });

  it('a slow destination gets fewer lanes, and one more with each turn that ends in time', async () => {
    const { clock, running, begin } = open(4);
    const slow = [0, 1, 2, 3].map((lane) => begin('330000', lane));
    clock.now += 2_000;
    for (const turn of running) turn.end();
    await Promise.all(slow);
    running.length = 0;
    void [0, 1, 2, 3].map((lane) => begin('330000', lane));
    expect(running).toHaveLength(1);
  });

  it('after an outage begins with one lane, then two: no storm', async () => {
    const { down, running, begin } = open(4);
    down.add('330000');
    const probe = begin('330000', 0);
    running[0]?.end();
    await probe;
    down.delete('330000');
    const sizes: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      running.length = 0;
      const turns = LANES.map((lane) => begin('330000', lane));
      sizes.push(running.length);
      running[0]?.end();
      await turns[0];
      for (const turn of running) turn.end();
      await Promise.all(turns);
      if (round === 0) expect(running).toHaveLength(1);
    }
    expect(sizes[0]).toBe(1);
    expect(sizes[1]).toBeGreaterThan(1);
    expect(sizes.every((size) => size <= 4)).toBe(true);
  });
});
