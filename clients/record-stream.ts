import { Code } from '../proto/gen/google/rpc/code_pb.js';
import type { Exchange } from '../proto/gen/zhengzhao/v1/exchange_pb.js';
import type { Batches } from './batches.js';
import type { CallOptions, HubClient } from './client.js';
import { HubClientError } from './hub-client-error.js';
import type { RecordInit } from './hub.js';
import type { Patience } from './patience.js';
import { sortOut, type Settled } from './settled.js';

/** Batches on the line and unanswered: as many as a hub works on at once, and as many again. */
export const WINDOW = 8;

type StreamRecords = HubClient<typeof Exchange>['streamRecords'];

/**
 * Fills a link with records: as many as the hub takes, no more than `WINDOW` batches unanswered, and no
 * faster than the answers are read. A stream that breaks is opened again and what had no answer is sent
 * again in its order; what was taken already comes back as a duplicate. A record that was refused for
 * now can be overtaken by others; of several versions of a record the highest holds. Throws
 * HubClientError when the hub takes nothing for longer than the patience.
 */
export async function* streamInto<T extends RecordInit>(
  streamRecords: StreamRecords,
  batches: Batches<T>,
  patience: Patience,
  options: CallOptions,
): AsyncGenerator<Settled<T>> {
  let open: readonly (readonly T[])[] = [];
  try {
    for (let [attempt, waitedMs] = [0, 0]; ; attempt += 1) {
      const stretch = new Stretch(batches, open);
      for await (const settled of stretch.run(streamRecords, options)) {
        [attempt, waitedMs] = [0, 0];
        yield settled;
      }
      open = stretch.unsettled();
      if (!stretch.why) return;
      // A stream that ended while there was nothing to send is no sign of a hub that takes nothing.
      if (open.length === 0) [attempt, waitedMs] = [0, 0];
      waitedMs += await patience.endure(stretch.why, attempt, waitedMs);
    }
  } finally {
    await batches.close();
  }
}

/** One stream, from its opening until it ends or breaks. */
class Stretch<T extends RecordInit> {
  /** Why it ended before everything was settled. Unset: everything is. */
  why: HubClientError | undefined;
  /** To be sent before anything new. */
  readonly #again: (readonly T[])[];
  readonly #unanswered: (readonly T[])[] = [];
  readonly #refusedForNow: (readonly T[])[] = [];
  #sourceEnded = false;
  #sourceFailure: { readonly error: unknown } | undefined;
  #over = false;
  #halt = (): void => undefined;
  readonly #halted = new Promise<void>((resolve) => (this.#halt = resolve));
  #makeRoom = (): void => undefined;

  constructor(
    private readonly batches: Batches<T>,
    again: readonly (readonly T[])[],
  ) {
    this.#again = [...again];
  }

  /** What must be sent again, in its order. */
  unsettled(): readonly (readonly T[])[] {
    return [...this.#refusedForNow, ...this.#unanswered, ...this.#again];
  }

  async *run(streamRecords: StreamRecords, options: CallOptions): AsyncGenerator<Settled<T>> {
    try {
      for await (const { results } of streamRecords(this.#requests(), options)) {
        const batch = this.#unanswered.shift() ?? [];
        this.#makeRoom();
        const { settled, later, why } = sortOut(batch, results);
        if (later.length > 0) this.#putOff(later, why);
        yield* settled;
      }
      if (this.unsettled().length > 0 || !(this.#sourceEnded || this.#sourceFailure))
        this.why ??= brokenOff(undefined);
    } catch (error) {
      this.why = breakOf(error, options);
    } finally {
      this.#stop();
    }
    if (this.#sourceFailure && !this.why) throw this.#sourceFailure.error;
  }

  async *#requests(): AsyncGenerator<{ records: T[] }> {
    for (;;) {
      while (!this.#over && this.#unanswered.length >= WINDOW)
        await new Promise<void>((resolve) => (this.#makeRoom = resolve));
      const batch = this.#again[0] ?? (await this.#fresh());
      if (this.#over || batch === undefined) return;
      if (this.#again.length > 0) this.#again.shift();
      else this.batches.take();
      this.#unanswered.push(batch);
      yield { records: [...batch] };
    }
  }

  /** The next batch of the source; undefined when there is none, or this stream is over before it comes. */
  async #fresh(): Promise<readonly T[] | undefined> {
    const next = this.batches.peek().then((batch) => {
      if (batch === undefined) this.#sourceEnded = true;
      return batch;
    });
    const failed = (error: unknown): undefined => {
      this.#sourceFailure = { error };
    };
    return (await Promise.race([next.catch(failed), this.#halted])) ?? undefined;
  }

  /** Nothing more is written; what is on the line is still answered. */
  #putOff(later: readonly T[], why: HubClientError | undefined): void {
    this.#refusedForNow.push(later);
    this.why = why;
    this.#stop();
  }

  #stop(): void {
    this.#over = true;
    this.#halt();
    this.#makeRoom();
  }
}

/** Failures of a line, when no hub gave a reason for them. */
const BREAKS: readonly number[] = [Code.CANCELLED, Code.INTERNAL, Code.UNKNOWN];

/** Why a stream broke; throws what opening it again would not mend. */
function breakOf(error: unknown, { signal }: CallOptions): HubClientError {
  if (!(error instanceof HubClientError) || signal?.aborted === true) throw error;
  const isBreak = error.reason === undefined && BREAKS.includes(error.code);
  return isBreak ? brokenOff(error) : error;
}

function brokenOff(cause: HubClientError | undefined): HubClientError {
  return new HubClientError(Code.UNAVAILABLE, '流中断 / the stream broke off', [], cause);
}
