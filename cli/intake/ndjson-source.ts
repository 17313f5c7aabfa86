import { UsageError } from '../answer.js';
import { readCell } from './cells.js';
import { decode } from './decoding.js';
import {
  classOfHeadings,
  headingOf,
  isFault,
  type Heading,
  type HeadingFault,
} from './headings.js';
import type { InputClass } from './input-class.js';
import type { Bytes, RowFault, Source, SourceOptions, SourceRow } from './source.js';

/** Characters of a line, as of a row of CSV. */
const MAX_LINE = 256 * 1024;

interface Line {
  readonly number: number;
  /** Unset: no JSON object. */
  readonly object: Readonly<Record<string, unknown>> | undefined;
}

/**
 * A file with one JSON object a line: either the columns of the dictionary, or the message as the
 * contract writes it in JSON, which is told by its `envelope`.
 */
export async function openNdjson(bytes: Bytes, options: SourceOptions): Promise<Source> {
  const lines = readLines(bytes, options.encoding);
  const first = await lines.next();
  if (first.done) throw new UsageError('文件是空的。', 'The file is empty.');
  const inputClass = classOfLine(first.value, options.classes);
  const headings = new Map<string, Heading | HeadingFault>();
  return {
    inputClass,
    titleOf: (name) => titleIn(headings, name),
    rows: rowsOf(first.value, lines, { inputClass, headings, skipped: options.skipped }),
    progress: bytes.progress,
  };
}

function titleIn(headings: ReadonlyMap<string, Heading | HeadingFault>, name: string): string {
  for (const [title, one] of headings) if (!isFault(one) && one.column.name === name) return title;
  return '';
}

function classOfLine({ object }: Line, classes: readonly InputClass[]): InputClass {
  const named = classes.filter(({ name }) => isObject(object?.[name]));
  const [only] = named;
  return only && named.length === 1 ? only : classOfHeadings(Object.keys(object ?? {}), classes);
}

interface Reading {
  readonly inputClass: InputClass;
  /** Known keys; bounded, as keys that are no columns are not kept. */
  readonly headings: Map<string, Heading | HeadingFault>;
  readonly skipped: ReadonlySet<string>;
}

async function* rowsOf(
  first: Line,
  rest: AsyncGenerator<Line>,
  reading: Reading,
): AsyncGenerator<SourceRow> {
  yield rowOf(first, reading);
  for await (const line of rest) yield rowOf(line, reading);
}

function rowOf({ number, object }: Line, reading: Reading): SourceRow {
  if (!object) return { number, values: {}, faults: [NOT_AN_OBJECT] };
  if (isObject(object['envelope'])) return { number, values: {}, faults: [], message: object };
  const values: Record<string, unknown> = {};
  const faults: RowFault[] = [];
  for (const [key, value] of Object.entries(object)) {
    if (reading.skipped.has(key)) continue;
    const heading = headingIn(key, reading);
    if (isFault(heading)) faults.push({ column: key, code: 'UNKNOWN_COLUMN', ...heading });
    else values[heading.column.name] = readCell(value, heading);
  }
  return { number, values, faults };
}

function headingIn(key: string, { headings, inputClass }: Reading): Heading | HeadingFault {
  const known = headings.get(key);
  if (known) return known;
  const heading = headingOf(key, inputClass);
  if (!isFault(heading)) headings.set(key, heading);
  return heading;
}

async function* readLines(bytes: Bytes, encoding: string): AsyncGenerator<Line> {
  let number = 0;
  let rest = '';
  for await (const text of decode(bytes.chunks, encoding)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE) throw tooLong(number + 1);
    for (const line of lines) {
      number += 1;
      if (line.trim() !== '') yield { number, object: objectOf(line) };
    }
  }
  if (rest.trim() !== '') yield { number: number + 1, object: objectOf(rest) };
}

function objectOf(line: string): Line['object'] {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function tooLong(line: number): UsageError {
  return new UsageError(`第 ${line} 行过长。`, `Line ${line} is too long.`);
}

const NOT_AN_OBJECT: RowFault = {
  column: '',
  code: 'NOT_JSON',
  zh: '本行不是一个 JSON 对象。',
  en: 'The line is no JSON object.',
};
