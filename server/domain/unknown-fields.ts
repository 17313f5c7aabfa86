import {
  fromBinary,
  toBinary,
  type DescField,
  type DescMessage,
  type MessageShape,
  type UnknownField,
} from '@bufbuild/protobuf';
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';

/**
 * Fields that the contract of this version has not. Nobody here can say what they hold: neither whether it
 * may be public (R55) nor whether it is personal (VR28).
 */

/** Reads a message without them. */
export const AS_KNOWN = { readUnknownFields: false } as const;

/** A field that holds a message or several, and their type. */
interface Part {
  readonly field: DescField;
  readonly type: DescMessage;
}

/** Worked out once for each type. */
const parts = new WeakMap<DescMessage, readonly Part[]>();

function partsOf(type: DescMessage): readonly Part[] {
  let known = parts.get(type);
  if (!known) {
    known = type.fields.flatMap((field) => (field.message ? [{ field, type: field.message }] : []));
    parts.set(type, known);
  }
  return known;
}

interface Values {
  readonly $unknown?: readonly UnknownField[];
  readonly [field: string]: unknown;
}

interface Choice {
  readonly case?: string;
  readonly value?: unknown;
}

/** The messages of a field: none, one, or those of a list or map. */
function messagesOf(message: Values, { oneof, localName, fieldKind }: DescField): unknown {
  if (!oneof) {
    const value = message[localName];
    return fieldKind === 'map' ? Object.values(value as object) : value;
  }
  const choice = message[oneof.localName] as Choice;
  return choice.case === localName ? choice.value : undefined;
}

/** Whether a message of a type, or one within it, has fields that the type has not. */
export function hasUnknownFields(type: DescMessage, message: object): boolean {
  const values = message as Values;
  if (values.$unknown !== undefined && values.$unknown.length > 0) return true;
  for (const part of partsOf(type)) {
    const value = messagesOf(values, part.field);
    if (value === undefined) continue;
    if (Array.isArray(value)) {
      for (const one of value) if (hasUnknownFields(part.type, one as object)) return true;
    } else if (hasUnknownFields(part.type, value as object)) return true;
  }
  return false;
}

/** The message without them; itself when it has none. */
export function asKnown<Desc extends DescMessage>(
  type: Desc,
  message: MessageShape<Desc>,
): MessageShape<Desc> {
  if (!hasUnknownFields(type, message)) return message;
  return fromBinary(type, toBinary(type, message), AS_KNOWN);
}

/** Told of a message that has such fields: its path (empty, or as findings write it) and their numbers. */
export type UnknownFieldsObserver = (path: string, numbers: readonly number[]) => void;

/** Tells of every message, also within others, that has fields which its type has not; each number once. */
export function eachUnknownFields(
  type: DescMessage,
  message: object,
  tell: UnknownFieldsObserver,
  at = '',
): void {
  const values = message as Values;
  if (values.$unknown !== undefined && values.$unknown.length > 0)
    tell(at, [...new Set(values.$unknown.map(({ no }) => no))]);
  for (const { field, type: inner } of partsOf(type)) {
    const value = messagesOf(values, field);
    if (value === undefined) continue;
    const path = at === '' ? field.name : `${at}.${field.name}`;
    if (!Array.isArray(value)) eachUnknownFields(inner, value as object, tell, path);
    else
      value.forEach((one, index) =>
        eachUnknownFields(inner, one as object, tell, `${path}[${index}]`),
      );
  }
}

/** What a message of a type may have on the wire: its field numbers, and the types within. */
type Numbers = ReadonlyMap<number, DescMessage | undefined>;

const numbers = new WeakMap<DescMessage, Numbers>();

function numbersOf(type: DescMessage): Numbers {
  let known = numbers.get(type);
  if (!known) {
    known = new Map(type.fields.map(({ number, message }) => [number, message]));
    numbers.set(type, known);
  }
  return known;
}

/**
 * Whether the bytes of a message hold a field that its type has not, at any depth; also when they are no
 * message of the type. Far cheaper than to decode them: no value is made of anything.
 */
export function bytesHoldUnknownFields(type: DescMessage, bytes: Uint8Array): boolean {
  const reader = new BinaryReader(bytes);
  try {
    return holdsUnknown(type, reader, bytes.length);
  } catch {
    return true;
  }
}

/** Whether the bytes of a message hold a field of this number, not looking into the messages within it. */
export function bytesHoldField(number: number, bytes: Uint8Array): boolean {
  const reader = new BinaryReader(bytes);
  try {
    while (reader.pos < bytes.length) {
      const [found, wireType] = reader.tag();
      if (found === number) return true;
      reader.skip(wireType, found);
    }
    return false;
  } catch {
    return true;
  }
}

function holdsUnknown(type: DescMessage, reader: BinaryReader, end: number): boolean {
  const known = numbersOf(type);
  while (reader.pos < end) {
    const [number, wireType] = reader.tag();
    if (!known.has(number)) return true;
    const inner = known.get(number);
    if (!inner) reader.skip(wireType, number);
    else if (wireType !== WireType.LengthDelimited) return true;
    else {
      const length = reader.uint32();
      const innerEnd = reader.pos + length;
      if (innerEnd > end || holdsUnknown(inner, reader, innerEnd)) return true;
    }
  }
  return reader.pos !== end;
}
