import { toBinary, type DescMethod, type DescService } from '@bufbuild/protobuf';
import { ConnectError, createClient, type Interceptor } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-node';
import {
  buildClient,
  DEFAULT_TIMEOUT_MS,
  MAX_ANSWER_BYTES,
  type AnyMethod,
  type CallOptions,
  type ClientIdentity,
  type ClientTls,
  type HubClient,
} from './client.js';
import { HubClientError, type EncodedDetail } from './hub-client-error.js';

/** Settings of a Connect client. */
export interface ConnectClientOptions extends ClientIdentity {
  /** True sends JSON, which a proxy can read; false Protobuf. Unset: Protobuf. */
  readonly json?: boolean;
  /** For `https://`. Unset: the authorities that Node knows. */
  readonly tls?: ClientTls | undefined;
  /** Bytes of one answer. Unset: 32 MiB and a little. */
  readonly maxMessageBytes?: number;
}

/**
 * A typed client of `service` over Connect (HTTP/1.1) at `baseUrl`, such as
 * `http://localhost:7300`. RPCs that stream both ways fail with UNIMPLEMENTED.
 */
export function createConnectClient<S extends DescService>(
  service: S,
  baseUrl: string,
  options: ConnectClientOptions = {},
): HubClient<S> {
  const transport = createConnectTransport({
    httpVersion: '1.1',
    baseUrl,
    useBinaryFormat: options.json !== true,
    readMaxBytes: options.maxMessageBytes ?? MAX_ANSWER_BYTES,
    nodeOptions: { ...options.tls },
    interceptors: options.token === undefined ? [] : [showToken(options.token)],
  });
  const client: Record<string, unknown> = createClient<DescService>(service, transport);
  return buildClient(service, (method) => methodOf(method, client[method.localName] as Raw));
}

function showToken(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set('authorization', `Bearer ${token}`);
    return next(request);
  };
}

type Raw = (input: unknown, options: CallOptions) => unknown;

function methodOf(method: DescMethod, call: Raw): AnyMethod {
  const single = method.methodKind === 'unary' || method.methodKind === 'client_streaming';
  const methodCall = single ? answerOf(method, call) : answersOf(call);
  return methodCall as AnyMethod;
}

function answerOf(method: DescMethod, call: Raw) {
  const unset = method.methodKind === 'unary' ? { timeoutMs: DEFAULT_TIMEOUT_MS } : {};
  return async (input: unknown, options: CallOptions = {}): Promise<unknown> => {
    try {
      return await call(input, { ...unset, ...options });
    } catch (error) {
      throw connectErrorOf(error);
    }
  };
}

function answersOf(call: Raw) {
  return async function* (input: unknown, options: CallOptions = {}): AsyncGenerator<unknown> {
    // Connect does not end a call whose reader leaves the loop; this does.
    const left = new AbortController();
    const cancel = () => left.abort(options.signal?.reason);
    if (options.signal?.aborted) cancel();
    options.signal?.addEventListener('abort', cancel, { once: true });
    try {
      yield* call(input, { ...options, signal: left.signal }) as AsyncIterable<unknown>;
    } catch (error) {
      throw connectErrorOf(error);
    } finally {
      options.signal?.removeEventListener('abort', cancel);
      left.abort();
    }
  };
}

/** The failure of a Connect or gRPC-Web call. What is no such failure stays what it is. */
export function connectErrorOf(error: unknown): unknown {
  if (!(error instanceof ConnectError)) return error;
  return new HubClientError(error.code, error.rawMessage, error.details.map(encoded), error);
}

function encoded(detail: ConnectError['details'][number]): EncodedDetail {
  if (!('desc' in detail)) return { typeUrl: detail.type, value: detail.value };
  const value = toBinary(detail.desc, detail.value as Parameters<typeof toBinary>[1]);
  return { typeUrl: detail.desc.typeName, value };
}
