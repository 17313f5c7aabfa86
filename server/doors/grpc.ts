import type { DescMethod } from '@bufbuild/protobuf';
import { Server, ServerCredentials, type UntypedHandleCall } from '@grpc/grpc-js';
import { createStopController, MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES, type Door } from './door.js';
import { nodeStopping, type LogDefect } from './errors.js';
import { decoderOf, encoderOf, passBytes } from './grpc-codec.js';
import {
  serveBidiStreaming,
  serveClientStreaming,
  serveServerStreaming,
  serveUnary,
  type GrpcMethod,
  type HandlerOf,
} from './grpc-methods.js';
import type { BoundService } from './service.js';

/** Settings of the gRPC door. */
export interface GrpcDoorOptions {
  /** Writes defects to the log. */
  readonly log: LogDefect;
  /** Bytes of one request; more is RESOURCE_EXHAUSTED. Unset: 16 MiB and a little. */
  readonly maxRequestBytes?: number;
  /** Bytes of one answer; more is RESOURCE_EXHAUSTED. Unset: 32 MiB. */
  readonly maxResponseBytes?: number;
}

/** Bytes in flight per call before the other side must have read them. */
const FLOW_CONTROL_WINDOW = 1024 * 1024;

/** Calls at once on one connection; clients queue the others. */
const MAX_CALLS_PER_CONNECTION = 512;

/** Milliseconds for the calls in flight; the front ends them earlier. */
const LONGEST_DRAIN_MS = 10 * 60_000;

/** The services over gRPC (HTTP/2). It never listens: the front hands it connections. */
export function createGrpcDoor(services: readonly BoundService[], options: GrpcDoorOptions): Door {
  const server = createServer(options);
  const stopping = createStopController();
  for (const bound of services) registerService(server, bound, options.log, stopping.signal);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  return {
    accept: (connection) => injector.injectConnection(connection),
    stop() {
      if (stopping.signal.aborted) return;
      stopping.abort(nodeStopping());
      injector.drain(LONGEST_DRAIN_MS);
    },
    destroy: () => server.forceShutdown(),
  };
}

function createServer(options: GrpcDoorOptions): Server {
  return new Server({
    'grpc.max_receive_message_length': options.maxRequestBytes ?? MAX_REQUEST_BYTES,
    'grpc.max_send_message_length': options.maxResponseBytes ?? MAX_RESPONSE_BYTES,
    'grpc.max_concurrent_streams': MAX_CALLS_PER_CONNECTION,
    'grpc-node.flow_control_window': FLOW_CONTROL_WINDOW,
    // Finds connections whose other end is gone without a word, such as behind a firewall.
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    // Its bookkeeping costs on every call, and nothing here reads it.
    'grpc.enable_channelz': 0,
  });
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
      return { type: 'unary', serve: serveUnary(handler as HandlerOf<'unary'>, about) };
    case 'server_streaming': {
      const serve = serveServerStreaming(handler as HandlerOf<'server_streaming'>, about);
      return { type: 'serverStream', serve };
    }
    case 'client_streaming': {
      const serve = serveClientStreaming(handler as HandlerOf<'client_streaming'>, about);
      return { type: 'clientStream', serve };
    }
    case 'bidi_streaming':
      return {
        type: 'bidi',
        serve: serveBidiStreaming(handler as HandlerOf<'bidi_streaming'>, about),
      };
  }
}
