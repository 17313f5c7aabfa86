import { connect } from 'node:net';
import { DEADLINE_MS, HUNG, type Answer } from './answer.js';

/** Bytes straight to the port, in pieces, and the connection's end; resolves when it is closed. */
export function sendBytes(address: string, pieces: readonly Buffer[]): Promise<Answer> {
  const [host = '', port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
    const chunks: Buffer[] = [];
    const limit = setTimeout(() => {
      resolve(HUNG);
      socket.destroy();
    }, DEADLINE_MS);
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      // Node leaves it to the other side to end a connection after this.
      if (saysGoAway(Buffer.concat(chunks))) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      clearTimeout(limit);
      const said = Buffer.concat(chunks).toString('latin1');
      const failed = /^HTTP\/1\.1 5(?!05)\d\d/m.test(said);
      const end = chunks.length > 0 ? 'answered' : 'closed';
      resolve({ end, code: failed ? 'INTERNAL' : '', said, bodies: [] });
    });
    void writePieces(pieces, (piece) => socket.writable && socket.write(piece)).then(() => {
      if (socket.writable) socket.end();
    });
  });
}

/** Each in a packet of its own, as far as the system goes along. */
async function writePieces(pieces: readonly Buffer[], write: (piece: Buffer) => unknown) {
  for (const piece of pieces) {
    write(piece);
    if (pieces.length > 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

const FRAME_HEAD = 9;
const GOAWAY = 7;

/** Whether HTTP/2 frames of the server end with the one that refuses the connection. */
function saysGoAway(said: Buffer): boolean {
  let at = 0;
  while (at + FRAME_HEAD <= said.length) {
    if (said.readUInt8(at + 3) === GOAWAY) return true;
    at += FRAME_HEAD + said.readUIntBE(at, 3);
  }
  return false;
}
