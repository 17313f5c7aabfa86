import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { Random } from './random.js';

interface WireField {
  readonly no: number;
  readonly type: WireType;
  /** The value without its tag. */
  readonly value: Uint8Array;
}

type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Uint8Array;

/** Bytes that were a message: broken as bytes, or still well formed and broken as a message. */
export function mutateBytes(bytes: Buffer, random: Random, other: Buffer): Buffer {
  let mutated: Uint8Array = bytes;
  for (let times = 1 + random.int(3); times > 0; times -= 1)
    mutated = random.pick(MUTATIONS)(Buffer.from(mutated), random, other);
  return Buffer.from(mutated);
}

const MUTATIONS: readonly Mutation[] = [
  flipBits,
  truncate,
  splice,
  insertBytes,
  lieAboutLength,
  (bytes, random) => mutateFields(bytes, random, 6),
  (bytes, random) => mutateFields(bytes, random, 6),
  (bytes, random) => mutateFields(bytes, random, 6),
  (_, random) => random.bytes(random.pick([1, 16, 300, 5_000])),
  // Groups in groups, deeper than any message.
  (_, random) => Buffer.alloc(random.pick([10, 200, 100_000]), 0x0b),
];

function flipBits(bytes: Buffer, random: Random): Buffer {
  if (bytes.length === 0) return bytes;
  for (let times = 1 + random.int(8); times > 0; times -= 1) {
    const at = random.int(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(8));
  }
  return bytes;
}

function truncate(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, random.int(bytes.length + 1));
}

function splice(bytes: Buffer, random: Random, other: Buffer): Buffer {
  return Buffer.concat([truncate(bytes, random), other.subarray(random.int(other.length + 1))]);
}

function insertBytes(bytes: Buffer, random: Random): Buffer {
  const at = random.int(bytes.length + 1);
  const more = random.bytes(1 + random.int(20));
  return Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);
}

/** A length-delimited field that claims more than there is, up to the largest varint. */
function lieAboutLength(bytes: Buffer, random: Random): Buffer {
  const lie = random.pick([
    [0x0a, 0x7f],
    [0x0a, 0xff, 0xff, 0xff, 0xff, 0x07],
    [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
    [0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
  ]);
  return Buffer.concat([bytes, Buffer.from(lie)]);
}

/** Repeats, deletes, swaps, renumbers or retypes a field, at any depth; lengths stay true. */
function mutateFields(bytes: Uint8Array, random: Random, depth: number): Uint8Array {
  const fields = splitFields(bytes);
  const at = random.int(fields.length);
  const field = fields[at];
  if (!field) return bytes;
  if (depth > 0 && field.type === WireType.LengthDelimited && !random.oneIn(3)) {
    const value = mutateFields(contentOf(field), random, depth - 1);
    return joinFields(fields.with(at, { ...field, value: delimited(value) }));
  }
  return joinFields(random.pick(FIELD_MUTATIONS)(fields, at, field, random));
}

type FieldMutation = (
  fields: readonly WireField[],
  at: number,
  field: WireField,
  random: Random,
) => readonly WireField[];

const FIELD_MUTATIONS: readonly FieldMutation[] = [
  (fields, at) => fields.toSpliced(at, 1),
  (fields, _, field, random) => [
    ...fields,
    ...Array.from({ length: random.pick([1, 2, 499, 501]) }, () => field),
  ],
  (fields) => fields.toReversed(),
  (fields, at, field, random) => fields.with(at, { ...field, no: 1 + random.int(40) }),
  (fields, at, field, random) =>
    fields.with(at, { ...field, no: random.pick([0, 19_000, 536_870_911]) }),
  (fields, at, field) =>
    fields.with(at, { ...field, type: WireType.Varint, value: Buffer.from([0xff, 0x01]) }),
  (fields, at, field, random) =>
    fields.with(at, {
      ...field,
      type: WireType.LengthDelimited,
      value: delimited(random.bytes(random.int(40))),
    }),
];

function splitFields(bytes: Uint8Array): WireField[] {
  const reader = new BinaryReader(bytes);
  const fields: WireField[] = [];
  try {
    while (reader.pos < reader.len) {
      const [no, type] = reader.tag();
      fields.push({ no, type, value: reader.skip(type, no) });
    }
  } catch {
    // The rest is no message any more; what was read before it can still be mutated.
  }
  return fields;
}

function contentOf({ value }: WireField): Uint8Array {
  return new BinaryReader(value).bytes();
}

function delimited(content: Uint8Array): Uint8Array {
  return new BinaryWriter().bytes(content).finish();
}

function joinFields(fields: readonly WireField[]): Buffer {
  return Buffer.concat(
    fields.flatMap(({ no, type, value }) => [
      new BinaryWriter().uint32(((no << 3) | type) >>> 0).finish(),
      value,
    ]),
  );
}
