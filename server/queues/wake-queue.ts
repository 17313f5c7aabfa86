import type { Logger } from 'pino';
import type { Lane } from '../domain/lane.js';
import { openEngine, openTelemetry, QUEUES, type QueueBackend } from './engine.js';

export interface WakeQueueOptions {
  readonly backend: QueueBackend;
  /** True: with BullMQ's own spans. Unset: without. */
  readonly traced?: boolean;
  readonly log: Logger;
  /** Lanes worked at once by this process; 0: this process only wakes others. */
  readonly concurrency: number;
  /** Works a lane; answers the lanes that are to be woken after it. */
  readonly work: (wake: Lane) => Promise<readonly Lane[]>;
}

/** Wake-ups for lanes. Losing one loses nothing: PostgreSQL is the truth and the sweep asks it. */
export interface WakeQueue {
  /** Says that lanes have work. Never throws and is not waited for on the way to a receipt. */
  wake(wakes: readonly Lane[]): void;
  close(): Promise<void>;
}

/** One job per lane at most: one that runs and one that waits, whoever asks and however often. */
function jobFor(wake: Lane) {
  const id = `${wake.destination}-${wake.lane}`;
  return {
    name: QUEUES.deliver,
    data: wake,
    opts: {
      deduplication: { id, keepLastIfActive: true },
      removeOnComplete: true,
      removeOnFail: true,
    },
  };
}

// A killed worker's lane is free again after this; its messages wait no longer than that.
const LOCK = { lockDuration: 10_000, stalledInterval: 5_000, maxStalledCount: 1_000 } as const;

/** Starts the queue, and a worker when this process works. Resolves when both are ready. */
export async function openWakeQueue(options: WakeQueueOptions): Promise<WakeQueue> {
  const { backend, log, concurrency } = options;
  const waiting = new Map<string, Lane>();
  let sending: Promise<void> | undefined;
  let closing = false;

  const engine = openEngine<Lane>({
    name: QUEUES.deliver,
    backend,
    telemetry: options.traced ? await openTelemetry() : undefined,
    concurrency,
    worker: LOCK,
    process: async (lane) => {
      wake(await options.work(lane));
    },
  });
  const complain = (error: Error): void => {
    if (!closing)
      log.warn(
        { failure: error.message },
        '队列不可达,巡检继续 / queue is not reachable, the sweep goes on',
      );
  };
  engine.queue.on('error', complain);
  engine.worker?.on('error', complain);
  engine.worker?.on('failed', (_job, error) => {
    log.error(
      { err: error },
      '一路投递处理中断,由巡检接续 / a lane failed, the sweep takes it up again',
    );
  });

  const send = async (): Promise<void> => {
    while (waiting.size > 0 && !closing) {
      const batch = [...waiting.values()];
      waiting.clear();
      try {
        await engine.queue.addBulk(batch.map(jobFor));
      } catch (error) {
        complain(error as Error);
      }
    }
    sending = undefined;
  };
  const wake = (wakes: readonly Lane[]): void => {
    if (closing) return;
    for (const one of wakes) waiting.set(`${one.destination}/${one.lane}`, one);
    if (waiting.size > 0) sending ??= send();
  };

  await engine.queue.waitUntilReady();
  await engine.worker?.waitUntilReady();
  return {
    wake,
    close: async () => {
      closing = true;
      await sending;
      await engine.worker?.close();
      await engine.queue.close();
      engine.disconnect();
    },
  };
}
