import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { UsageError } from '../answer.js';
import { openCsv } from './csv-source.js';
import type { InputClass } from './input-class.js';
import { openNdjson } from './ndjson-source.js';
import { openXlsx } from './xlsx-source.js';

/** A row of a file, its cells read. */
export interface SourceRow {
  /** As the spreadsheet counts it: the headings are row 1. Of NDJSON, the line. */
  readonly number: number;
  /** By the column of the dictionary. */
  readonly values: Readonly<Record<string, unknown>>;
  /** What is wrong with the row itself, besides its cells. */
  readonly faults: readonly RowFault[];
  /** NDJSON in the form of the contract: the message itself. */
  readonly message?: object;
}

/** Something wrong with a row, in both languages. */
export interface RowFault {
  /** Heading, where it is about one. */
  readonly column: string;
  readonly code: string;
  readonly zh: string;
  readonly en: string;
}

/** The rows of a file. */
export interface Source {
  readonly inputClass: InputClass;
  /** Of a workbook. Unset: the file is none. */
  readonly sheet?: string;
  /** Heading of each column of the dictionary that the file has, as it is known so far. */
  titleOf(columnName: string): string;
  readonly rows: AsyncIterable<SourceRow>;
  /** How much of the file has been read, 0 to 1. */
  progress(): number;
}

/** How a file is to be read. */
export interface SourceOptions {
  /** Classes that the rows may be of. */
  readonly classes: readonly InputClass[];
  /** Headings that are left out. */
  readonly skipped: ReadonlySet<string>;
  /** Of CSV and NDJSON. */
  readonly encoding: string;
  /** Of a workbook. Unset: the first one. */
  readonly sheet?: string | undefined;
}

/** A file as it is read piece by piece. */
export interface Bytes {
  readonly chunks: AsyncIterable<Buffer>;
  progress(): number;
}

/** Opens a CSV, XLSX or NDJSON file. Throws UsageError when it can't be used. */
export async function openSource(file: string, options: SourceOptions): Promise<Source> {
  switch (extname(file).toLowerCase()) {
    case '.csv':
      return openCsv(await bytesOf(file), options);
    case '.ndjson':
    case '.jsonl':
      return openNdjson(await bytesOf(file), options);
    case '.xlsx':
      return openXlsx(file, options);
    default:
      throw new UsageError(
        '文件应为 .csv、.xlsx、.ndjson 或 .jsonl。',
        'The file must be .csv, .xlsx, .ndjson or .jsonl.',
      );
  }
}

async function bytesOf(file: string): Promise<Bytes> {
  const { size } = await stat(file);
  const stream = createReadStream(file);
  return { chunks: stream, progress: () => (size === 0 ? 1 : stream.bytesRead / size) };
}
