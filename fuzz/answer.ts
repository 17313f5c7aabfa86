/** What became of an input on its connection. */
export interface Answer {
  /** The door said something; closed: the connection or call ended without; hung: nothing in time. */
  readonly end: 'answered' | 'closed' | 'hung';
  /** Name of the status code, such as `INVALID_ARGUMENT`; empty where no code belongs. */
  readonly code: string;
  /** Everything that was said, headers included, as text: it must not show the program's inside. */
  readonly said: string;
  /** Bodies of the answers that came with `OK`, without their frames. */
  readonly bodies: readonly Buffer[];
  /** The call itself gave no time, so that DEADLINE_EXCEEDED is the right answer. */
  readonly gaveNoTime?: boolean;
}

/** How long the node has for an answer, on a busy machine. */
export const DEADLINE_MS = 60_000;

/** Nothing came. */
export const HUNG: Answer = { end: 'hung', code: '', said: '', bodies: [] };

/** Bytes of a length-prefixed frame of gRPC, gRPC-Web and Connect streams. */
export function frame(content: Uint8Array, flags = 0, length = content.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags, 0);
  head.writeUInt32BE(length >>> 0, 1);
  return Buffer.concat([head, content]);
}

/** Frames of a body, each with its flags; what is not whole at the end is left out. */
export function framesOf(body: Buffer): { readonly flags: number; readonly content: Buffer }[] {
  const frames = [];
  let at = 0;
  while (at + 5 <= body.length) {
    const length = body.readUInt32BE(at + 1);
    if (at + 5 + length > body.length) break;
    frames.push({ flags: body.readUInt8(at), content: body.subarray(at + 5, at + 5 + length) });
    at += 5 + length;
  }
  return frames;
}
