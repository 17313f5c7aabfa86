import { Code } from '../proto/gen/google/rpc/code_pb.js';
import type { SubmissionResult } from '../proto/gen/zhengzhao/v1/common_pb.js';
import type { Batches } from './batches.js';
import { HubClientError } from './hub-client-error.js';
import type { Patience } from './patience.js';
import { sortOut, type Settled } from './settled.js';
import { unlessAborted } from './wait.js';

/** Submits a batch; results in its order. Rejects with HubClientError. */
export type SubmitBatch<T> = (batch: readonly T[]) => Promise<readonly SubmissionResult[]>;

/**
 * Submits batch after batch, each when the one before is settled, so that what is sent first is judged
 * first: the establishment of an enterprise before its change. What is refused for now is sent again.
 * Throws HubClientError when the hub takes nothing for longer than the patience; then what was not
 * answered may be submitted again as it is. `signal` ends it with CANCELLED, as it ends a call, while the
 * source waits too.
 */
export async function* submitInBatches<T>(
  batches: Batches<T>,
  submit: SubmitBatch<T>,
  patience: Patience,
  signal?: AbortSignal,
): AsyncGenerator<Settled<T>> {
  const next = () =>
    unlessAborted(batches.peek(), signal).catch((error: unknown) => {
      throw signal?.aborted === true ? cancelled(error) : error;
    });
  try {
    for (let batch = await next(); batch; batch = await next()) {
      batches.take();
      yield* settle(batch, submit, patience);
    }
  } finally {
    await batches.close();
  }
}

async function* settle<T>(
  batch: readonly T[],
  submit: SubmitBatch<T>,
  patience: Patience,
): AsyncGenerator<Settled<T>> {
  let open = batch;
  for (let [attempt, waitedMs] = [0, 0]; open.length > 0; attempt += 1) {
    const sent = open;
    const { settled, later, why } = sortOut(sent, await patience.make(() => submit(sent)));
    yield* settled;
    if (settled.length > 0) [attempt, waitedMs] = [0, 0];
    if (why) waitedMs += await patience.endure(why, attempt, waitedMs);
    open = later;
  }
}

function cancelled(cause: unknown): HubClientError {
  return new HubClientError(Code.CANCELLED, '已取消 / cancelled', [], cause);
}
