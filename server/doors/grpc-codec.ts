import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type Message,
  type MessageInitShape,
} from '@bufbuild/protobuf';

/**
 * Bytes that are no message. Kept as a value, because grpc-js answers INTERNAL when a decoder
 * throws, before any of our code sees it.
 */
export class Undecodable {
  constructor(readonly cause: unknown) {}
}

/** What a call brings: its message, or the failure to decode it. */
export type Received = Message | Undecodable;

/** Decodes a request; never throws. */
export function decoderOf(desc: DescMessage): (bytes: Buffer) => Received {
  return (bytes) => {
    try {
      return fromBinary(desc, bytes);
    } catch (error) {
      return new Undecodable(error);
    }
  };
}

/** Encodes an answer. Throws on a value that does not fit its field, which is a defect. */
export function encoderOf(desc: DescMessage): (answer: MessageInitShape<DescMessage>) => Buffer {
  return (answer) => {
    const bytes = toBinary(desc, create(desc, answer));
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  };
}

/** For grpc-js: answers are encoded before they reach it, where a failure can still be logged. */
export function passBytes(bytes: Buffer): Buffer {
  return bytes;
}
