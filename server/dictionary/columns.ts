import type { DescField } from '@bufbuild/protobuf';
import { choicesText } from './choice-codes.js';
import type { Entry } from './entry.js';
import type { Field } from './field.js';

/** A column of a library's table. */
export interface Column {
  readonly name: string;
  readonly field: Field;
  /** PostgreSQL type. */
  readonly sqlType: string;
  /** The way to the value, from the message of the table. */
  readonly path: readonly DescField[];
  /** Field path as in findings, such as `licence.counterpart.uscc`. */
  readonly fieldPath: string;
  /** Chinese term, abbreviations and the values of a choice, for the comment of the column. */
  readonly comment: string;
}

/** What is left out of a table: names of fields of the message itself. */
export type LeftOut = ReadonlySet<string>;

/**
 * The columns of a message. Fields of a part stand beside the others; a list of messages is one
 * JSON column, whose objects have the names of the columns as keys.
 */
export function columnsOf(entry: Entry, leftOut: LeftOut = new Set()): Column[] {
  return entry.fields
    .filter(({ name }) => !leftOut.has(name))
    .flatMap((field) => columnsOfField(entry, field, []));
}

function columnsOfField(entry: Entry, field: Field, above: readonly DescField[]): Column[] {
  const path = [...above, descriptorOf(entry, field)];
  if (field.type === 'part' && !field.many)
    return field.of.fields.flatMap((inner) => columnsOfField(field.of, inner, path));
  return [
    {
      name: field.name,
      field,
      sqlType: sqlTypeOf(field),
      path,
      fieldPath: path.map((one) => one.name).join('.'),
      comment: commentOf(field),
    },
  ];
}

function commentOf(field: Field): string {
  const said = [field.term, field.abbreviations.join(' / ')].filter((one) => one !== '').join(' ');
  return field.type === 'choice' ? `${said}: ${choicesText(field.values)}` : said;
}

/** The field of the contract. Throws when the dictionary names one that is not there. */
export function descriptorOf({ message }: Entry, { name }: Field): DescField {
  const found = message.fields.find((one) => one.name === name);
  if (!found) throw new Error(`${message.typeName} has no field ${name}`);
  return found;
}

/**
 * Texts have no length in a table: a row that is too long must be told so by the validator, with
 * the others of its statement going on, and not fail the whole insert.
 */
function sqlTypeOf(field: Field): string {
  switch (field.type) {
    case 'text':
      return field.many ? 'text[]' : 'text';
    case 'choice':
      return 'text';
    case 'date':
      return 'date';
    case 'instant':
      return 'timestamptz';
    case 'flag':
      return 'boolean';
    case 'fen':
    case 'whole':
      return 'bigint';
    case 'part':
      return 'jsonb';
  }
}
