import { readFileSync, writeFileSync } from 'node:fs';
import { parseTable, type TableRow } from '../../server/reference/csv-table.js';

const REFERENCE_DIR = new URL('../', import.meta.url);

/** The day the pilot began: every provisional row is in force from then (R3). */
export const PILOT_START = '2019-12-01';

/** A row of an output table: column → cell. */
export type OutputRow = Readonly<Record<string, string>>;

/** Reads columns of a CSV file of the reference folder; every cell is a string, blank when empty. */
export function readTable<Column extends string>(
  path: string,
  columns: readonly Column[],
): TableRow<Column>[] {
  return parseTable(readFileSync(new URL(path, REFERENCE_DIR), 'utf8'), columns, path);
}

/** The text of a CSV file: header row, `\n`; columns a row lacks are blank. */
export function renderTable(columns: readonly string[], rows: readonly OutputRow[]): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
  return lines.map((cells) => `${cells.map(quote).join(',')}\n`).join('');
}

/** Writes files of the reference folder, path → text, in UTF-8. */
export function writeFiles(files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) writeFileSync(new URL(path, REFERENCE_DIR), text);
}

/** The value of a lookup that must succeed, or an error that says what the raw tables lack. */
export function required<Value>(value: Value | undefined, what: string): Value {
  if (value === undefined) throw new Error(`raw tables: ${what} not found`);
  return value;
}

function quote(cell: string): string {
  return /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
