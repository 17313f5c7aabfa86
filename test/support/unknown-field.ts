import type { Message, UnknownField } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** Number of a field that no message of the contract has. */
export const UNKNOWN_NO = 200;

/** Such a field, with a text, as a later contract may have it. */
export function unknownField(text: string, no = UNKNOWN_NO): UnknownField {
  const data = new BinaryWriter().string(text).finish();
  return { no, wireType: WireType.LengthDelimited, data };
}

/** Puts such a field into a message, in place; a message that is not there is the test's fault. */
export function withUnknown<M extends Message>(message: M | undefined, text: string): M {
  if (!message) throw new Error('There is no message to hold the field.');
  message.$unknown = [...(message.$unknown ?? []), unknownField(text)];
  return message;
}
