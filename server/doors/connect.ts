import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { DescMethod, DescMethodClientStreaming } from '@bufbuild/protobuf';
import {
  Code,
  ConnectError,
  createConnectRouter,
  createContextKey,
  createContextValues,
  type ConnectRouter,
  type ContextValues,
  type HandlerContext,
  type MethodImpl,
} from '@connectrpc/connect';
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from '@connectrpc/connect-node';
import { createLinkedAbortController, type UniversalHandler } from '@connectrpc/connect/protocol';
import { NOBODY } from '../domain/access/principal.js';
import { translateErrors } from './connect-errors.js';
import { callerOf } from './credentials.js';
import { explainUndecodable } from './connect-undecodable.js';
import { MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES } from './door.js';
import { nodeStopping, type LogDefect } from './errors.js';
import { HalfReceived } from './half-received.js';
import { sendText } from './http-text.js';
import { networkOf } from './peer-network.js';
import type { BoundService, Call, Caller } from './service.js';

/** Settings of the Connect door. */
export interface ConnectOptions {
  /** Writes defects to the log. */
  readonly log: LogDefect;
  /** Aborted when the node stops; streams end then. */
  readonly stopping: AbortSignal;
  /** Account of requests that have come in part. Unset: its own. */
  readonly halfReceived?: HalfReceived;
  /** Bytes of one request, also after decompression; more is RESOURCE_EXHAUSTED. Unset: 16 MiB and a little. */
  readonly maxRequestBytes?: number;
}

const callerKey = createContextKey<Caller>({ peer: 'unknown' }, { description: 'caller' });

/**
 * The services over Connect, gRPC-Web and plain JSON (HTTP/1.1). Returns undefined for a path that
 * is no RPC. A JSON field that the contract does not know is refused (R44).
 */
export function createConnectHandler(
  services: readonly BoundService[],
  options: ConnectOptions,
): (request: IncomingMessage) => RequestListener | undefined {
  const router = createConnectRouter({
    grpc: false,
    jsonOptions: { ignoreUnknownFields: false },
    readMaxBytes: options.maxRequestBytes ?? MAX_REQUEST_BYTES,
    writeMaxBytes: MAX_RESPONSE_BYTES,
    acceptCompression: [compressionGzip, compressionBrotli],
    interceptors: [translateErrors(options.log, options.stopping)],
  });
  for (const bound of services) addService(router, bound, options.stopping);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));
  const held = options.halfReceived ?? new HalfReceived();
  return (request) => {
    const handler = handlers.get(request.url?.split('?', 1)[0] ?? '');
    return handler && ((req, res) => void serve(handler, req, res, held));
  };
}

function addService(
  router: ConnectRouter,
  { service, methods }: BoundService,
  stopping: AbortSignal,
) {
  for (const method of service.methods) {
    const handler = methods[method.localName];
    if (typeof handler !== 'function') {
      throw new Error(`${service.typeName}.${method.name} has no implementation`);
    }
    if (method.methodKind === 'bidi_streaming') refuseBidi(router, method);
    else router.rpc(method, implement(method, handler as AnyHandler, stopping));
  }
}

type AnyHandler = (input: unknown, call: Call) => unknown;

/** `bindService` has checked the handler against its method; both doors call it in the same way. */
function implement(method: DescMethod, handler: AnyHandler, stopping: AbortSignal) {
  const about = (context: HandlerContext, signal: AbortSignal): Call => ({
    door: 'connect',
    caller: context.values.get(callerKey),
    principal: NOBODY,
    signal,
    get cancelled() {
      return signal.aborted;
    },
  });
  const unary = (input: unknown, context: HandlerContext) =>
    handler(input, about(context, context.signal));
  const stream = (input: unknown, context: HandlerContext) => {
    const { signal } = createLinkedAbortController(context.signal, stopping);
    const answer = handler(input, about(context, signal));
    const streams = method.methodKind === 'server_streaming';
    return streams ? endWithNode(answer as AsyncIterable<unknown>, stopping) : answer;
  };
  return (method.methodKind === 'unary' ? unary : stream) as MethodImpl<DescMethod>;
}

/** A handler that left its loop because the node stops has not told all it had to tell. */
async function* endWithNode(answers: AsyncIterable<unknown>, stopping: AbortSignal) {
  yield* answers;
  if (stopping.aborted) throw nodeStopping();
}

/**
 * HTTP/1.1 cannot carry both directions at once, and Connect answers a bare 505. Registered as
 * client streaming the call gets an error that its client can show.
 */
function refuseBidi(router: ConnectRouter, method: DescMethod): void {
  const refusable = { ...method, methodKind: 'client_streaming' } as DescMethodClientStreaming;
  router.rpc(refusable, () => {
    throw new ConnectError(
      `${method.name} 为双向流,只能通过 gRPC (HTTP/2) 调用。 / ${method.name} streams both ways and is offered over gRPC (HTTP/2) only.`,
      Code.Unimplemented,
    );
  });
}

async function serve(
  handler: UniversalHandler,
  req: IncomingMessage,
  res: ServerResponse,
  held: HalfReceived,
): Promise<void> {
  res.once('finish', () => discardRest(req));
  try {
    const request = readRequest(req, res, held);
    if (request === undefined)
      return sendText(res, 400, '请求头无效。\nThe request headers are not valid.');
    const response = await explainUndecodable(await handler(request));
    if (response.body === undefined && response.status >= 400) {
      return sendText(res, response.status, explainStatus(response.status));
    }
    await universalResponseToNodeResponse(response, res);
  } catch {
    // The connection is gone, or broke while the answer was sent: nobody is left to be told.
    res.destroy();
  }
}

/** Bytes that a caller may still send after it was refused before its connection is ended. */
const MOST_DISCARDED = 64 * 1024 * 1024;

/** What was refused half read is read to its end, else the next call on the connection would wait. */
function discardRest(req: IncomingMessage): void {
  if (req.readableEnded || req.destroyed) return;
  let left = MOST_DISCARDED;
  req.on('data', (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) req.destroy();
  });
}

/** Connect throws on a Host header that makes no URL, which would end the process. */
function readRequest(req: IncomingMessage, res: ServerResponse, held: HalfReceived) {
  try {
    const request = universalRequestFromNodeRequest(req, res, undefined, contextOf(req));
    // Connect leaves the request at the first byte too many, which must not end the connection.
    return { ...request, body: bodyOf(req, held) };
  } catch {
    return undefined;
  }
}

/** Connect gathers the body until it is whole; until then it is on the account. */
async function* bodyOf(req: IncomingMessage, held: HalfReceived): AsyncGenerator<Buffer> {
  const network = networkOf(req.socket.remoteAddress ?? 'unknown');
  const coming = held.begin(network, () => req.destroy());
  let bytes = 0;
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      coming.hold((bytes += chunk.length));
      yield chunk;
    }
  } finally {
    coming.hold(0);
  }
}

function contextOf(req: IncomingMessage): ContextValues {
  return createContextValues().set(callerKey, callerOf(req));
}

function explainStatus(status: number): string {
  if (status === 405) return '请使用 POST 方法。\nUse the POST method.';
  if (status === 415) {
    return '请将 Content-Type 设为 application/json。\nSet Content-Type to application/json.';
  }
  return '无法处理该请求。\nThe request cannot be served.';
}
