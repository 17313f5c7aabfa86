import { parse } from 'csv-parse/sync';

/** A reference file that cannot be used; the message names file, row and cause in Chinese and English. */
export class ReferenceFileError extends Error {
  override readonly name = 'ReferenceFileError';

  constructor(
    readonly file: string,
    messageZh: string,
    messageEn: string,
  ) {
    super(`${file}: ${messageZh} / ${messageEn}`);
  }
}

/** One row of a table: exactly the columns that were asked for, trimmed, blank when the cell is empty. */
export type TableRow<Column extends string> = Readonly<Record<Column, string>>;

/**
 * Parses a UTF-8 CSV text with a header row and keeps the columns asked for, in file order.
 * Further columns are ignored, so an administrator may add notes of his own.
 * @throws ReferenceFileError when a column is missing or the text is no CSV.
 */
export function parseTable<Column extends string>(
  text: string,
  columns: readonly Column[],
  file: string,
): TableRow<Column>[] {
  const [header, ...lines] = readLines(text, file);
  const positions = columns.map((column) => {
    const position = header?.findIndex((cell) => cell.trim() === column) ?? -1;
    if (position < 0) {
      throw new ReferenceFileError(file, `缺少列 ${column}`, `column ${column} is missing`);
    }
    return [column, position] as const;
  });
  return lines.map((cells) => pickCells(cells, positions));
}

function pickCells<Column extends string>(
  cells: readonly string[],
  positions: readonly (readonly [Column, number])[],
): TableRow<Column> {
  const row = {} as Record<Column, string>;
  for (const [column, position] of positions) row[column] = cells[position]?.trim() ?? '';
  return row;
}

/**
 * Without a quote in the text, RFC 4180 is lines cut at commas; that takes a tenth of the parser's
 * time, and the large tables (regions, industries) have none.
 */
function readLines(text: string, file: string): string[][] {
  if (text.includes('"')) return parseQuoted(text, file);
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const rows = lines.filter((line) => line !== '').map((line) => line.split(','));
  const width = rows[0]?.length;
  const ragged = rows.findIndex((cells) => cells.length !== width);
  if (ragged >= 0) {
    const detail = rows[ragged]?.join(',') ?? '';
    throw new ReferenceFileError(file, `列数不符：${detail}`, `wrong number of columns: ${detail}`);
  }
  return rows;
}

function parseQuoted(text: string, file: string): string[][] {
  try {
    return parse(text, { bom: true, skip_empty_lines: true });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new ReferenceFileError(
      file,
      `不是有效的 CSV（${detail}）`,
      `not a valid CSV (${detail})`,
    );
  }
}
