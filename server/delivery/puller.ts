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

/** Deliveries taken before they are worked on together. */
const BATCH = 50;

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
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      await pullOnce(parts, signal, () => {
        failures = 0;
      });
    } catch (error) {
      if (!signal.aborted && failures === 0)
        parts.log.warn(
          { failure: failureText(error) },
          '拉取中断,将重连 / pull ended, reconnecting',
        );
    }
    if (!signal.aborted) await pause(backoffMs(failures + 1, parts.random()), signal);
  }
}

async function pullOnce(
  { node, client, receive }: PullerParts,
  signal: AbortSignal,
  progress: () => void,
): Promise<void> {
  let batch: { readonly id: string; readonly delivery: Delivery }[] = [];
  let working: Promise<void> = Promise.resolve();
  const work = async (taken: typeof batch): Promise<void> => {
    const results = await receive(taken.map((one) => one.delivery));
    const acknowledgements = taken.flatMap(({ id: deliveryId }, index) => {
      const result = results[index];
      return result ? [{ deliveryId, result }] : [];
    });
    await client.acknowledgeMessages({ node, acknowledgements });
    progress();
  };
  const flush = (): Promise<void> => {
    const taken = batch;
    batch = [];
    // One batch after the other, so that an enterprise's messages keep their order (D14).
    working = working.then(() => (taken.length > 0 ? work(taken) : undefined));
    return working;
  };
  for await (const { deliveryId, delivery } of client.pullMessages({ node }, { signal })) {
    if (delivery) batch.push({ id: deliveryId, delivery });
    if (batch.length >= BATCH) await flush();
    else if (batch.length === 1) setImmediate(() => void flush().catch(() => undefined));
  }
  await flush();
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
