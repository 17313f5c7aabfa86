import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { createGrpcClient, type GrpcClient } from '../../clients/grpc.js';
import type { RenewableTls } from '../../clients/tls.js';
import type { Link } from './link.js';

/** gRPC clients of the nodes that this one calls. */
export interface Neighbours {
  /** Codes of the nodes that can be called. */
  readonly codes: readonly string[];
  /** Undefined for a node without an address, which pulls instead. */
  client(node: string): GrpcClient<typeof Exchange> | undefined;
  link(node: string): Link | undefined;
  close(): void;
}

const DELIVER_TIMEOUT_MS = 30_000;

/** Makes a client per address; each connects with its first call. `headers`: further ones of each call. */
export function openNeighbours(
  ownNode: string,
  addresses: ReadonlyMap<string, string>,
  tls: RenewableTls | undefined,
  headers?: () => Readonly<Record<string, string>>,
): Neighbours {
  const clients = new Map(
    [...addresses].map(([node, address]) => [
      node,
      createGrpcClient(Exchange, address, { tls, headers }),
    ]),
  );
  return {
    codes: [...clients.keys()],
    client: (node) => clients.get(node),
    link: (node) => {
      const client = clients.get(node);
      if (!client) return undefined;
      return {
        deliver: async (deliveries) => {
          const answer = await client.deliver(
            { fromNode: ownNode, toNode: node, deliveries: [...deliveries] },
            { timeoutMs: DELIVER_TIMEOUT_MS },
          );
          return answer.results;
        },
      };
    },
    close: () => {
      for (const client of clients.values()) client.close();
    },
  };
}
