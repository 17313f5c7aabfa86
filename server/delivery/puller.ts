import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Delivery, DeliveryResult, Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { HubClient } from '../../clients/client.js';
import { backoffMs } from './backoff.js';
import { failureText } from './link.js';

/** What pulling needs: for a province that the national node can't call. */
export interface PullerParts {
  readonly node: string;
  readonly client: Pick<HubClient<typeof Exchange>, 'pullMessages' | 'acknowledgeMessages'>;
  readonly receive: (deliveries: readonly Delivery[]) => Promise<readonly DeliveryResult[]>;
  readonly random: () => number;
  readonly log: Logger;
}

/** Most deliveries worked on together; more wait in the stream. */
const BATCH = 50;
/** Longest wait before the stream is opened again. */
const RECONNECT_CAP_MS = 30_000;

/** Follows the stream of its upstream until it is stopped, and connects again after a failure. */
export function startPuller(parts: PullerParts): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = follow(parts, stopping.signal);
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function follow(parts: PullerParts, signal: AbortSignal): Promise<void> {
  let failures = 0;
  const progress = (): void => {
    failures = 0;
  };
  while (!signal.aborted) {
    try {
      await pullOnce(parts, signal, progress);
    } catch (error) {
      if (!signal.aborted && failures === 0)
        parts.log.warn(
          { failure: failureText(error) },
          '拉取中断,将重连 / pull ended, reconnecting',
        );
    }
    failures += 1;
    const waitMs = Math.min(backoffMs(failures, parts.random()), RECONNECT_CAP_MS);
    await pause(waitMs, undefined, { signal }).catch(() => undefined);
  }
}

interface Pulled {
  readonly deliveryId: string;
  readonly attempt: number;
  readonly delivery: Delivery;
}

/**
 * One stream, until it ends or something fails: the stream then ends too, and what was not
 * acknowledged comes again with the next one.
 */
async function pullOnce(
  parts: PullerParts,
  signal: AbortSignal,
  progress: () => void,
): Promise<void> {
  const ending = new AbortController();
  const waiting: Pulled[] = [];
  let working: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;
  const work = async (): Promise<void> => {
    try {
      while (waiting.length > 0) await takeBatch(waiting.splice(0, BATCH), parts, progress);
    } catch (error) {
      failure = { error };
      ending.abort();
    }
    working = undefined;
  };
  try {
    const stream = parts.client.pullMessages(
      { node: parts.node },
      { signal: AbortSignal.any([signal, ending.signal]) },
    );
    for await (const { deliveryId, attempt, delivery } of stream) {
      if (!delivery) continue;
      waiting.push({ deliveryId, attempt, delivery });
      // One batch after the other; while one is worked on, the next one gathers.
      working ??= work();
      if (waiting.length >= BATCH) await working;
    }
  } catch (error) {
    failure ??= { error };
  }
  await working;
  if (failure) throw failure.error;
}

async function takeBatch(
  taken: readonly Pulled[],
  { node, client, receive }: PullerParts,
  progress: () => void,
): Promise<void> {
  const results = await receive(taken.map((one) => one.delivery));
  const acknowledgements = taken.flatMap(({ deliveryId, attempt }, index) => {
    const result = results[index];
    return result ? [{ deliveryId, attempt, result }] : [];
  });
  await client.acknowledgeMessages({ node, acknowledgements });
  progress();
}
