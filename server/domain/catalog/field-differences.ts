import { equals, type DescField, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';

/** A field of a row that differs, with both values as text. */
export interface FieldDifference {
  /** Its name in the contract, such as `reform_mode`. */
  readonly field: string;
  /** Empty: not stated. */
  readonly before: string;
  readonly after: string;
}

/** Longest text of one value; a reader who needs all of it asks for the row. */
const MAX_TEXT = 1000;

/** The fields in which two rows differ, in the order of the contract (R7). */
export function fieldDifferences<Row extends DescMessage>(
  schema: Row,
  before: MessageShape<Row>,
  after: MessageShape<Row>,
  leftOut: ReadonlySet<string>,
): readonly FieldDifference[] {
  if (equals(schema, before, after)) return [];
  const old = reflect(schema, before);
  const fresh = reflect(schema, after);
  return schema.fields.flatMap((field) => {
    if (leftOut.has(field.name)) return [];
    const texts = { before: textOf(field, old.get(field)), after: textOf(field, fresh.get(field)) };
    if (texts.before === texts.after) return [];
    return [{ field: field.name, before: shorten(texts.before), after: shorten(texts.after) }];
  });
}

function textOf(field: DescField, value: unknown): string {
  if (field.fieldKind === 'list') {
    return [...(value as Iterable<unknown>)].map((one) => single(field, one)).join('；');
  }
  return single(field, value);
}

function single(field: DescField, value: unknown): string {
  const values = 'enum' in field ? field.enum : undefined;
  if (!values) return String(value);
  const found = values.value[Number(value)];
  // 0 is "not stated" in every enum of the contract.
  return Number(value) === 0 ? '' : (found?.name ?? String(value));
}

function shorten(text: string): string {
  const characters = [...text];
  return characters.length <= MAX_TEXT ? text : `${characters.slice(0, MAX_TEXT).join('')}…`;
}
