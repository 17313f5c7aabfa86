import { create } from '@bufbuild/protobuf';
import { DeliveryOutcome, DeliveryResultSchema, Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { createFront } from '../../server/doors/front.js';
import { createGrpcDoor } from '../../server/doors/grpc.js';
import { bindSome } from '../doors/node.js';

/** A province reduced to its door: it takes every delivery, and stores nothing. */
export interface LightProvince {
  readonly code: string;
  readonly url: string;
  /** Ids of the messages that it has acknowledged, by call, in the order of its answers. */
  readonly taken: readonly (readonly string[])[];
  /** Calls that wait for an answer now, and the most there ever were. */
  readonly waiting: number;
  readonly mostWaiting: number;
  stop(): Promise<void>;
}

/** How a light province answers. */
export interface LightProvinceOptions {
  /** Unset: a free one. */
  readonly port?: number;
  /** Answers each call only when this resolves for it; calls are counted from 1. Unset: at once. */
  readonly before?: (call: number) => Promise<void>;
}

/** Starts one that speaks gRPC as a real node does. */
export async function startLightProvince(
  code: string,
  { port = 0, before = () => Promise.resolve() }: LightProvinceOptions = {},
): Promise<LightProvince> {
  const taken: string[][] = [];
  let [calls, waiting, mostWaiting] = [0, 0, 0];
  const bound = bindSome(Exchange, {
    async deliver({ deliveries }, { signal }) {
      calls += 1;
      waiting += 1;
      mostWaiting = Math.max(mostWaiting, waiting);
      const gone = new Promise((resolve) => signal.addEventListener('abort', resolve));
      await Promise.race([before(calls), gone]);
      waiting -= 1;
      // Whoever asked has given up: nothing of it is taken.
      signal.throwIfAborted();
      taken.push(deliveries.map((one) => one.messageId));
      const outcome = DeliveryOutcome.ACCEPTED;
      return { results: deliveries.map(() => create(DeliveryResultSchema, { outcome })) };
    },
  });
  const log = (): void => undefined;
  const nothing = { accept: () => undefined, stop: () => undefined, destroy: () => undefined };
  const front = createFront({ grpc: createGrpcDoor([bound], { log }), http: nothing });
  const listening = await front.listen('127.0.0.1', port);
  return {
    code,
    url: `http://127.0.0.1:${listening}`,
    taken,
    get waiting() {
      return waiting;
    },
    get mostWaiting() {
      return mostWaiting;
    },
    stop: () => front.close(0),
  };
}
