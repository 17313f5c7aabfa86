import { wait } from './wait.js';

/** Messages of a batch; a hub takes no more. */
export const BATCH_SIZE = 500;

/** Bytes of a batch, well below the 16 MiB that a hub takes. */
const BATCH_BYTES = 8 * 1024 * 1024;

/** Milliseconds that a batch waits for a source that pauses. */
const LINGER_MS = 10;

/** Where messages come from. It is read no faster than they can be sent. */
export type Source<T> = Iterable<T> | AsyncIterable<T>;

/**
 * A source cut into batches: one is full, or the source has nothing more for now. The next batch may
 * be looked at by several; it stays the next one until it is taken.
 */
export class Batches<T> {
  readonly #iterator: Iterator<T> | AsyncIterator<T>;
  /** The next message, asked for and not yet in a batch. */
  #message: Promise<IteratorResult<T>> | undefined;
  /** Whether the source has still to give it. */
  #asking = false;
  #batch: Promise<readonly T[] | undefined> | undefined;

  constructor(
    source: Source<T>,
    private readonly bytesOf: (message: T) => number,
    /** Messages of a batch, at most 500. */
    private readonly most = BATCH_SIZE,
  ) {
    this.#iterator =
      Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  }

  /** The next batch; undefined at the end. Rejects, once all before is taken, when the source fails. */
  peek(): Promise<readonly T[] | undefined> {
    return (this.#batch ??= this.#gather());
  }

  /** Makes the batch behind this one the next. */
  take(): void {
    this.#batch = undefined;
  }

  /** Tells the source that no more is wanted. A source that waits hears of it when it goes on, if ever. */
  async close(): Promise<void> {
    const told = this.#tell();
    // A generator ends behind the message that it is asked for; its reader must not wait for that.
    if (this.#asking) told.catch(() => undefined);
    else await told;
  }

  async #tell(): Promise<void> {
    await this.#iterator.return?.();
  }

  async #gather(): Promise<T[] | undefined> {
    const batch: T[] = [];
    let bytes = 0;
    let pause: Promise<undefined> | undefined;
    for (;;) {
      this.#message ??= this.#ask();
      const next = await this.#soonest(batch, (pause ??= lingering()));
      if (next === undefined) return batch;
      if (next.done === true) return batch.length > 0 ? batch : undefined;
      const size = this.bytesOf(next.value);
      if (batch.length > 0 && bytes + size > BATCH_BYTES) return batch;
      this.#message = undefined;
      batch.push(next.value);
      bytes += size;
      if (batch.length >= this.most) return batch;
    }
  }

  async #ask(): Promise<IteratorResult<T>> {
    this.#asking = true;
    try {
      return await this.#iterator.next();
    } finally {
      this.#asking = false;
    }
  }

  /** The next message; undefined when the batch is to leave without it. */
  async #soonest(
    batch: readonly T[],
    pause: Promise<undefined>,
  ): Promise<IteratorResult<T> | undefined> {
    if (batch.length === 0) return this.#message;
    // A source that fails does so with the next batch; what it gave before is not lost.
    return Promise.race([this.#message, pause]).catch(() => undefined);
  }
}

async function lingering(): Promise<undefined> {
  await wait(LINGER_MS);
  return undefined;
}
