import type { DescMethod } from '@bufbuild/protobuf';
import { Server, ServerCredentials, type UntypedHandleCall } from '@grpc/grpc-js';
import {
  createStopController,
  MAX_REQUEST_BYTES,
  MAX_RESPONSE_BYTES,
  REQUEST_MS,
  type Door,
} from './door.js';
import { nodeStopping, type LogDefect } from './errors.js';
import { explainBrokenCalls } from './grpc-broken-calls.js';
import { decoderOf, encoderOf, passBytes } from './grpc-codec.js';
import {
  serveBidiStreaming,
  serveClientStreaming,
  serveServerStreaming,
  serveUnary,
  type GrpcMethod,
} from './grpc-methods.js';
import { boundHalfReceived, endSlowRequests } from './grpc-requests.js';
import { HalfReceived } from './half-received.js';
import type { BoundService, HandlerOf } from './service.js';

/** Settings of the gRPC door. */
export interface GrpcDoorOptions {
  /** Writes defects to the log. */
  readonly log: LogDefect;
  /** Bytes of one request; more is RESOURCE_EXHAUSTED. Unset: 16 MiB and a little. */
  readonly maxRequestBytes?: number;
  /** Account of requests that have come in part, shared by the doors. Unset: its own. */
  readonly halfReceived?: HalfReceived;
  /** Bytes of one answer; more is RESOURCE_EXHAUSTED. Unset: 32 MiB. */
  readonly maxResponseBytes?: number;
  /** Milliseconds in which the message of a call must be there. Unset: 2 minutes. */
  readonly requestMs?: number;
  /** Milliseconds after which a connection without calls is closed. Unset: 5 minutes. */
  readonly idleMs?: number;
  /** Milliseconds between two looks whether the other end still answers. Unset: 30 s. */
  readonly keepaliveMs?: number;
}

/** Milliseconds after which a connection without calls is closed. */
export const IDLE_MS = 5 * 60_000;
/** Milliseconds between two pings, and for the answer to one. */
export const KEEPALIVE_MS = 30_000;
export const KEEPALIVE_ANSWER_MS = 10_000;

/** Bytes in flight per call before the other side must have read them. */
const FLOW_CONTROL_WINDOW = 1024 * 1024;

/** Calls at once on one connection; clients queue the others. */
export const MAX_CALLS_PER_CONNECTION = 512;

/** MiB of one connection's headers and frames that nghttp2 may hold; grpc-js would leave it unlimited. */
const MAX_SESSION_MIB = 64;

/** Milliseconds for the calls in flight; the front ends them earlier. */
const LONGEST_DRAIN_MS = 10 * 60_000;

/** The services over gRPC (HTTP/2). It never listens: the front hands it connections. */
export function createGrpcDoor(services: readonly BoundService[], options: GrpcDoorOptions): Door {
  const server = createServer(options);
  const stopping = createStopController();
  for (const bound of services) registerService(server, bound, options.log, stopping.signal);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const { halfReceived = new HalfReceived(), maxRequestBytes = MAX_REQUEST_BYTES } = options;
  boundHalfReceived(server, halfReceived, maxRequestBytes);
  const requests = endSlowRequests(server, {
    single: pathsOfSingle(services),
    wholeWithinMs: options.requestMs ?? REQUEST_MS,
  });
  return {
    accept(connection) {
      // As Node's own HTTP/2 server has it: else a connection that the other side has ended, or
      // that broke the protocol, would stay open on this side.
      connection.allowHalfOpen = false;
      injector.injectConnection(connection);
    },
    stop() {
      if (stopping.signal.aborted) return;
      stopping.abort(nodeStopping());
      injector.drain(LONGEST_DRAIN_MS);
    },
    destroy() {
      requests.stop();
      server.forceShutdown();
    },
  };
}

function createServer(options: GrpcDoorOptions): Server {
  return new Server({
    'grpc.max_receive_message_length': options.maxRequestBytes ?? MAX_REQUEST_BYTES,
    'grpc.max_send_message_length': options.maxResponseBytes ?? MAX_RESPONSE_BYTES,
    'grpc.max_concurrent_streams': MAX_CALLS_PER_CONNECTION,
    'grpc-node.flow_control_window': FLOW_CONTROL_WINDOW,
    'grpc-node.max_session_memory': MAX_SESSION_MIB,
    'grpc.max_connection_idle_ms': options.idleMs ?? IDLE_MS,
    // Finds connections whose other end is gone without a word, such as behind a firewall, and those
    // that nghttp2 reads no more because of a flood of resets (CVE-2023-44487).
    'grpc.keepalive_time_ms': options.keepaliveMs ?? KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': Math.min(KEEPALIVE_ANSWER_MS, options.keepaliveMs ?? KEEPALIVE_MS),
    // Its bookkeeping costs on every call, and nothing here reads it.
    'grpc.enable_channelz': 0,
    interceptors: [explainBrokenCalls],
  });
}

/** Paths of the methods that take one message. */
function pathsOfSingle(services: readonly BoundService[]): Set<string> {
  const methods = services.flatMap(({ service }) => service.methods);
  return new Set(
    methods
      .filter(({ methodKind: kind }) => kind === 'unary' || kind === 'server_streaming')
      .map((method) => `/${method.parent.typeName}/${method.name}`),
  );
}

function registerService(
  server: Server,
  { service, methods }: BoundService,
  log: LogDefect,
  stopping: AbortSignal,
): void {
  for (const method of service.methods) {
    const path = `/${service.typeName}/${method.name}`;
    const handler = methods[method.localName];
    if (typeof handler !== 'function') throw new Error(`${path} has no implementation`);
    const decode = decoderOf(method.input);
    const { type, serve } = serverOf(method, handler, {
      encode: encoderOf(method.output),
      log,
      path,
      stopping,
    });
    server.register(path, serve, passBytes, decode, type);
  }
}

interface Served {
  readonly type: 'unary' | 'serverStream' | 'clientStream' | 'bidi';
  readonly serve: UntypedHandleCall;
}

/** `bindService` has checked that the handler is of the kind its method says. */
function serverOf(method: DescMethod, handler: unknown, about: GrpcMethod): Served {
  switch (method.methodKind) {
    case 'unary':
      return { type: 'unary', serve: serveUnary(handler as HandlerOf['unary'], about) };
    case 'server_streaming': {
      const serve = serveServerStreaming(handler as HandlerOf['server_streaming'], about);
      return { type: 'serverStream', serve };
    }
    case 'client_streaming': {
      const serve = serveClientStreaming(handler as HandlerOf['client_streaming'], about);
      return { type: 'clientStream', serve };
    }
    case 'bidi_streaming':
      return {
        type: 'bidi',
        serve: serveBidiStreaming(handler as HandlerOf['bidi_streaming'], about),
      };
  }
}
