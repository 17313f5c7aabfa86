/** How long a step of the start may take, and what to say when it takes longer. */
export interface Patience {
  readonly limitMs: number;
  /** Chinese and English, for the operator. */
  readonly tooLong: string;
  /** Aborted when the node is to stop before it has started. */
  readonly stopping: AbortSignal | undefined;
}

/** Why: a value or setting is wrong, something is away for now, or what was asked for is not to be had. */
export type WhyNot = 'wrong' | 'away' | 'refused';

/** A part of the start did not come about; the operator reads the message, Chinese and English. */
export class StartError extends Error {
  override readonly name = 'StartError';

  constructor(
    message: string,
    readonly why: WhyNot = 'refused',
  ) {
    super(message);
  }
}

/**
 * The result of a step that may wait for ever, such as for a Redis that is not there. Rejects with
 * StartError when it takes too long, and with the signal's reason when the node is to stop.
 */
export async function within<T>(step: Promise<T>, patience: Patience): Promise<T> {
  const { limitMs, tooLong, stopping } = patience;
  let giveUp: ((reason: unknown) => void) | undefined;
  const end = new Promise<never>((_, reject) => (giveUp = reject));
  const stop = (): void => giveUp?.(stopping?.reason);
  const timer = setTimeout(() => giveUp?.(new StartError(tooLong, 'away')), limitMs);
  stopping?.addEventListener('abort', stop, { once: true });
  try {
    stopping?.throwIfAborted();
    return await Promise.race([step, end]);
  } finally {
    clearTimeout(timer);
    stopping?.removeEventListener('abort', stop);
  }
}
