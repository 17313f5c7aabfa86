import type { Lane } from '../domain/lane.js';

/** How many lanes may be worked at the same time. */
export interface TurnLimits {
  /** Of one destination that answers promptly. */
  readonly perDestination: number;
  /** Milliseconds of a turn past which its destination is slow. */
  readonly slowMs: number;
}

interface Share {
  /** Lanes of it that may be worked at once: halved when it is slow, one more when it is not. */
  allowed: number;
  readonly working: Set<number>;
  /** Lanes that were woken meanwhile, first come, first served. */
  readonly waiting: Set<number>;
}

/**
 * Shares the workers among destinations, so that one that is slow or takes no connection occupies
 * few of them and the others go on. A destination that comes back begins with one lane and gets one
 * more with each that ends in time: the storm after a long outage begins as a breeze.
 */
export class Turns {
  readonly #shares = new Map<string, Share>();

  constructor(
    private readonly limits: TurnLimits,
    /** Whether a destination could be reached at the last attempt. */
    private readonly isReachable: (destination: string) => boolean,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Works a lane, or notes that it waits for its turn. Returns the lanes that are to be woken now;
   * `work` says whether something is left in its own.
   */
  async take(wake: Lane, work: (wake: Lane) => Promise<boolean>): Promise<readonly Lane[]> {
    const share = this.#shareOf(wake.destination);
    if (share.working.size >= share.allowed || share.working.has(wake.lane)) {
      share.waiting.add(wake.lane);
      return [];
    }
    share.working.add(wake.lane);
    share.waiting.delete(wake.lane);
    const startedAt = this.now();
    try {
      if (await work(wake)) share.waiting.add(wake.lane);
    } finally {
      share.working.delete(wake.lane);
      share.allowed = this.#allowed(wake.destination, share.allowed, this.now() - startedAt);
    }
    return this.#next(wake.destination, share);
  }

  #shareOf(destination: string): Share {
    let share = this.#shares.get(destination);
    if (!share) {
      share = { allowed: this.limits.perDestination, working: new Set(), waiting: new Set() };
      this.#shares.set(destination, share);
    }
    return share;
  }

  #allowed(destination: string, before: number, tookMs: number): number {
    if (!this.isReachable(destination)) return 1;
    if (tookMs > this.limits.slowMs) return Math.max(1, Math.floor(before / 2));
    return Math.min(this.limits.perDestination, before + 1);
  }

  #next(destination: string, share: Share): Lane[] {
    const free = Math.max(0, share.allowed - share.working.size);
    const next = [...share.waiting].slice(0, free);
    for (const lane of next) share.waiting.delete(lane);
    return next.map((lane) => ({ destination, lane }));
  }
}
