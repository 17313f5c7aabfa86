/** Longest wait between two attempts. */
export const BACKOFF_CAP_MS = 300_000;

const BASE_MS = 1_000;

/**
 * Milliseconds to wait after the given number of attempts: doubling from one second to five
 * minutes, and between half and all of that by `random` (0 to 1), so that a long outage does not
 * end in one storm.
 */
export function backoffMs(attempts: number, random: number): number {
  const full = Math.min(BACKOFF_CAP_MS, BASE_MS * 2 ** Math.min(Math.max(attempts - 1, 0), 20));
  return Math.round(full / 2 + (full / 2) * random);
}
