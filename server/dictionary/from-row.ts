import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { codesOf, numberOfCode } from './choice-codes.js';
import { columnsOf, type Column } from './columns.js';
import type { ChoiceField, Field } from './field.js';
import type { Row } from './to-row.js';

/** A value of a row that its column's field cannot take. */
export interface Misfit {
  readonly column: Column;
  /** What stands there, as text. */
  readonly value: string;
}

/** The fields of a message by their local names, for `create`, and what did not fit. */
export interface Reading {
  readonly init: Readonly<Record<string, unknown>>;
  readonly misfits: readonly Misfit[];
}

/**
 * Reads a row as a message, the other way of {@link toRow}. Nothing is judged here beyond what
 * Protobuf cannot hold: that is the validator's, the same one as for calls (R51).
 */
export function fromRow(row: Readonly<Row>, columns: readonly Column[]): Reading {
  const init: Record<string, unknown> = {};
  const misfits: Misfit[] = [];
  for (const column of columns) {
    const part = partFor(init, column);
    const value = row[column.name];
    if (value === null || value === undefined) continue;
    const read = readValue(column.field, value);
    if (read === undefined) misfits.push({ column, value: textOf(value) });
    else part[column.path.at(-1)?.localName ?? ''] = read;
  }
  return { init, misfits };
}

/** The message that holds the field. It is there also when empty, so that findings name columns. */
function partFor(init: Record<string, unknown>, { path }: Column): Record<string, unknown> {
  let part = init;
  for (const { localName } of path.slice(0, -1))
    part = (part[localName] ??= {}) as Record<string, unknown>;
  return part;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function readValue(field: Field, value: unknown): unknown {
  switch (field.type) {
    case 'text':
      return field.many ? readTexts(value) : String(value);
    case 'date':
      return String(value);
    case 'choice':
      return choiceNumber(field, String(value));
    case 'instant':
      return readInstant(String(value));
    case 'flag':
      return typeof value === 'boolean' ? value : undefined;
    case 'fen':
    case 'whole':
      return /^-?\d{1,19}$/.test(String(value)) ? BigInt(String(value)) : undefined;
    case 'part':
      return readList(field, value);
  }
}

/** An array of PostgreSQL may have several dimensions, and nulls. */
function readTexts(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flat(8).map((one) => String(one ?? ''));
}

/**
 * Number of an enum value by its name, with or without the prefix, or by its code in the code list;
 * where no list has codes for it, by the number of the contract. Zero is not stated, as an empty text is.
 */
function choiceNumber({ values }: ChoiceField, text: string): number | undefined {
  const name = text.trim().toUpperCase();
  if (name === '') return 0;
  if (codesOf(values) && /^\d{1,2}$/.test(name))
    return Number(name) === 0 ? 0 : numberOfCode(values, name);
  const known = values.values.find(
    (one) => one.localName === name || one.name === name || String(one.number) === name,
  );
  return known?.number;
}

function readInstant(text: string): ReturnType<typeof timestampFromMs> | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : timestampFromMs(ms);
}

/** A JSON list of objects with the columns as keys; an unknown key or a wrong type does not fit. */
function readList({ of }: Extract<Field, { type: 'part' }>, value: unknown): object[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const columns = columnsOf(of);
  const known = new Set(columns.map(({ name }) => name));
  const list: object[] = [];
  for (const one of value as unknown[]) {
    if (typeof one !== 'object' || one === null || Array.isArray(one)) return undefined;
    if (Object.keys(one).some((key) => !known.has(key))) return undefined;
    const { init, misfits } = fromRow(one as Row, columns);
    if (misfits.length > 0) return undefined;
    list.push(init);
  }
  return list;
}
