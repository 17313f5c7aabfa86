import { Code } from '../proto/gen/google/rpc/code_pb.js';
import type {
  Finding,
  Receipt,
  Refusal,
  SubmissionResult,
} from '../proto/gen/zhengzhao/v1/common_pb.js';
import { HubClientError } from './hub-client-error.js';

/** A message of a stream or batch, and what became of it for good. */
export type Settled<T> =
  | {
      /** As it was given. */
      readonly message: T;
      readonly accepted: true;
      /** The same for every submission of the same message; `duplicate` tells a repeated one. */
      readonly receipt: Receipt;
      readonly warnings: readonly Finding[];
    }
  | {
      readonly message: T;
      readonly accepted: false;
      /** Why, with every finding. Sending it again unchanged is of no use. */
      readonly refusal: Refusal;
    };

/** What the results of a batch say. */
export interface Sorted<T> {
  readonly settled: readonly Settled<T>[];
  /** Refused for now, in their order: to be sent again. */
  readonly later: readonly T[];
  /** Of those: what the hub said, and when to come again. Unset: there are none. */
  readonly why: HubClientError | undefined;
}

/** Sorts the results of `messages`, which are in the same order; what has none is to be sent again. */
export function sortOut<T>(
  messages: readonly T[],
  results: readonly SubmissionResult[],
): Sorted<T> {
  const settled: Settled<T>[] = [];
  const later: T[] = [];
  let refusal: Refusal | undefined;
  messages.forEach((message, index) => {
    const { outcome, warnings = [] } = results[index] ?? {};
    if (outcome?.case === 'receipt')
      settled.push({ message, accepted: true, receipt: outcome.value, warnings });
    else if (outcome?.case === 'refusal' && outcome.value.retryAfterMs === 0n)
      settled.push({ message, accepted: false, refusal: outcome.value });
    else {
      later.push(message);
      refusal = outcome?.value ?? refusal;
    }
  });
  return { settled, later, why: later.length > 0 ? refusedForNow(refusal) : undefined };
}

function refusedForNow(refusal: Refusal | undefined): HubClientError {
  return refusal
    ? HubClientError.ofRefusal(Code.UNAVAILABLE, refusal)
    : new HubClientError(Code.UNAVAILABLE, '没有应答 / no answer', []);
}
