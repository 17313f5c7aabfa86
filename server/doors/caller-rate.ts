import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** How often each caller may come. */
export interface CallerRateOptions {
  /** Times in one span. */
  readonly most: number;
  /** Length of the span. */
  readonly seconds: number;
  /** Callers that are counted; past it the one that was quiet longest is forgotten. Unset: 10,000. */
  readonly remembered?: number | undefined;
}

/** Callers that are counted. */
export const REMEMBERED = 10_000;

/** Counts how often each caller comes, of a bounded number of callers. */
export class CallerRate {
  readonly #rate: RateLimiterMemory;
  /** Callers that are counted: the limiter by itself forgets none before its span has ended. */
  readonly #known: LRUCache<string, true>;

  constructor({ most, seconds, remembered = REMEMBERED }: CallerRateOptions) {
    this.#rate = new RateLimiterMemory({ points: most, duration: seconds });
    this.#known = new LRUCache({
      max: remembered,
      dispose: (_, key) => void this.#rate.delete(key),
    });
  }

  /** Counts a caller once. Milliseconds until it may come again; 0: it may now. */
  async count(key: string): Promise<number> {
    this.#known.set(key, true);
    try {
      await this.#rate.consume(key);
      return 0;
    } catch (refused) {
      if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext);
      throw refused;
    }
  }
}
