import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type DescMethod,
  type Message,
  type MessageInitShape,
} from '@bufbuild/protobuf';
import type { CallOptions as GrpcCallOptions } from '@grpc/grpc-js';
import type { CallOptions } from './client.js';

/** A request as it is given to a client. */
export type Init = MessageInitShape<DescMessage>;

/** Path and codec of a method. */
export function wireOf(method: DescMethod) {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    encode: (request: Init): Buffer => {
      const bytes = toBinary(method.input, create(method.input, request));
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
    decode: (bytes: Buffer): Message => fromBinary(method.output, bytes),
  };
}

/** The deadline of a call; `unset` is the limit of a call that states none. */
export function limitsOf({ timeoutMs }: CallOptions, unset?: number): GrpcCallOptions {
  const limit = timeoutMs ?? unset;
  return limit === undefined ? {} : { deadline: Date.now() + limit };
}

/** Cancels a call with its signal. Returns what takes the listener off a signal that may live longer than the call. */
export function cancelOn(signal: AbortSignal | undefined, call: { cancel(): void }): () => void {
  if (signal === undefined) return () => {};
  const cancel = () => call.cancel();
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  return () => signal.removeEventListener('abort', cancel);
}
