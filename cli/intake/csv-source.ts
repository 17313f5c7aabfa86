import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { UsageError } from '../answer.js';
import { decode } from './decoding.js';
import type { Bytes, Source, SourceOptions, SourceRow } from './source.js';
import { readHead, readRow, type TableHead } from './table-rows.js';

/** Characters of a row; the longest fields of the dictionary together are shorter. */
const MAX_ROW = 256 * 1024;

/** A CSV file, read as it is needed: memory does not grow with it. */
export async function openCsv(bytes: Bytes, options: SourceOptions): Promise<Source> {
  const rows = readCsv(bytes, options.encoding);
  const first = await rows.next();
  if (first.done) throw new UsageError('文件是空的。', 'The file is empty.');
  const head = readHead(first.value, options);
  return { ...head, rows: rowsUnder(rows, head), progress: bytes.progress };
}

async function* rowsUnder(
  rows: AsyncGenerator<string[]>,
  head: TableHead,
): AsyncGenerator<SourceRow> {
  let number = 1;
  for await (const cells of rows) {
    number += 1;
    const row = readRow(cells, number, head);
    if (row) yield row;
  }
}

async function* readCsv(bytes: Bytes, encoding: string): AsyncGenerator<string[]> {
  // Empty lines are kept, so that rows keep the number that a spreadsheet shows.
  const parser = parse({ bom: true, relax_column_count: true, max_record_size: MAX_ROW });
  const reading = pipeline(bytes.chunks, (chunks) => decode(chunks, encoding), parser);
  // What fails reading also ends the parser, which is where it is seen.
  reading.catch(() => undefined);
  try {
    for await (const cells of parser) yield cells as string[];
  } catch (error) {
    throw error instanceof CsvError ? notCsv(error) : error;
  }
}

function notCsv(error: CsvError): UsageError {
  const line = String(error['lines'] ?? '?');
  return new UsageError(
    `第 ${line} 行起不是有效的 CSV(引号不成对,或一行过长)。`,
    `From line ${line} on this is no valid CSV (a quote is not closed, or a row is too long).`,
  );
}
