import type { Message } from '@bufbuild/protobuf';
import { undecodable } from './errors.js';
import { Undecodable, type Received } from './grpc-codec.js';

/** What reading requests needs of a call. */
export interface Requests {
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
  read(): Received | null;
  on(event: string, listener: () => void): unknown;
}

/** What writing answers needs of a call. */
export interface Responses {
  readonly cancelled: boolean;
  write(bytes: Buffer, written: () => void): boolean;
  on(event: string, listener: () => void): unknown;
  off(event: string, listener: () => void): unknown;
}

/**
 * The requests of a stream, each read when it is asked for, so a slow handler slows its sender
 * down. Ends with an error when one is no message (UNDECODABLE), and with the signal's reason.
 * Not `call[Symbol.asyncIterator]`: that destroys the call when a handler stops reading early.
 */
export async function* readRequests(call: Requests, signal: AbortSignal): AsyncGenerator<Message> {
  let wake = () => {};
  for (const event of ['readable', 'end', 'close', 'cancelled']) call.on(event, () => wake());
  signal.addEventListener('abort', () => wake(), { once: true });
  for (;;) {
    const awake = new Promise<void>((resolve) => (wake = resolve));
    signal.throwIfAborted();
    const received = call.read();
    if (received instanceof Undecodable) throw undecodable(received.cause);
    if (received !== null) yield received;
    else if (call.readableEnded || call.destroyed) return;
    else await awake;
  }
}

/** Answers of this size are handed over one by one; smaller ones queue up to sixteen. */
const LARGE_BYTES = 64 * 1024;

/** Writes one answer and resolves when the next one may come, or when nobody reads any more. */
export function writeResponse(call: Responses, bytes: Buffer): Promise<void> | undefined {
  if (call.cancelled) return undefined;
  let written: (() => void) | undefined;
  const more = call.write(bytes, () => written?.());
  if (more && bytes.length < LARGE_BYTES) return undefined;
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ENDINGS) call.off(event, done);
      resolve();
    };
    written = done;
    for (const event of ENDINGS) call.on(event, done);
  });
}

/** A call that is cancelled never calls back for what was written. */
const ENDINGS = ['drain', 'cancelled', 'close'];
