import { backoffMs } from './backoff.js';

/** Longest time after which a node that could not be reached is tried again. */
const PROBE_CAP_MS = 5_000;

/** Longest wait that a node may ask for. */
const ASKED_CAP_MS = 60_000;

/** What a failure means for the destination. */
export interface Failure {
  /** Milliseconds after which it is tried again. */
  readonly waitMs: number;
  /** True when it could be reached until now. */
  readonly began: boolean;
}

interface Outage {
  readonly failures: number;
  readonly retryAtMs: number;
  readonly probing: boolean;
}

/**
 * Circuit breaker per destination. While a node can't be reached its deliveries are left alone but
 * for one probe at a time, so that an outage neither occupies the workers nor puts every delivery
 * into a wait of its own: with the first success all go on at once.
 */
export class Breaker {
  readonly #outages = new Map<string, Outage>();

  constructor(
    private readonly random: () => number,
    // Not the time of day: a clock that is set back must not keep an outage going.
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Whether a call may be tried now; begins nothing. */
  isOpenTo(destination: string): boolean {
    const outage = this.#outages.get(destination);
    return !outage || (!outage.probing && this.now() >= outage.retryAtMs);
  }

  /** Begins a turn; after an outage it is the only one until it ends. False: not now. */
  enter(destination: string): boolean {
    if (!this.isOpenTo(destination)) return false;
    const outage = this.#outages.get(destination);
    if (outage) this.#outages.set(destination, { ...outage, probing: true });
    return true;
  }

  /** The destination answered. Returns true when that ends an outage. */
  succeeded(destination: string): boolean {
    return this.#outages.delete(destination);
  }

  /**
   * The destination did not answer, or took nothing; `askedMs` is the wait that it asked for. Calls
   * that fail side by side count as one failure.
   */
  failed(destination: string, askedMs = 0): Failure {
    const before = this.#outages.get(destination);
    const now = this.now();
    if (before && now < before.retryAtMs) return { waitMs: before.retryAtMs - now, began: false };
    const failures = (before?.failures ?? 0) + 1;
    const ownMs = Math.min(backoffMs(failures, this.random()), PROBE_CAP_MS);
    const waitMs = Math.max(ownMs, Math.min(askedMs, ASKED_CAP_MS));
    this.#outages.set(destination, { failures, retryAtMs: now + waitMs, probing: false });
    return { waitMs, began: before === undefined };
  }

  /** A turn ended; one that had nothing to send proved nothing. */
  leave(destination: string): void {
    const outage = this.#outages.get(destination);
    if (outage?.probing) this.#outages.set(destination, { ...outage, probing: false });
  }
}
