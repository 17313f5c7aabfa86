import { Code } from '../proto/gen/google/rpc/code_pb.js';
import { HubClientError } from './hub-client-error.js';
import { unlessAborted, wait } from './wait.js';

/** How a client waits for a hub that has no room for now, or can't be reached. */
export interface PatienceOptions {
  /** Calls at the same time; further ones wait here, where they cost nothing. Unset: 16. */
  readonly inFlight?: number;
  /** Milliseconds of waiting after which a call gives up; the attempts themselves don't count. Unset: 10 minutes. */
  readonly giveUpAfterMs?: number;
  /**
   * Aborted, it cuts every wait short, for another attempt and for a turn, and none begins any more: calls
   * reject with its reason. An attempt that is under way goes on to its own end; give the call a `signal`
   * to end that too.
   */
  readonly signal?: AbortSignal;
  /** 0 to 1, so that clients that were refused together don't come back together. Unset: Math.random. */
  readonly random?: () => number;
}

const IN_FLIGHT = 16;
const GIVE_UP_AFTER_MS = 10 * 60_000;

/** Longest single wait, whatever the hub asks for. */
const WAIT_CAP_MS = 60_000;

/** Waits of a caller that was told nothing: 250 ms, then twice as long each time. */
const FIRST_WAIT_MS = 250;
const UNTOLD_CAP_MS = 10_000;

/** Failures after which nobody knows whether the hub did what it was asked. */
const UNKNOWN: readonly number[] = [Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED];

/**
 * Makes calls that wait and go on by themselves: what a hub refuses for now (RetryInfo) is sent again
 * after the time it asked for and up to half as much more, and what got no answer after a growing
 * time, until it is taken, refused for good, or `giveUpAfterMs` have been waited; then the last error is
 * thrown.
 */
export class Patience {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly options: PatienceOptions = {}) {}

  /**
   * The answer of `call`, which is made as often as needed: only for calls that may be repeated, as all
   * submissions may, since the same message id is never taken twice. Rejects with HubClientError.
   */
  async make<T>(call: () => Promise<T>): Promise<T> {
    return this.#inTurn(() => this.#persist(call, waitAfter));
  }

  /** The same for a call that must not be done twice: repeated only when the hub did nothing of it. */
  async makeOnce<T>(call: () => Promise<T>): Promise<T> {
    return this.#inTurn(() => this.#persist(call, waitUndone));
  }

  /**
   * Waits as long as `error` asks for, the `attempt`-th time (from 0) without progress. Throws the error
   * when waiting does not help or has lasted too long. Resolves to the milliseconds waited.
   */
  async endure(error: unknown, attempt: number, waitedMs: number): Promise<number> {
    return this.#pause(error, waitAfter(error, attempt), waitedMs);
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    while (this.#running >= (this.options.inFlight ?? IN_FLIGHT)) await this.#turn();
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    let mine = (): void => undefined;
    const turn = new Promise<void>((resolve) => this.#waiting.push((mine = resolve)));
    try {
      await unlessAborted(turn, this.options.signal);
    } finally {
      // Who leaves takes no turn from those behind.
      const at = this.#waiting.indexOf(mine);
      if (at >= 0) this.#waiting.splice(at, 1);
    }
  }

  async #persist<T>(call: () => Promise<T>, waitMsOf: typeof waitAfter): Promise<T> {
    for (let [attempt, waitedMs] = [0, 0]; ; attempt += 1) {
      this.options.signal?.throwIfAborted();
      try {
        return await call();
      } catch (error) {
        waitedMs += await this.#pause(error, waitMsOf(error, attempt), waitedMs);
      }
    }
  }

  async #pause(error: unknown, askedMs: number | undefined, waitedMs: number): Promise<number> {
    const { signal, random = Math.random, giveUpAfterMs = GIVE_UP_AFTER_MS } = this.options;
    if (askedMs === undefined || waitedMs >= giveUpAfterMs) throw error;
    const waitMs = Math.min(askedMs * (1 + random() / 2), WAIT_CAP_MS);
    await wait(waitMs, signal);
    return waitMs;
  }
}

/** Milliseconds that a hub asked to wait before it did anything; undefined: it may have done it, or won't. */
function waitUndone(error: unknown): number | undefined {
  if (!(error instanceof HubClientError)) return undefined;
  return error.code === Code.RESOURCE_EXHAUSTED ? error.retryAfterMs : undefined;
}

/** The same for what may be repeated: also when no answer came. */
function waitAfter(error: unknown, attempt: number): number | undefined {
  if (!(error instanceof HubClientError)) return undefined;
  if (!UNKNOWN.includes(error.code)) return waitUndone(error);
  return error.retryAfterMs ?? Math.min(FIRST_WAIT_MS * 2 ** attempt, UNTOLD_CAP_MS);
}
