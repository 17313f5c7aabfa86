import { randomInt } from 'node:crypto';
import getPort from 'get-port';

/**
 * Where ports are looked for. Operating systems give outgoing connections those from 32,768 on: one from
 * there may be gone before a server that starts, or starts again, listens on it.
 */
const RANGE = [12_000, 32_000] as const;
/** Ports tried before one from anywhere is taken. */
const TRIES = 50;

/** A port of 127.0.0.1 that is free, for whoever starts nodes, and that no other connection takes meanwhile. */
export function freePort(): Promise<number> {
  return getPort({
    host: '127.0.0.1',
    port: Array.from({ length: TRIES }, () => randomInt(...RANGE)),
  });
}
