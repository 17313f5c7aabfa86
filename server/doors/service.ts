import type {
  DescMessage,
  DescMethod,
  DescService,
  Message,
  MessageInitShape,
  MessageShape,
} from '@bufbuild/protobuf';
import type { Principal } from '../domain/access/principal.js';

/** Who calls, as far as the door knows. */
export interface Caller {
  /** Address of the other end, for rate limits and the log. To be read while the call lasts. */
  readonly peer: string;
  /** The certificate that the connection was opened with. Unset: none was shown (mutual TLS). */
  readonly certificate?: ClientCertificate | undefined;
  /** The token of `Authorization: Bearer …`. A secret: it goes to the guard and nowhere else. */
  readonly bearer?: string | undefined;
  /** The span that the call is made in (W3C). The caller's word, for traces alone. Unset: none. */
  readonly traceparent?: string | undefined;
  /** A proxy says that it passed the call on, so it does not come from this machine. Unset: no. */
  readonly forwarded?: boolean;
}

/** What a client's certificate says, after its signature was verified. */
export interface ClientCertificate {
  /** 部门 OU of its subject: the role. Unset: none, or more than one. */
  readonly unit: string | undefined;
  /** 名称 CN of its subject: the code. Unset: none, or more than one. */
  readonly name: string | undefined;
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string;
  /** Milliseconds until which it holds; a connection may outlive it. */
  readonly validToMs: number;
}

/** What a service may know of a call besides its message. */
export interface Call {
  /**
   * Aborted when the caller gives up or its deadline passes; when the node stops, for a stream at
   * once and for other calls after the time they have to finish.
   */
  readonly signal: AbortSignal;
  readonly caller: Caller;
  /** Who calls, as it was proved. A door says NOBODY; behind the guard it is who it is. */
  readonly principal: Principal;
  /** True once nobody waits for the answer any more; cheaper to ask than the signal. */
  readonly cancelled: boolean;
  /** Which door the call came through. */
  readonly door: 'grpc' | 'connect';
}

type Request<M extends DescMethod> = MessageShape<M['input']>;
type Response<M extends DescMethod> = MessageInitShape<M['output']>;

/** One implementation of an RPC, whichever door it is called through. Errors are thrown as HubError. */
export type Handler<M extends DescMethod> = M['methodKind'] extends 'unary'
  ? (request: Request<M>, call: Call) => Promise<Response<M>>
  : M['methodKind'] extends 'server_streaming'
    ? (request: Request<M>, call: Call) => AsyncIterable<Response<M>>
    : M['methodKind'] extends 'client_streaming'
      ? (requests: AsyncIterable<Request<M>>, call: Call) => Promise<Response<M>>
      : (requests: AsyncIterable<Request<M>>, call: Call) => AsyncIterable<Response<M>>;

type Answer = MessageInitShape<DescMessage>;

/** A handler by the kind of its method, whatever its messages are. */
export interface HandlerOf {
  readonly unary: (request: Message, call: Call) => Promise<Answer>;
  readonly server_streaming: (request: Message, call: Call) => AsyncIterable<Answer>;
  readonly client_streaming: (requests: AsyncIterable<Message>, call: Call) => Promise<Answer>;
  readonly bidi_streaming: (requests: AsyncIterable<Message>, call: Call) => AsyncIterable<Answer>;
}

/** What to put around the handlers of each kind. Unset: they stay as they are. */
export type Around = {
  readonly [K in keyof HandlerOf]?: (handle: HandlerOf[K], method: DescMethod) => HandlerOf[K];
};

/** All RPCs of a service. */
export type ServiceMethods<S extends DescService> = {
  readonly [K in keyof S['method']]: Handler<S['method'][K]>;
};

/** A service together with its methods, ready to be bound to a door. */
export interface BoundService {
  readonly service: DescService;
  readonly methods: Readonly<Record<string, unknown>>;
}

/** Pairs a service description with its methods; the type checker holds them together. */
export function bindService<S extends DescService>(
  service: S,
  methods: ServiceMethods<S>,
): BoundService {
  return { service, methods: methods as Readonly<Record<string, unknown>> };
}

/** The methods of a bound service with their types, to call it from within the same process. */
export function methodsOf<S extends DescService>(
  service: S,
  bound: BoundService,
): ServiceMethods<S> {
  if (bound.service !== service) throw new Error(`${service.typeName} is bound to something else`);
  return bound.methods as ServiceMethods<S>;
}

/** The service with something around its methods, whichever door they are called through. */
export function aroundEvery({ service, methods }: BoundService, around: Around): BoundService {
  const all = service.methods.map((method): [string, unknown] => {
    const handler = methods[method.localName];
    const wrapped =
      typeof handler === 'function' ? wrap(method.methodKind, handler, method, around) : handler;
    return [method.localName, wrapped];
  });
  return { service, methods: Object.fromEntries(all) };
}

/** `bindService` has checked that the handler is of the kind its method says. */
function wrap<K extends keyof HandlerOf>(
  kind: K,
  handler: unknown,
  method: DescMethod,
  around: Around,
): unknown {
  return around[kind]?.(handler as HandlerOf[K], method) ?? handler;
}
