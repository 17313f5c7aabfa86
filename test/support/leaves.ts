import {
  clone,
  ScalarType,
  type DescField,
  type DescMessage,
  type Message,
  type MessageShape,
} from '@bufbuild/protobuf';

/** A place in a message that holds one value. */
export interface Leaf {
  /** Such as `registration.permit_items.scope_entry_codes`. */
  readonly path: string;
  readonly field: DescField;
  set(value: unknown): void;
}

type Fields = Record<string, unknown>;
interface Chosen {
  readonly case: string | undefined;
  readonly value?: unknown;
}

/** Every place of a message, set or not, in the messages it holds too; of a list its first one. */
export function* leavesOf(desc: DescMessage, message: Message, at = ''): Generator<Leaf> {
  const fields = message as unknown as Fields;
  for (const field of desc.fields) {
    const path = `${at}${field.name}`;
    const inner = innerOf(field, fields);
    if (field.message && inner) yield* leavesOf(field.message, inner, `${path}.`);
    else if (!field.message) yield { path, field, set: (value) => assign(fields, field, value) };
  }
}

function innerOf(field: DescField, fields: Fields): Message | undefined {
  if (!field.message) return undefined;
  const value = field.oneof ? chosenValue(field, fields) : fields[field.localName];
  return (Array.isArray(value) ? value[0] : value) as Message | undefined;
}

function chosenValue(field: DescField, fields: Fields): unknown {
  const chosen = fields[field.oneof?.localName ?? ''] as Chosen | undefined;
  return chosen?.case === field.localName ? chosen.value : undefined;
}

function assign(fields: Fields, field: DescField, value: unknown): void {
  const listed = field.fieldKind === 'list' ? [value] : value;
  if (field.oneof) fields[field.oneof.localName] = { case: field.localName, value: listed };
  else fields[field.localName] = listed;
}

/** What a leaf of this kind may hold on the wire, however little sense it makes. */
export interface Wild {
  readonly strings: readonly string[];
  readonly int32s: readonly number[];
  readonly int64s: readonly bigint[];
  readonly enums: readonly number[];
}

function wildValues(field: DescField, wild: Wild): readonly unknown[] {
  if (field.enum) return wild.enums;
  switch (field.scalar) {
    case ScalarType.STRING:
      return wild.strings;
    case ScalarType.INT32:
      return wild.int32s;
    case ScalarType.INT64:
      return wild.int64s;
    default:
      return [];
  }
}

/** Copies of a message that each have one place filled with one of the wild values. */
export function* wildCopies<Desc extends DescMessage>(
  desc: Desc,
  message: MessageShape<Desc>,
  wild: Wild,
): Generator<{ readonly what: string; readonly copy: MessageShape<Desc> }> {
  const places = [...leavesOf(desc, message)];
  for (const [index, { path, field }] of places.entries())
    for (const value of wildValues(field, wild)) {
      const copy = clone(desc, message);
      [...leavesOf(desc, copy)][index]?.set(value);
      yield { what: `${path} = ${JSON.stringify(String(value).slice(0, 20))}`, copy };
    }
}
