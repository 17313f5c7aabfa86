import type { FindingList } from '../domain/catalog/release-findings.js';

/** Rows of a table past which an import is refused. */
export const MAX_ROWS = 20_000;
/** Columns of a table past which an import is refused. */
export const MAX_COLUMNS = 64;
/** Characters of a cell past which it is refused; no field is longer. */
export const MAX_CELL = 4_000;

/** One table as it stands in a file. Row 0 is the heading; empty rows are kept, so rows keep their number. */
export interface Sheet {
  /** Name of the sheet or, for a file of one table, of the file without its ending. */
  readonly name: string;
  /** Where it is, as findings say it: `mapping.csv` or `catalogue.xlsx#mapping`. */
  readonly label: string;
  readonly rows: readonly (readonly string[])[];
}

/** Whether a sheet is small enough to look at; adds a finding when not. */
export function isBounded(sheet: Sheet, list: FindingList): boolean {
  const widest = sheet.rows.reduce((width, row) => Math.max(width, row.length), 0);
  if (sheet.rows.length <= MAX_ROWS + 1 && widest <= MAX_COLUMNS) return true;
  addTooLarge(list, sheet.label);
  return false;
}

/** The finding for a table with too many rows or columns. */
export function addTooLarge(list: FindingList, label: string): void {
  list.add(label, {
    rule: 'R4',
    code: 'TABLE_TOO_LARGE',
    zh: `表格过大：最多 ${MAX_ROWS} 行、${MAX_COLUMNS} 列。`,
    en: `The table is too large: at most ${MAX_ROWS} rows and ${MAX_COLUMNS} columns.`,
  });
}
