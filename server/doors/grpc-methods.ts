import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import type {
  handleBidiStreamingCall,
  handleClientStreamingCall,
  handleServerStreamingCall,
  handleUnaryCall,
  StatusObject,
} from '@grpc/grpc-js';
import { nodeStopping, toHubError, undecodable, type LogDefect } from './errors.js';
import { GrpcCall } from './grpc-call.js';
import { Undecodable, type Received } from './grpc-codec.js';
import { grpcStatusOf } from './grpc-status.js';
import { readRequests, writeResponse, type Responses } from './grpc-streams.js';
import type { HandlerOf } from './service.js';

type Answer = MessageInitShape<DescMessage>;

/** What serving a method needs besides its handler. */
export interface GrpcMethod {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly encode: (answer: Answer) => Buffer;
  readonly log: LogDefect;
  /** Aborted when the node stops. */
  readonly stopping: AbortSignal;
}

/** One message in, one out. */
export function serveUnary(
  handle: HandlerOf['unary'],
  method: GrpcMethod,
): handleUnaryCall<Received, Buffer> {
  return (surface, callback) => {
    const { request } = surface;
    const call = new GrpcCall(surface);
    const answer = async () => {
      if (request instanceof Undecodable) throw undecodable(request.cause);
      return method.encode(await handle(request, call));
    };
    answer().then(
      (bytes) => callback(null, bytes),
      (error: unknown) => callback(statusOf(error, call, method)),
    );
  };
}

/** Many messages in, one out. */
export function serveClientStreaming(
  handle: HandlerOf['client_streaming'],
  method: GrpcMethod,
): handleClientStreamingCall<Received, Buffer> {
  return (surface, callback) => {
    const call = new GrpcCall(surface, method.stopping);
    const answer = async () =>
      method.encode(await handle(readRequests(surface, call.signal), call));
    answer().then(
      (bytes) => callback(null, bytes),
      (error: unknown) => callback(statusOf(error, call, method)),
    );
  };
}

/** One message in, many out. */
export function serveServerStreaming(
  handle: HandlerOf['server_streaming'],
  method: GrpcMethod,
): handleServerStreamingCall<Received, Buffer> {
  return (surface) => {
    const { request } = surface;
    const call = new GrpcCall(surface, method.stopping);
    void sendAnswers(surface, call, method, () => {
      if (request instanceof Undecodable) throw undecodable(request.cause);
      return handle(request, call);
    });
  };
}

/** Many messages in, many out. */
export function serveBidiStreaming(
  handle: HandlerOf['bidi_streaming'],
  method: GrpcMethod,
): handleBidiStreamingCall<Received, Buffer> {
  return (surface) => {
    const call = new GrpcCall(surface, method.stopping);
    void sendAnswers(surface, call, method, () => handle(readRequests(surface, call.signal), call));
  };
}

interface Outgoing extends Responses {
  end(): unknown;
  emit(event: 'error', status: Partial<StatusObject>): boolean;
}

async function sendAnswers(
  surface: Outgoing,
  call: GrpcCall,
  method: GrpcMethod,
  answers: () => AsyncIterable<Answer>,
): Promise<void> {
  try {
    for await (const answer of answers()) {
      await writeResponse(surface, method.encode(answer));
      if (surface.cancelled) return;
    }
    // A handler that left its loop because the node stops has not told all it had to tell.
    if (method.stopping.aborted) throw nodeStopping();
    surface.end();
  } catch (error) {
    // grpc-js turns an error event into the status that ends the call.
    if (!call.cancelled) surface.emit('error', statusOf(error, call, method));
  }
}

/** After a cancellation nobody reads the answer, and what the handler threw is its way out. */
function statusOf(error: unknown, call: GrpcCall, method: GrpcMethod): Partial<StatusObject> {
  if (call.cancelled) return {};
  const stopped = method.stopping.aborted && isAbort(error);
  return grpcStatusOf(toHubError(stopped ? nodeStopping() : error, method.log, method.path));
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
