/** What callers reached. */
export interface Calls {
  readonly count: number;
  readonly seconds: number;
  /** Of each call, in the order of their ends. */
  readonly latenciesMs: readonly number[];
}

/**
 * So many callers, each of whom makes its next call when the one before has been answered, until the
 * time is over or nothing is left. A call that fails ends the run: no failure may pass for speed.
 */
export async function callFor<T>(
  seconds: number,
  callers: number,
  items: readonly T[],
  call: (item: T) => Promise<unknown>,
): Promise<Calls> {
  const latenciesMs: number[] = [];
  const began = performance.now();
  const until = began + seconds * 1000;
  let next = 0;
  const caller = async (): Promise<void> => {
    for (;;) {
      const item = items[next];
      const start = performance.now();
      if (item === undefined || start >= until) return;
      next += 1;
      await call(item);
      latenciesMs.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const elapsed = (performance.now() - began) / 1000;
  return { count: latenciesMs.length, seconds: elapsed, latenciesMs };
}

/** The items in portions of a size, the last one smaller. */
export function inPortions<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}
