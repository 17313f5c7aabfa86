import type { DescMethod } from '@bufbuild/protobuf';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../domain/errors.js';
import type { BoundService, Call } from './service.js';

/** Who watches one call. */
export interface Watcher {
  /** Starts what is watched of a call with one answer. Unset: it is just called. */
  readonly around?: <T>(act: () => T) => T;
  /** The call is over, a stream when its last message is read: OK, the name of an ErrorReason, INTERNAL, or CANCELLED. */
  readonly ended: (result: string) => void;
}

/** Begins to watch a call. */
export type Watch = (method: DescMethod, call: Call) => Watcher;

type Handler = (request: unknown, call: Call) => unknown;

/** The service with every call watched from its beginning to its end, whichever door it comes through. */
export function watched({ service, methods }: BoundService, watch: Watch): BoundService {
  const all = service.methods.map((method): [string, unknown] => {
    const handle = methods[method.localName];
    if (typeof handle !== 'function') return [method.localName, handle];
    const { methodKind } = method;
    const streams = methodKind === 'server_streaming' || methodKind === 'bidi_streaming';
    const begin = (call: Call): Watcher => watch(method, call);
    return [method.localName, (streams ? watchStream : watchCall)(handle as Handler, begin)];
  });
  return { service, methods: Object.fromEntries(all) };
}

function watchCall(handle: Handler, begin: (call: Call) => Watcher): Handler {
  return async (request, call) => {
    const { around, ended } = begin(call);
    try {
      const act = () => handle(request, call);
      const answer = await (around ? around(act) : act());
      ended('OK');
      return answer;
    } catch (error) {
      ended(resultOf(error, call));
      throw error;
    }
  };
}

function watchStream(handle: Handler, begin: (call: Call) => Watcher): Handler {
  return async function* (request, call) {
    const { ended } = begin(call);
    // What a reader leaves early ends here without an error.
    let result = 'CANCELLED';
    try {
      yield* handle(request, call) as AsyncIterable<unknown>;
      result = 'OK';
    } catch (error) {
      result = resultOf(error, call);
      throw error;
    } finally {
      ended(result);
    }
  };
}

/** How a call failed: the reason of the hub, or that its caller left. */
function resultOf(error: unknown, { signal }: Call): string {
  if (error instanceof HubError) return ErrorReason[error.reason] ?? 'UNKNOWN';
  return signal.aborted ? 'CANCELLED' : 'INTERNAL';
}
