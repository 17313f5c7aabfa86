import type { DescMethod, DescService, Message } from '@bufbuild/protobuf';
import {
  Client,
  credentials,
  Metadata,
  status,
  type ChannelCredentials,
  type ChannelOptions,
  type ServiceError,
} from '@grpc/grpc-js';
import {
  buildClient,
  DEFAULT_TIMEOUT_MS,
  MAX_ANSWER_BYTES,
  type AnyMethod,
  type CallOptions,
  type ClientIdentity,
  type HubClient,
} from './client.js';
import { openConnection } from './grpc-connection.js';
import { grpcErrorOf } from './grpc-error.js';
import { readAnswers, sendRequests } from './grpc-streams.js';
import { cancelOn, limitsOf, wireOf, type Init } from './grpc-wire.js';
import type { ClientTls, RenewableTls } from './tls.js';

/** Settings of a gRPC client. */
export interface GrpcClientOptions extends ClientIdentity {
  /** Unset: plaintext, unless the address begins with `https://`. */
  readonly tls?: ClientTls | RenewableTls | undefined;
  /** Bytes of one answer. Unset: 32 MiB and a little. */
  readonly maxMessageBytes?: number;
  /** Further metadata of each call, asked when it is made, such as `traceparent`. Unset: none. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
  /** Further options of the channel, which win over the client's own. */
  readonly channelOptions?: Partial<ChannelOptions>;
}

/** A typed client of one service over gRPC; one connection, which is made again when it breaks. */
export type GrpcClient<S extends DescService> = HubClient<S> & {
  /** Ends the connection; calls in flight fail with UNAVAILABLE or CANCELLED. */
  close(): void;
};

/**
 * A client of `service` at `address`: `host:port`, `http://host:port` or `https://host:port`. It
 * connects with the first call.
 */
export function createGrpcClient<S extends DescService>(
  service: S,
  address: string,
  options: GrpcClientOptions = {},
): GrpcClient<S> {
  const [, scheme, target = address] = /^(https?):\/\/([^/]+)\/?$/.exec(address) ?? [];
  const secure = options.tls !== undefined || scheme === 'https';
  const channelOptions = {
    'grpc.max_receive_message_length': options.maxMessageBytes ?? MAX_ANSWER_BYTES,
    'grpc.max_send_message_length': -1,
    'grpc-node.flow_control_window': 1024 * 1024,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.enable_channelz': 0,
    // A node that restarts is back within seconds; the default waits up to two minutes.
    'grpc.max_reconnect_backoff_ms': 10_000,
    ...options.channelOptions,
  };
  const connection = openConnection(
    (tls) => new Client(target, credentialsOf(secure, tls ?? {}), channelOptions),
    options.tls,
  );
  const line: Line = { client: connection.current, metadata: () => metadataOf(options) };
  const methods = buildClient(service, (method) => methodOf(line, method));
  return { ...methods, close: connection.close };
}

/** What a call is made with. */
interface Line {
  readonly client: () => Client;
  readonly metadata: () => Metadata;
}

function metadataOf({ token, headers }: GrpcClientOptions): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers?.() ?? {})) metadata.set(name, value);
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  return metadata;
}

function credentialsOf(secure: boolean, { ca, key, cert }: ClientTls): ChannelCredentials {
  if (!secure) return credentials.createInsecure();
  const bytes = (pem: string | Buffer | undefined) => (pem === undefined ? null : Buffer.from(pem));
  return credentials.createSsl(bytes(ca), bytes(key), bytes(cert));
}

function methodOf(line: Line, method: DescMethod): AnyMethod {
  switch (method.methodKind) {
    case 'unary':
      return unary(line, method);
    case 'server_streaming':
      return serverStreaming(line, method);
    case 'client_streaming':
      return clientStreaming(line, method);
    case 'bidi_streaming':
      return bidiStreaming(line, method);
  }
}

function unary({ client, metadata }: Line, method: DescMethod) {
  const { path, encode, decode } = wireOf(method);
  return (request: Init, options: CallOptions = {}): Promise<Message> =>
    new Promise((resolve, reject) => {
      let release = () => {};
      const done = (error: ServiceError | null, answer?: Message) => {
        release();
        if (answer !== undefined && error === null) resolve(answer);
        else reject(grpcErrorOf(error ?? NO_ANSWER));
      };
      const limits = limitsOf(options, DEFAULT_TIMEOUT_MS);
      const call = client().makeUnaryRequest(
        path,
        encode,
        decode,
        request,
        metadata(),
        limits,
        done,
      );
      release = cancelOn(options.signal, call);
    });
}

function serverStreaming({ client, metadata }: Line, method: DescMethod) {
  const { path, encode, decode } = wireOf(method);
  return async function* (request: Init, options: CallOptions = {}): AsyncGenerator<Message> {
    const call = client().makeServerStreamRequest(
      path,
      encode,
      decode,
      request,
      metadata(),
      limitsOf(options),
    );
    const release = cancelOn(options.signal, call);
    try {
      yield* readAnswers(call);
    } finally {
      release();
    }
  };
}

function clientStreaming({ client, metadata }: Line, method: DescMethod) {
  const { path, encode, decode } = wireOf(method);
  return (requests: AsyncIterable<Init>, options: CallOptions = {}): Promise<Message> =>
    new Promise((resolve, reject) => {
      let release = () => {};
      const call = client().makeClientStreamRequest<Init, Message>(
        path,
        encode,
        decode,
        metadata(),
        limitsOf(options),
        (error, answer) => {
          release();
          if (answer !== undefined && error === null) resolve(answer);
          else reject(grpcErrorOf(error ?? NO_ANSWER));
        },
      );
      release = cancelOn(options.signal, call);
      sendRequests(call, requests).catch(reject);
    });
}

function bidiStreaming({ client, metadata }: Line, method: DescMethod) {
  const { path, encode, decode } = wireOf(method);
  return async function* (
    requests: AsyncIterable<Init>,
    options: CallOptions = {},
  ): AsyncGenerator<Message> {
    const call = client().makeBidiStreamRequest<Init, Message>(
      path,
      encode,
      decode,
      metadata(),
      limitsOf(options),
    );
    const release = cancelOn(options.signal, call);
    let failure: { readonly error: unknown } | undefined;
    const sending = sendRequests(call, requests).catch((error: unknown) => (failure = { error }));
    try {
      yield* readAnswers(call);
    } catch (error) {
      throw failure ? failure.error : error;
    } finally {
      release();
      void sending;
    }
  };
}

const NO_ANSWER = {
  code: status.INTERNAL,
  details: '没有应答 / no answer',
  metadata: new Metadata(),
};
