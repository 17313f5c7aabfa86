import { create } from '@bufbuild/protobuf';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import {
  AcknowledgeMessagesResponseSchema,
  DeliveryOutcome,
  DeliveryResultSchema,
  PullMessagesResponseSchema,
  type DeliveryResult,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { startPuller, type PullerParts } from '../../server/delivery/puller.js';
import { eventually } from '../support/nodes.js';

type Client = PullerParts['client'];

/** An upstream that streams what nobody acknowledged yet, and keeps each stream open. */
class Upstream {
  readonly acknowledged: string[] = [];
  streams = 0;

  constructor(private readonly ids: readonly string[]) {}

  readonly client: Client = {
    pullMessages: (_request, options) => this.#stream(options?.signal),
    acknowledgeMessages: ({ acknowledgements = [] }) => {
      this.acknowledged.push(...acknowledgements.map((one) => one.deliveryId ?? ''));
      return Promise.resolve(create(AcknowledgeMessagesResponseSchema));
    },
  };

  async *#stream(signal: AbortSignal | undefined) {
    this.streams += 1;
    for (const deliveryId of this.ids.filter((id) => !this.acknowledged.includes(id)))
      yield create(PullMessagesResponseSchema, { deliveryId, delivery: { messageId: deliveryId } });
    await new Promise((_resolve, reject) => {
      const end = (): void => {
        reject(new Error('aborted'));
      };
      if (signal?.aborted) end();
      else signal?.addEventListener('abort', end, { once: true });
    });
  }
}

function puller(upstream: Upstream, receive: PullerParts['receive']) {
  const log = pino({ level: 'silent' });
  return startPuller({ node: '330000', client: upstream.client, log, random: () => 0, receive });
}

const taken: DeliveryResult = create(DeliveryResultSchema, { outcome: DeliveryOutcome.ACCEPTED });

describe('pulling', () => {
  it('D14 works on one batch after the other, in the order of the stream', async () => {
    const ids = Array.from({ length: 120 }, (_, index) => String(index + 1));
    const upstream = new Upstream(ids);
    let atOnce = 0;
    const received: string[] = [];
    const running = puller(upstream, async (deliveries) => {
      atOnce += 1;
      expect(atOnce).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 2));
      received.push(...deliveries.map((one) => one.messageId));
      atOnce -= 1;
      return deliveries.map(() => taken);
    });
    await eventually(async () => {
      await Promise.resolve();
      expect(upstream.acknowledged).toEqual(ids);
    });
    expect(received).toEqual(ids);
    await running.stop();
  });

  it('opens the stream again when a batch could not be taken, and acknowledges nothing of it', async () => {
    const upstream = new Upstream(['1', '2', '3']);
    let failing = true;
    const running = puller(upstream, (deliveries) => {
      if (failing) {
        failing = false;
        return Promise.reject(new Error('the database is away'));
      }
      return Promise.resolve(deliveries.map(() => taken));
    });
    await eventually(async () => {
      await Promise.resolve();
      expect([...upstream.acknowledged].sort()).toEqual(['1', '2', '3']);
    });
    expect(upstream.streams).toBe(2);
    await running.stop();
  });

  it('stops also while it waits for its upstream, which says nothing', async () => {
    const upstream = new Upstream([]);
    const running = puller(upstream, () => Promise.resolve([]));
    await eventually(async () => {
      await Promise.resolve();
      expect(upstream.streams).toBe(1);
    });
    await running.stop();
  });
});
