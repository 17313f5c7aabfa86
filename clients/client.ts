import type { DescMethod, DescService, MessageInitShape, MessageShape } from '@bufbuild/protobuf';

/** Settings of one call. */
export interface CallOptions {
  /** Milliseconds until the call fails with DEADLINE_EXCEEDED. Unset: 30 s; a stream has no limit. */
  readonly timeoutMs?: number;
  /** Ends the call with CANCELLED. */
  readonly signal?: AbortSignal;
}

/** How a client shows who it is, where it has no certificate. */
export interface ClientIdentity {
  /** Token of the node, `zzh_…`; sent as `Authorization: Bearer`. Unset: none. */
  readonly token?: string | undefined;
}

/** Milliseconds for a call that states none. */
export const DEFAULT_TIMEOUT_MS = 30_000;

/** Bytes of an answer that a client takes: the hub sends 32 MiB at most. */
export const MAX_ANSWER_BYTES = 32 * 1024 * 1024 + 64 * 1024;

type Request<M extends DescMethod> = MessageInitShape<M['input']>;
type Response<M extends DescMethod> = MessageShape<M['output']>;

/** One RPC as a function. It fails with HubClientError. */
export type Method<M extends DescMethod> = M['methodKind'] extends 'unary'
  ? (request: Request<M>, options?: CallOptions) => Promise<Response<M>>
  : M['methodKind'] extends 'server_streaming'
    ? (request: Request<M>, options?: CallOptions) => AsyncIterable<Response<M>>
    : M['methodKind'] extends 'client_streaming'
      ? (requests: AsyncIterable<Request<M>>, options?: CallOptions) => Promise<Response<M>>
      : (requests: AsyncIterable<Request<M>>, options?: CallOptions) => AsyncIterable<Response<M>>;

/** All RPCs of a service. A stream begins when it is first read, and leaving its loop ends it. */
export type HubClient<S extends DescService> = {
  readonly [K in keyof S['method']]: Method<S['method'][K]>;
};

/** The four kinds of RPC, of any messages. */
export type AnyMethod =
  | Method<DescMethod & { methodKind: 'unary' }>
  | Method<DescMethod & { methodKind: 'server_streaming' }>
  | Method<DescMethod & { methodKind: 'client_streaming' }>
  | Method<DescMethod & { methodKind: 'bidi_streaming' }>;

/** Builds a client from one function per RPC. */
export function buildClient<S extends DescService>(
  service: S,
  build: (method: DescMethod) => AnyMethod,
): HubClient<S> {
  const methods = service.methods.map((method) => [method.localName, build(method)]);
  return Object.fromEntries(methods) as HubClient<S>;
}
