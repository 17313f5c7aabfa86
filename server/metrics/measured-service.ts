import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../domain/errors.js';
import type { BoundService, Call } from '../doors/service.js';

/** Who is told of calls. */
export interface CallObserver {
  /** A call ended; `result` is OK or the name of an ErrorReason. */
  called(service: string, method: string, door: string, result: string, seconds: number): void;
}

type Handler = (request: unknown, call: Call) => unknown;

/** The service with every call timed, whichever door it comes through; a stream counts when it ends. */
export function measured({ service, methods }: BoundService, observer: CallObserver): BoundService {
  const timed = service.methods.map((method): [string, unknown] => {
    const handle = methods[method.localName];
    if (typeof handle !== 'function') return [method.localName, handle];
    const streams =
      method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming';
    const ended = (startedAt: number, door: string, result: string): void => {
      const seconds = (performance.now() - startedAt) / 1000;
      observer.called(service.typeName, method.name, door, result, seconds);
    };
    const timing = streams ? timeStream : timeCall;
    return [method.localName, timing(handle as Handler, ended)];
  });
  return { service, methods: Object.fromEntries(timed) };
}

type Ended = (startedAt: number, door: string, result: string) => void;

function timeCall(handle: Handler, ended: Ended): Handler {
  return async (request, call) => {
    const startedAt = performance.now();
    try {
      const response = await handle(request, call);
      ended(startedAt, call.door, 'OK');
      return response;
    } catch (error) {
      ended(startedAt, call.door, resultOf(error, call));
      throw error;
    }
  };
}

function timeStream(handle: Handler, ended: Ended): Handler {
  return async function* (request, call) {
    const startedAt = performance.now();
    // What a reader leaves early ends here without an error.
    let result = 'CANCELLED';
    try {
      yield* handle(request, call) as AsyncIterable<unknown>;
      result = 'OK';
    } catch (error) {
      result = resultOf(error, call);
      throw error;
    } finally {
      ended(startedAt, call.door, result);
    }
  };
}

/** How a call failed: the reason of the hub, or that its caller left. */
export function resultOf(error: unknown, { signal }: Call): string {
  if (error instanceof HubError) return ErrorReason[error.reason] ?? 'UNKNOWN';
  return signal.aborted ? 'CANCELLED' : 'INTERNAL';
}
