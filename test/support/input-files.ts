import { columnsOf, type LeftOut } from '../../server/dictionary/columns.js';
import type { Entry } from '../../server/dictionary/entry.js';
import { toRow } from '../../server/dictionary/to-row.js';

/** A row as a person fills it in; `undefined` is an empty cell. */
export type FilledRow = Readonly<Record<string, string | undefined>>;

/** A message, or its fields, as such a row, by the columns of the dictionary. */
export function filledRow(message: object, entry: Entry, leftOut: LeftOut = new Set()): FilledRow {
  const row = toRow(message, columnsOf(entry, leftOut));
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, cellOf(value)]));
}

function cellOf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (!Array.isArray(value)) return String(value);
  if (value.length === 0) return undefined;
  return value.every((one) => typeof one === 'string') ? value.join(';') : JSON.stringify(value);
}

/** Rows as a table, under the headings that any of them has; `rename` changes headings. */
export function tableOf(rows: readonly FilledRow[], rename: FilledRow = {}): string[][] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const used = names.filter((name) => rows.some((row) => row[name] !== undefined));
  return [
    used.map((name) => rename[name] ?? name),
    ...rows.map((row) => used.map((name) => row[name] ?? '')),
  ];
}

/** That table as CSV. */
export function csvOf(rows: readonly FilledRow[], rename: FilledRow = {}): string {
  const lines = tableOf(rows, rename);
  return lines.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('');
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
