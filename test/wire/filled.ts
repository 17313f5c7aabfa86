import {
  create,
  ScalarType,
  type DescEnum,
  type DescField,
  type DescMessage,
  type Message,
} from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';

/** Values that no other field of a message has, so that none can be taken for another. */
function scalar(type: ScalarType, number: number): unknown {
  switch (type) {
    case ScalarType.STRING:
      return `字段${number}`;
    case ScalarType.BYTES:
      return new Uint8Array([number % 256, 255]);
    case ScalarType.BOOL:
      return true;
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return number + 0.5;
    case ScalarType.INT64:
    case ScalarType.UINT64:
    case ScalarType.SINT64:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return BigInt(number) + (1n << 33n);
    default:
      return number;
  }
}

function lastOf({ values }: DescEnum): number {
  return values.at(-1)?.number ?? 0;
}

/** Levels of messages within messages that are filled; below, each type is filled by itself. */
const DEPTH = 3;

function single(field: DescField, depth: number): unknown {
  switch (field.fieldKind) {
    case 'scalar':
      return scalar(field.scalar, field.number);
    case 'enum':
      return lastOf(field.enum);
    case 'message':
      return reflect(field.message, filled(field.message, 0, depth + 1));
    case 'list':
      if (field.listKind === 'message')
        return reflect(field.message, filled(field.message, 0, depth + 1));
      return field.listKind === 'enum' ? lastOf(field.enum) : scalar(field.scalar, field.number);
    case 'map':
      return field.mapKind === 'scalar' ? scalar(field.scalar, field.number) : undefined;
  }
}

/** A message with every field set; of each oneof the `choice`-th member, or its last. */
export function filled(desc: DescMessage, choice = 0, depth = 0): Message {
  const message = reflect(desc, create(desc));
  const left = new Set(
    desc.oneofs.flatMap(({ fields }) =>
      fields.filter((_, index) => index !== Math.min(choice, fields.length - 1)),
    ),
  );
  for (const field of desc.fields) {
    const nested =
      field.fieldKind === 'message' || (field.fieldKind === 'list' && field.listKind === 'message');
    if (left.has(field) || (nested && depth >= DEPTH)) continue;
    const value = single(field, depth);
    if (value === undefined) continue;
    if (field.fieldKind === 'list') message.get(field).add(value);
    else if (field.fieldKind === 'map') message.get(field).set(keyOf(field), value);
    else message.set(field, value);
  }
  return message.message;
}

function keyOf(field: DescField & { fieldKind: 'map' }): string | number {
  return field.mapKey === ScalarType.STRING ? `键${field.number}` : field.number;
}

/** Variants of a message that together set every field. */
export function variants(desc: DescMessage): Message[] {
  const most = Math.max(1, ...desc.oneofs.map(({ fields }) => fields.length));
  return Array.from({ length: most }, (_, choice) => filled(desc, choice));
}
