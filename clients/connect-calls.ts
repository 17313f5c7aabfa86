import type { DescMethod, DescService } from '@bufbuild/protobuf';
import { createClient, type Interceptor, type Transport } from '@connectrpc/connect';
import {
  buildClient,
  DEFAULT_TIMEOUT_MS,
  type AnyMethod,
  type CallOptions,
  type ClientIdentity,
  type HubClient,
} from './client.js';
import { connectErrorOf } from './connect-error.js';

/** A typed client of `service` over a transport of Connect, of Node or of a browser. */
export function clientOver<S extends DescService>(service: S, transport: Transport): HubClient<S> {
  const client: Record<string, unknown> = createClient<DescService>(service, transport);
  return buildClient(service, (method) => methodOf(method, client[method.localName] as Raw));
}

/** What a transport adds to each call so that the hub knows who calls. */
export function identify({ token }: ClientIdentity): Interceptor[] {
  return token === undefined ? [] : [showToken(token)];
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
