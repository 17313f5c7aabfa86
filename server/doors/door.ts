import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';

/** Bytes of one request: a batch of 16 MiB and its envelope. */
export const MAX_REQUEST_BYTES = 16 * 1024 * 1024 + 64 * 1024;

/** Milliseconds in which a request must be whole: 16 MiB over a slow line. */
export const REQUEST_MS = 2 * 60_000;

/** Bytes of one answer. */
export const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;

/** One way of speaking to the services; takes over connections that the front has accepted. */
export interface Door {
  /** Serves the connection from here on. Bytes already read were put back with `unshift`. */
  accept(connection: Duplex): void;
  /** Takes no new calls, ends streams, and lets the other calls finish. Safe to repeat. */
  stop(): void;
  /** Ends what is still running, at once. Safe to repeat. */
  destroy(): void;
}

/** What a door aborts when it stops. Every stream listens; Node warns of more than ten otherwise. */
export function createStopController(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
