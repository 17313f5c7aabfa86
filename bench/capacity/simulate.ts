/** What a queue went through, minute by minute. */
export interface Course {
  /** Most messages that waited at the end of a minute. */
  readonly mostWaiting: number;
  /** Longest that a message waited, in seconds: first come, first served. */
  readonly longestWaitSeconds: number;
  /** Minutes until nothing waited any more, counted from the start; undefined when that did not happen. */
  readonly emptyAfterMinutes: number | undefined;
  /** Share of the capacity that was used while there was demand. */
  readonly utilisation: number;
}

/**
 * A destination that takes so many messages a second, and the demand on it, given per second for each
 * minute; `waiting`: what waits at the beginning. After the last minute nothing new comes.
 */
export function simulate(perMinute: readonly number[], capacity: number, waiting = 0): Course {
  let backlog = waiting;
  let carried = 0;
  let mostWaiting = waiting;
  let emptyAfterMinutes: number | undefined = waiting === 0 ? 0 : undefined;
  perMinute.forEach((rate, minute) => {
    const carriedNow = Math.min(backlog + rate * 60, capacity * 60);
    backlog += rate * 60 - carriedNow;
    carried += carriedNow;
    mostWaiting = Math.max(mostWaiting, backlog);
    if (backlog > 0) emptyAfterMinutes = undefined;
    else emptyAfterMinutes ??= minute + 1;
  });
  if (backlog > 0 && capacity > 0)
    emptyAfterMinutes = perMinute.length + Math.ceil(backlog / (capacity * 60));
  return {
    mostWaiting,
    longestWaitSeconds: capacity > 0 ? mostWaiting / capacity : mostWaiting > 0 ? Infinity : 0,
    emptyAfterMinutes,
    utilisation: carried / (capacity * 60 * Math.max(perMinute.length, 1)),
  };
}
