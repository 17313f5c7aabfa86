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
  /** Callers that are counted, the one that was quiet longest first. */
  readonly #known = new Set<string>();
  readonly #remembered: number;

  constructor({ most, seconds, remembered = REMEMBERED }: CallerRateOptions) {
    this.#rate = new RateLimiterMemory({ points: most, duration: seconds });
    this.#remembered = remembered;
  }

  /** Counts a caller once. Milliseconds until it may come again; 0: it may now. */
  async count(key: string): Promise<number> {
    await this.#remember(key);
    try {
      await this.#rate.consume(key);
      return 0;
    } catch (refused) {
      if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext);
      throw refused;
    }
  }

  async #remember(key: string): Promise<void> {
    this.#known.delete(key);
    this.#known.add(key);
    if (this.#known.size <= this.#remembered) return;
    const [oldest = key] = this.#known;
    this.#known.delete(oldest);
    await this.#rate.delete(oldest);
  }
}
