import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../domain/errors.js';
import { principalName } from '../domain/access/principal.js';
import { CallerRate } from './caller-rate.js';
import { addressOf, networkOf } from './peer-network.js';
import { endWhenIdle } from './stream-idle.js';
import { aroundEvery, type BoundService, type Call } from './service.js';

/** What one caller may do at once and in a second. */
export interface CallerLimitOptions {
  /** Calls and streams that have not ended. */
  readonly inFlight: number;
  /** Calls begun in one second. */
  readonly perSecond: number;
  /** Callers whose calls are counted; past it the one that was quiet longest is forgotten. Unset: 10,000. */
  readonly remembered?: number;
  /** Milliseconds after which a stream from a caller that sends nothing ends. Unset: 10 minutes. */
  readonly streamIdleMs?: number;
}

/** Milliseconds after which a stream from a caller that sends nothing ends. */
export const STREAM_IDLE_MS = 10 * 60_000;
const IN_FLIGHT_RETRY_MS = 500;

/** Who a call counts for: who has proved to be somebody, else the network it comes from. */
function callerKeyOf({ caller, principal }: Call): string {
  return principal.code === '' ? networkOf(addressOf(caller.peer)) : principalName(principal);
}

/**
 * Limits of every caller, the same through both doors and for the services together. What is past
 * them gets RESOURCE_EXHAUSTED (TOO_MANY_CALLS) with RetryInfo, and has cost nothing but decoding.
 */
export class CallerLimits {
  readonly #inFlight = new Map<string, number>();
  readonly #rate: CallerRate;

  constructor(private readonly options: CallerLimitOptions) {
    const { perSecond, remembered } = options;
    this.#rate = new CallerRate({ most: perSecond, seconds: 1, remembered });
  }

  /** The service with every call counted. */
  guard(bound: BoundService): BoundService {
    return aroundEvery(bound, {
      unary: (handle) => this.#once(handle),
      server_streaming: (handle) => this.#stream(handle),
      client_streaming: (handle) => this.#once(this.#endIdle(handle)),
      bidi_streaming: (handle) => this.#stream(this.#endIdle(handle)),
    });
  }

  #endIdle<Request, Answer>(
    handle: (requests: AsyncIterable<Request>, call: Call) => Answer,
  ): (requests: AsyncIterable<Request>, call: Call) => Answer {
    const idleMs = this.options.streamIdleMs ?? STREAM_IDLE_MS;
    return (requests, call) => handle(endWhenIdle(requests, idleMs), call);
  }

  /** Does something that counts as a call of `key`. Throws TOO_MANY_CALLS; nothing was done then. */
  async within<T>(key: string, work: () => Promise<T>): Promise<T> {
    await this.#enter(key);
    try {
      return await work();
    } finally {
      this.#leave(key);
    }
  }

  #once<Asked, Answer>(
    handle: (asked: Asked, call: Call) => Promise<Answer>,
  ): (asked: Asked, call: Call) => Promise<Answer> {
    return (asked, call) => this.within(callerKeyOf(call), () => handle(asked, call));
  }

  #stream<Asked, Answer>(
    handle: (asked: Asked, call: Call) => AsyncIterable<Answer>,
  ): (asked: Asked, call: Call) => AsyncIterable<Answer> {
    const enter = this.#enter.bind(this);
    const leave = this.#leave.bind(this);
    return async function* (asked, call) {
      const key = callerKeyOf(call);
      await enter(key);
      try {
        yield* handle(asked, call);
      } finally {
        leave(key);
      }
    };
  }

  async #enter(key: string): Promise<void> {
    const running = this.#inFlight.get(key) ?? 0;
    const { inFlight, perSecond } = this.options;
    if (running >= inFlight) throw tooManyCalls('in-flight', inFlight, IN_FLIGHT_RETRY_MS);
    this.#inFlight.set(key, running + 1);
    const waitMs = await this.#rate.count(key);
    if (waitMs === 0) return;
    this.#leave(key);
    throw tooManyCalls('second', perSecond, waitMs);
  }

  #leave(key: string): void {
    const running = (this.#inFlight.get(key) ?? 1) - 1;
    if (running > 0) this.#inFlight.set(key, running);
    else this.#inFlight.delete(key);
  }
}

function tooManyCalls(per: 'second' | 'in-flight', limit: number, retryAfterMs: number): HubError {
  const zh = per === 'second' ? `每秒最多 ${limit} 次调用` : `同时最多 ${limit} 个未完成的调用`;
  const en = per === 'second' ? `${limit} calls a second` : `${limit} calls at the same time`;
  return new HubError(
    ErrorReason.TOO_MANY_CALLS,
    {
      zh: `调用过于频繁(${zh}),请按提示时间稍后重试。`,
      en: `Too many calls (at most ${en}); try again after the time stated.`,
    },
    { retryAfterMs, metadata: { per, limit: String(limit) } },
  );
}
