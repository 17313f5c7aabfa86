import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../domain/errors.js';

interface Waiting<T, R> {
  readonly item: T;
  readonly lanes: readonly string[];
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
  readonly isGone: () => boolean;
}

const STAYS = (): boolean => false;

/** How many batches run at once, how large they get, and how many items may wait. */
export interface BatcherLimits {
  readonly connections: number;
  readonly batchSize: number;
  readonly waiting: number;
}

/**
 * Items of concurrent callers go to the database together (group commit, where they are written), as
 * soon as a connection is free and without any timer, so that an idle node answers at once and a busy
 * one in batches.
 * Items that share a lane (an enterprise, a record) are never in two batches at a time, which keeps
 * their order.
 */
export class Batcher<T, R> {
  readonly #queue: Waiting<T, R>[] = [];
  readonly #busyLanes = new Set<string>();
  #running = 0;

  constructor(
    private readonly work: (items: readonly T[]) => Promise<readonly R[]>,
    private readonly limits: BatcherLimits,
  ) {}

  /** Items that wait for a connection. */
  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Adds items in order; refused as a whole when too many wait already (BACKLOG_FULL). What has not
   * begun when `isGone` says that nobody waits for it any more is left out, and rejects (UNAVAILABLE).
   */
  add(
    items: readonly { readonly item: T; readonly lanes: readonly string[] }[],
    isGone: () => boolean = STAYS,
  ): Promise<R[]> {
    if (this.#queue.length + items.length > this.limits.waiting) throw tooManyWaiting();
    const results = items.map(
      ({ item, lanes }) =>
        new Promise<R>((resolve, reject) => {
          this.#queue.push({ item, lanes, resolve, reject, isGone });
        }),
    );
    // After the current turn of the event loop, so that callers of one turn share a batch.
    setImmediate(() => {
      this.#start();
    });
    return Promise.all(results);
  }

  /** Resolves when nothing waits or runs. */
  async drained(): Promise<void> {
    while (this.#running > 0 || this.#queue.length > 0)
      await new Promise((resolve) => setTimeout(resolve, 5));
  }

  #start(): void {
    while (this.#running < this.limits.connections) {
      const batch = this.#take();
      if (batch.length === 0) return;
      this.#running += 1;
      void this.#run(batch);
    }
  }

  /** The first items of the queue whose lanes are free; an item behind a busy lane blocks its own lane only. */
  #take(): Waiting<T, R>[] {
    const batch: Waiting<T, R>[] = [];
    const left: Waiting<T, R>[] = [];
    const skipped = new Set<string>();
    let read = 0;
    for (; read < this.#queue.length && batch.length < this.limits.batchSize; read += 1) {
      const waiting = this.#queue[read];
      if (!waiting) break;
      if (waiting.isGone()) waiting.reject(callerGone());
      else if (waiting.lanes.some((lane) => this.#busyLanes.has(lane) || skipped.has(lane))) {
        for (const lane of waiting.lanes) skipped.add(lane);
        left.push(waiting);
      } else batch.push(waiting);
    }
    this.#queue.splice(0, read, ...left);
    for (const lane of batch.flatMap((waiting) => waiting.lanes)) this.#busyLanes.add(lane);
    return batch;
  }

  async #run(batch: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await this.work(batch.map((waiting) => waiting.item));
      batch.forEach((waiting, index) => {
        const result = results[index];
        if (result === undefined) waiting.reject(new Error('A batch lost a result.'));
        else waiting.resolve(result);
      });
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    } finally {
      for (const lane of batch.flatMap((waiting) => waiting.lanes)) this.#busyLanes.delete(lane);
      this.#running -= 1;
      this.#start();
    }
  }
}

/** Nobody reads it; the message may be sent again with the same id. */
function callerGone(): HubError {
  return new HubError(ErrorReason.UNAVAILABLE, {
    zh: '调用已取消或超时,未受理。',
    en: 'The call was cancelled or too late; nothing was accepted.',
  });
}

function tooManyWaiting(): HubError {
  return new HubError(
    ErrorReason.BACKLOG_FULL,
    { zh: '节点正忙,请稍后重试。', en: 'The node is busy; try again in a moment.' },
    { retryAfterMs: 500 },
  );
}
