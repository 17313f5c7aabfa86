import { timestampDate, type Timestamp } from '@bufbuild/protobuf/wkt';
import { isCivilDate } from '../domain/identifiers/civil-date.js';
import { columnsOf, type Column } from './columns.js';
import type { Entry } from './entry.js';
import type { ChoiceField, Field } from './field.js';

/** Values of a row by column, as JSON has them; null: not stated. */
export type Row = Record<string, unknown>;

/**
 * A message as a row. Never fails: what no column of its type can hold (an impossible date or
 * moment, a NUL) was let in by another node and becomes null, or is left out of the text, so that
 * one message cannot stop those behind it.
 */
export function toRow(message: object, columns: readonly Column[]): Row {
  const row: Row = {};
  for (const column of columns) row[column.name] = valueIn(message, column);
  return row;
}

/** One value of {@link toRow}. */
export function valueIn(message: object, column: Column): unknown {
  return valueOf(column.field, read(message, column));
}

function read(message: object, { path }: Column): unknown {
  let value: unknown = message;
  for (const { localName } of path)
    value = (value as Readonly<Record<string, unknown>> | undefined)?.[localName];
  return value;
}

function valueOf(field: Field, value: unknown): unknown {
  switch (field.type) {
    case 'text':
      return field.many ? ((value ?? []) as string[]).map(storable) : textOrNull(value);
    case 'choice':
      return choiceName(field, Number(value ?? 0));
    case 'date':
      return isCivilDate(String(value)) ? value : null;
    case 'instant':
      return instantOf(value as Timestamp | undefined);
    case 'flag':
      return value ?? null;
    case 'fen':
    case 'whole':
      return value === undefined ? null : String(value);
    case 'part':
      return listOf(field.of, value);
  }
}

/** Columns of what stands in a list, worked out once. */
const columnsOfParts = new WeakMap<Entry, readonly Column[]>();

function listOf(entry: Entry, value: unknown): Row[] {
  let columns = columnsOfParts.get(entry);
  if (!columns) columnsOfParts.set(entry, (columns = columnsOf(entry)));
  return ((value ?? []) as object[]).map((one) => toRow(one, columns));
}

/** PostgreSQL holds no NUL. */
function storable(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text;
}

function textOrNull(value: unknown): string | null {
  const text = storable(String(value ?? ''));
  return text === '' ? null : text;
}

/** Name of an enum value without the enum's prefix; null for zero, digits for one that is unknown. */
function choiceName({ values }: ChoiceField, number: number): string | null {
  if (number === 0) return null;
  return values.value[number]?.localName ?? String(number);
}

function instantOf(timestamp: Timestamp | undefined): string | null {
  if (!timestamp) return null;
  const date = timestampDate(timestamp);
  // Outside four-digit years JavaScript writes a form that PostgreSQL does not read.
  if (Number.isNaN(date.getTime())) return null;
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999 ? date.toISOString() : null;
}
