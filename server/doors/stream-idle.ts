import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../domain/errors.js';

/**
 * The requests of a stream; throws STREAM_IDLE when the caller sends none for `idleMs`, so that
 * streams that were left open do not add up. Time that the reader takes does not count.
 */
export async function* endWhenIdle<T>(
  requests: AsyncIterable<T>,
  idleMs: number,
): AsyncGenerator<T> {
  const reader = requests[Symbol.asyncIterator]();
  let idle = false;
  try {
    for (;;) {
      const next = await within(reader.next(), idleMs, () => {
        idle = true;
        return streamIdle();
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // One that still waits for its next request ends with the call, and would be waited for here.
    if (!idle) await reader.return?.();
  }
}

async function within<T>(step: Promise<T>, ms: number, late: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  step.catch(() => undefined);
  try {
    return await Promise.race([step, expired]);
  } finally {
    clearTimeout(timer);
  }
}

function streamIdle(): HubError {
  return new HubError(ErrorReason.STREAM_IDLE, {
    zh: '流长时间没有新消息,已结束;需要时请重新打开。',
    en: 'Nothing came through the stream for a long time; open it again when there is something to send.',
  });
}
