import type { FindingList } from '../domain/catalog/release-findings.js';
import { foldFullWidth } from '../domain/identifiers/text.js';
import {
  COLUMNS,
  FLAG_CHOICES,
  OPTIONAL_COLUMNS,
  type Choices,
  type Column,
  type TableName,
} from './catalog-tables.js';
import { MAX_CELL, type Sheet } from './sheet.js';

/** One row of a table; reading a cell that can't be understood adds a finding and gives "not stated". */
export interface TableRow<Name extends string> {
  /** Place of a cell as findings say it: `file:row:column`, the row as the spreadsheet counts. */
  at(column: Name): string;
  /** Text as entered, trimmed. */
  text(column: Name): string;
  /** A code: full-width letters and digits in half width. */
  code(column: Name): string;
  /** Values parted by `;` or `；`. */
  list(column: Name): string[];
  /** A date, also as spreadsheets write it (`2019/12/1`), as `YYYY-MM-DD`. */
  date(column: Name): string;
  /** A value of a code list; 0 when empty or unknown. */
  choice(column: Name, choices: Choices): number;
  /** Values of a code list, parted by `;`; unknown ones are left out. */
  choices(column: Name, choices: Choices): number[];
  /** true / false, 是 / 否. Empty: false. */
  flag(column: Name): boolean;
}

/**
 * The rows of a sheet below its heading, without the empty ones. Adds a finding for each column that
 * is missing, and then gives none. Further columns are ignored: an administrator may keep notes.
 */
export function tableRows<T extends TableName>(
  table: T,
  sheet: Sheet,
  list: FindingList,
): readonly TableRow<Column<T>>[] {
  const headings = (sheet.rows[0] ?? []).map((heading) => foldFullWidth(heading).trim());
  const columns: readonly (readonly [string, string])[] = Object.entries(COLUMNS[table]);
  const positions = new Map(
    columns.map(([column, chinese]) => [
      column,
      headings.findIndex((heading) => heading === column || heading === chinese),
    ]),
  );
  const missing = columns.filter(
    ([column]) => positions.get(column) === -1 && !OPTIONAL_COLUMNS.has(column),
  );
  for (const [column, chinese] of missing) addMissing(list, sheet.label, column, chinese);
  if (missing.length > 0) return [];
  return sheet.rows.flatMap((cells, index) =>
    index === 0 || cells.every((cell) => cell.trim() === '')
      ? []
      : [rowReader({ cells, headings, positions, label: `${sheet.label}:${index + 1}`, list })],
  );
}

interface RowParts {
  readonly cells: readonly string[];
  readonly headings: readonly string[];
  readonly positions: ReadonlyMap<string, number>;
  readonly label: string;
  readonly list: FindingList;
}

function rowReader<Name extends string>(row: RowParts): TableRow<Name> {
  const at = (column: Name): string =>
    `${row.label}:${row.headings[row.positions.get(column) ?? -1] ?? column}`;
  const text = (column: Name): string => {
    const cell = row.cells[row.positions.get(column) ?? -1]?.trim() ?? '';
    if (cell.length <= MAX_CELL) return cell;
    addLongCell(row.list, at(column));
    return '';
  };
  const code = (column: Name): string => foldFullWidth(text(column)).trim();
  const valueOf = (column: Name, choices: Choices, written: string): number => {
    const value = choiceOf(choices, written);
    if (written !== '' && value === 0) addUnknownValue(row.list, at(column), written, choices);
    return value;
  };
  const choice = (column: Name, choices: Choices): number => valueOf(column, choices, code(column));
  return {
    at,
    text,
    code,
    list: (column) => splitValues(text(column)),
    date: (column) => civilDate(code(column)),
    choice,
    choices: (column, choices) =>
      splitValues(code(column))
        .map((written) => valueOf(column, choices, written))
        .filter((value) => value !== 0),
    flag: (column) => choice(column, FLAG_CHOICES) === 1,
  };
}

function choiceOf(choices: Choices, written: string): number {
  const key = written.toUpperCase();
  return Object.hasOwn(choices, key) ? (choices[key] ?? 0) : 0;
}

function splitValues(cell: string): string[] {
  return cell
    .split(/[;；]/)
    .map((value) => value.trim())
    .filter((value) => value !== '');
}

const WRITTEN_DATE = /^(\d{4})(?:[-/.]|年)(\d{1,2})(?:[-/.]|月)(\d{1,2})日?$/;
const COMPACT_DATE = /^(\d{4})(\d{2})(\d{2})$/;

/** Rewrites the ways in which spreadsheets write a date; other text is left for the check to refuse. */
function civilDate(written: string): string {
  const parts = WRITTEN_DATE.exec(written) ?? COMPACT_DATE.exec(written);
  if (!parts) return written;
  const [, year = '', month = '', day = ''] = parts;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

function addMissing(list: FindingList, label: string, column: string, chinese: string): void {
  list.add(`${label}:1:${column}`, {
    rule: 'R4',
    code: 'COLUMN_MISSING',
    zh: `缺少列 ${column}（${chinese}）；第一行应为列名。`,
    en: `The column ${column} (${chinese}) is missing; the first row must hold the headings.`,
  });
}

function addLongCell(list: FindingList, field: string): void {
  list.add(field, {
    rule: 'VR10',
    code: 'TOO_LONG',
    zh: `单元格过长：最多 ${MAX_CELL} 个字符。`,
    en: `The cell is too long: at most ${MAX_CELL} characters.`,
  });
}

function addUnknownValue(list: FindingList, field: string, value: string, choices: Choices): void {
  const allowed = Object.keys(choices).join(' / ');
  list.add(field, {
    rule: 'VR10',
    code: 'VALUE_UNKNOWN',
    zh: `“{}”不在代码表中；可填：${allowed}。`,
    en: `"{}" is not in the code list; allowed: ${allowed}.`,
    value,
  });
}
