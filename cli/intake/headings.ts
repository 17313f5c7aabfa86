import { UsageError } from '../answer.js';
import type { Column } from '../../server/dictionary/columns.js';
import type { InputClass } from './input-class.js';

/** In what an amount is written. */
export type Unit = '分' | '元' | '万元';

/** What stands under a heading of a file. */
export interface Heading {
  /** As the file has it. */
  readonly title: string;
  readonly column: Column;
  /** Of an amount. */
  readonly unit?: Unit;
}

/** A heading that can't be used, in both languages. */
export interface HeadingFault {
  readonly zh: string;
  readonly en: string;
}

const WITH_UNIT = /^(.+)\((分|元|万元)\)$/;

/** Headings are compared without blanks and case, and with full-width characters as half-width ones. */
function normalise(title: string): string {
  return title.normalize('NFKC').replace(/\s/g, '').toUpperCase();
}

/** The column of a heading: by its name, its Chinese term, or an abbreviation of a standard (R42). */
export function headingOf(title: string, { columns }: InputClass): Heading | HeadingFault {
  const plain = normalise(title);
  const [, base = plain, stated] = WITH_UNIT.exec(plain) ?? [];
  const named = columns.filter(({ name }) => normalise(name) === base);
  const found = named.length > 0 ? named : columns.filter((column) => isMeant(column, base));
  const [column, second] = found;
  if (!column) return unknown(title);
  if (second) return ambiguous(title, found);
  if (column.field.type !== 'fen') return { title, column };
  const unit = (stated as Unit | undefined) ?? usualUnit(column, base);
  return unit ? { title, column, unit } : withoutUnit(title, column);
}

/** Whether it is a fault. */
export function isFault(heading: Heading | HeadingFault): heading is HeadingFault {
  return 'zh' in heading;
}

function isMeant({ field: { term, abbreviations } }: Column, base: string): boolean {
  return [term, ...abbreviations].some((name) => normalise(name) === base);
}

/** A column's own name ends in `_fen`; the standards with the abbreviations write 万元. */
function usualUnit({ name, field }: Column, base: string): Unit | undefined {
  if (normalise(name) === base) return '分';
  return field.abbreviations.some((one) => normalise(one) === base) ? '万元' : undefined;
}

function unknown(title: string): HeadingFault {
  return {
    zh: `“${title}”不是数据项字典中的列名、中文名称或标准缩写;不需要的列用 --skip 略过`,
    en: `"${title}" is no column, term or abbreviation of the field dictionary; leave a column out with --skip`,
  };
}

function ambiguous(title: string, columns: readonly Column[]): HeadingFault {
  const names = columns.map(({ name }) => name).join(', ');
  return {
    zh: `“${title}”可指 ${names},请改用其中一个列名`,
    en: `"${title}" may mean ${names}; use one of these names`,
  };
}

function withoutUnit(title: string, { name, field: { term } }: Column): HeadingFault {
  return {
    zh: `“${title}”没有写明单位,请写 ${term}(万元)、${term}(元)或 ${name}(分)`,
    en: `"${title}" states no unit; write ${term}(万元), ${term}(元), or ${name} for 分`,
  };
}

/**
 * The headings of a table; undefined where a column is left out. Throws UsageError with everything
 * that is wrong: nothing of such a file is sent.
 */
export function headingsOf(
  titles: readonly string[],
  inputClass: InputClass,
  skipped: ReadonlySet<string>,
): (Heading | undefined)[] {
  const isSkipped = (title: string): boolean => title.trim() === '' || skipped.has(title.trim());
  const read = titles.map((title) => (isSkipped(title) ? undefined : headingOf(title, inputClass)));
  const faults = read.filter((one) => one !== undefined).filter(isFault);
  const headings = read.map((one) => (one && !isFault(one) ? one : undefined));
  const names = headings.flatMap((one) => (one ? [one.column.name] : []));
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  faults.push(
    ...twice.map((name) => ({ zh: `列 ${name} 出现两次`, en: `${name} is there twice` })),
  );
  if (faults.length > 0)
    throw new UsageError(
      `表头有误:${faults.map(({ zh }) => zh).join(';')}。`,
      `The headings are wrong: ${faults.map(({ en }) => en).join('; ')}.`,
    );
  return headings;
}

/** The class of record that has its key among the headings. Throws UsageError when none, or two, have. */
export function classOfHeadings(
  titles: readonly string[],
  classes: readonly InputClass[],
): InputClass {
  const [only, ...more] =
    classes.length === 1 ? classes : classes.filter((one) => hasKey(titles, one));
  if (only && more.length === 0) return only;
  const names = classes.map(({ name }) => name).join(', ');
  throw new UsageError(
    `无法从表头判断记录类别,请用 --kind 指明(${names})。`,
    `The headings don't tell the class of the records; state it with --kind (${names}).`,
  );
}

function hasKey(titles: readonly string[], inputClass: InputClass): boolean {
  return titles.some((title) => {
    const heading = headingOf(title, inputClass);
    return !isFault(heading) && heading.column.name === inputClass.keyColumn;
  });
}
