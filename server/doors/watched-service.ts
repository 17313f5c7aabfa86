import type { DescMethod } from '@bufbuild/protobuf';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../domain/errors.js';
import { aroundEvery, type BoundService, type Call } from './service.js';

/** Who watches one call. */
export interface Watcher {
  /** Starts what is watched of a call with one answer. Unset: it is just called. */
  readonly around?: <T>(act: () => T) => T;
  /** The call is over, a stream when its last message is read: OK, the name of an ErrorReason, INTERNAL, or CANCELLED. */
  readonly ended: (result: string) => void;
}

/** Begins to watch a call. */
export type Watch = (method: DescMethod, call: Call) => Watcher;

/** The service with every call watched from its beginning to its end, whichever door it comes through. */
export function watched(bound: BoundService, watch: Watch): BoundService {
  return aroundEvery(bound, {
    unary: (handle, method) => watchCall(handle, method, watch),
    client_streaming: (handle, method) => watchCall(handle, method, watch),
    server_streaming: (handle, method) => watchStream(handle, method, watch),
    bidi_streaming: (handle, method) => watchStream(handle, method, watch),
  });
}

function watchCall<Asked, Answer>(
  handle: (asked: Asked, call: Call) => Promise<Answer>,
  method: DescMethod,
  watch: Watch,
): (asked: Asked, call: Call) => Promise<Answer> {
  return async (asked, call) => {
    const { around, ended } = watch(method, call);
    try {
      const act = () => handle(asked, call);
      const answer = await (around ? around(act) : act());
      ended('OK');
      return answer;
    } catch (error) {
      ended(resultOf(error, call));
      throw error;
    }
  };
}

function watchStream<Asked, Answer>(
  handle: (asked: Asked, call: Call) => AsyncIterable<Answer>,
  method: DescMethod,
  watch: Watch,
): (asked: Asked, call: Call) => AsyncIterable<Answer> {
  return async function* (asked, call) {
    const { ended } = watch(method, call);
    // What a reader leaves early ends here without an error.
    let result = 'CANCELLED';
    try {
      yield* handle(asked, call);
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
