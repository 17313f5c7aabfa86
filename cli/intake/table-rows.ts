import { readCell } from './cells.js';
import { classOfHeadings, headingsOf, type Heading } from './headings.js';
import type { InputClass } from './input-class.js';
import type { RowFault, SourceOptions, SourceRow } from './source.js';

/** What the headings of a table say about its rows. */
export interface TableHead {
  readonly inputClass: InputClass;
  readonly headings: readonly (Heading | undefined)[];
  titleOf(columnName: string): string;
}

/** Reads the headings. Throws UsageError when they are wrong, or don't tell what the rows are. */
export function readHead(
  titles: readonly string[],
  { classes, skipped }: SourceOptions,
): TableHead {
  const inputClass = classOfHeadings(titles, classes);
  const headings = headingsOf(titles, inputClass, skipped);
  const byName = new Map(headings.flatMap((one) => (one ? [[one.column.name, one.title]] : [])));
  return { inputClass, headings, titleOf: (name) => byName.get(name) ?? '' };
}

/** A row under the headings; undefined when all its cells are empty. */
export function readRow(
  cells: readonly unknown[],
  number: number,
  { headings }: TableHead,
): SourceRow | undefined {
  if (cells.every((cell) => cell === '' || cell === null)) return undefined;
  const values: Record<string, unknown> = {};
  headings.forEach((heading, at) => {
    if (heading) values[heading.column.name] = readCell(cells[at], heading);
  });
  const beyond = cells.slice(headings.length).some((cell) => cell !== '' && cell !== null);
  return { number, values, faults: beyond ? [TOO_MANY_CELLS] : [] };
}

const TOO_MANY_CELLS: RowFault = {
  column: '',
  code: 'TOO_MANY_CELLS',
  zh: '本行的列数多于表头。请核对分隔符和引号。',
  en: 'The row has more cells than there are headings. Check separators and quotes.',
};
