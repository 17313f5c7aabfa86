import type { DescMethod, DescService } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { createGrpcWebTransport } from '@connectrpc/connect-node';
import { connectErrorOf } from '../../clients/connect-error.js';
import { createConnectClient } from '../../clients/connect.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { HubClientError } from '../../clients/hub-client-error.js';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';

/** The four services of the contract. */
export const SERVICES: readonly DescService[] = [ScopeCatalog, Registration, Exchange, DataCenter];

/** Every RPC of the contract. */
export const METHODS: readonly DescMethod[] = SERVICES.flatMap((service) => service.methods);

/** The first answer to a request. Fails with HubClientError. */
export type Ask = (method: DescMethod, request: object) => Promise<unknown>;

/** A door of a node, to be asked RPCs by descriptor. */
export interface OpenDoor {
  readonly ask: Ask;
  close(): void;
}

type AnyCall = (input: unknown, options?: object) => unknown;

const TIMEOUT_MS = 5_000;

function clientsBy(make: (service: DescService) => object): Ask {
  const made = new Map<string, Record<string, AnyCall>>();
  return async (method, request) => {
    const { typeName } = method.parent;
    const client = made.get(typeName) ?? (make(method.parent) as Record<string, AnyCall>);
    made.set(typeName, client);
    const streams = method.methodKind === 'bidi_streaming';
    const input = streams ? once(request) : request;
    return firstOf(client[method.localName]?.(input, { timeoutMs: TIMEOUT_MS }));
  };
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value;
}

async function firstOf(answer: unknown): Promise<unknown> {
  const answers = (await answer) as object;
  if (!(Symbol.asyncIterator in answers)) return answers;
  for await (const one of answers as AsyncIterable<unknown>) return one;
  return undefined;
}

/** Opens the doors of a node at an address. */
export const doors: Readonly<Record<string, (address: string) => OpenDoor>> = {
  gRPC: (address) => {
    const made: { close(): void }[] = [];
    const ask = clientsBy((service) => {
      const client = createGrpcClient(service, address);
      made.push(client);
      return client;
    });
    return {
      ask,
      close: () => {
        for (const client of made) client.close();
      },
    };
  },
  'Connect with JSON': (address) => ({
    ask: clientsBy((service) => createConnectClient(service, `http://${address}`, { json: true })),
    close: () => undefined,
  }),
  'gRPC-Web': (address) => {
    const transport = createGrpcWebTransport({ baseUrl: `http://${address}`, httpVersion: '1.1' });
    const ask = clientsBy((service) => createClient(service, transport));
    return {
      ask: (method, request) =>
        ask(method, request).catch((error: unknown) => {
          throw connectErrorOf(error);
        }),
      close: () => undefined,
    };
  },
};

/** How a call ended: `OK`, or the name of its code. */
export async function endOf(answer: Promise<unknown>): Promise<string> {
  const error = await failureOf(answer);
  return error?.codeName ?? 'OK';
}

/** The failure of a call; undefined when it was answered. */
export async function failureOf(answer: Promise<unknown>): Promise<HubClientError | undefined> {
  try {
    await answer;
    return undefined;
  } catch (error) {
    if (error instanceof HubClientError) return error;
    throw error;
  }
}
