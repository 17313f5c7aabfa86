import type { Socket } from 'node:net';

/** How an HTTP/2 connection begins (RFC 9113). */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/**
 * Reads until the connection can only be HTTP/2 or only something else, which may take one byte or
 * twenty-four; then puts the bytes back, pauses the socket and tells `decided`. Destroys the socket
 * when that takes longer than `timeoutMs`, or when it ends before.
 */
export function awaitFirstBytes(
  socket: Socket,
  timeoutMs: number,
  decided: (http2: boolean) => void,
): void {
  let seen: Buffer = Buffer.alloc(0);
  const giveUp = () => socket.destroy();
  const timer = setTimeout(giveUp, timeoutMs);
  const release = () => {
    clearTimeout(timer);
    socket.off('data', read).off('end', giveUp).off('close', release);
  };
  const read = (chunk: Buffer) => {
    seen = Buffer.concat([seen, chunk]);
    const length = Math.min(seen.length, PREFACE.length);
    const http2 = PREFACE.subarray(0, length).equals(seen.subarray(0, length));
    if (http2 && length < PREFACE.length) return;
    release();
    socket.pause();
    socket.unshift(seen);
    decided(http2);
  };
  socket.on('data', read).on('end', giveUp).on('close', release);
}
