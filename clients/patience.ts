import { setTimeout as sleep } from 'node:timers/promises';
import { Code } from '#gen/google/rpc/code_pb.js';
import { HubClientError } from './hub-client-error.js';

/** How a client waits for a hub that has no room for now. */
export interface PatienceOptions {
  /** Calls at the same time; further ones wait here, where they cost nothing. Unset: 16. */
  readonly inFlight?: number;
  /** Milliseconds after which a call that was told to wait gives up. Unset: 10 minutes. */
  readonly giveUpAfterMs?: number;
  /** Ends all waiting; calls then reject with its reason. */
  readonly signal?: AbortSignal;
  /** 0 to 1, so that clients that were refused together don't come back together. Unset: Math.random. */
  readonly random?: () => number;
}

const IN_FLIGHT = 16;
const GIVE_UP_AFTER_MS = 10 * 60_000;

/** Longest single wait, whatever the hub asks for. */
const WAIT_CAP_MS = 60_000;

const PASSING: readonly number[] = [Code.RESOURCE_EXHAUSTED, Code.UNAVAILABLE];

/**
 * Makes calls that wait and go on by themselves: what a hub refuses for now (RetryInfo) is sent again
 * after the time it asked for and up to half as much more, until it is taken, refused for good, or
 * `giveUpAfterMs` have passed; then the last error is thrown. Only for calls that may be repeated,
 * as all submissions may: the same message id is never taken twice.
 */
export class Patience {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly options: PatienceOptions = {}) {}

  /** The answer of `call`, which is made as often as needed. Rejects with HubClientError. */
  async make<T>(call: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await this.#persist(call);
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #enter(): Promise<void> {
    while (this.#running >= (this.options.inFlight ?? IN_FLIGHT))
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
  }

  async #persist<T>(call: () => Promise<T>): Promise<T> {
    const { signal, random = Math.random, giveUpAfterMs = GIVE_UP_AFTER_MS } = this.options;
    for (let waitedMs = 0; ;) {
      signal?.throwIfAborted();
      try {
        return await call();
      } catch (error) {
        const askedMs = askedWaitOf(error);
        if (askedMs === undefined || waitedMs >= giveUpAfterMs) throw error;
        const waitMs = Math.min(askedMs * (1 + random() / 2), WAIT_CAP_MS);
        await sleep(waitMs, undefined, signal ? { signal } : {});
        waitedMs += waitMs;
      }
    }
  }
}

/** Milliseconds that the hub asked to wait; undefined when waiting does not help. */
function askedWaitOf(error: unknown): number | undefined {
  if (!(error instanceof HubClientError) || !PASSING.includes(error.code)) return undefined;
  return error.retryAfterMs;
}
