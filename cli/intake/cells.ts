import type { Heading, Unit } from './headings.js';

/** What separates the texts of a list in one cell. */
const SEPARATOR = /[;；,，、|]/;
const DATE = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]00:00(?::00)?)?$/;
const WALL_CLOCK = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2})?))?$/;
const FLAGS = new Map<string, boolean>([
  ...['true', '1', 'y', 'yes', '是'].map((word) => [word, true] as const),
  ...['false', '0', 'n', 'no', '否'].map((word) => [word, false] as const),
]);
/** Digits after the point of each unit that are whole 分. */
const DECIMALS: Readonly<Record<Unit, number>> = { 分: 0, 元: 2, 万元: 6 };

/**
 * A cell as the dictionary's reader takes it: null when it is empty. What can't be read stays as it
 * is, so that the reader names it.
 */
export function readCell(value: unknown, { column, unit }: Heading): unknown {
  if (unit !== undefined && unit !== '分') return inFen(String(value ?? '').trim(), unit);
  if (typeof value !== 'string') return value ?? null;
  const text = value.trim();
  if (text === '') return null;
  switch (column.field.type) {
    case 'text':
      return column.field.many ? textsOf(text) : text;
    case 'date':
      return civilDate(text);
    case 'instant':
      return momentOf(text);
    case 'flag':
      return FLAGS.get(text.toLowerCase()) ?? text;
    case 'part':
      return jsonOf(text);
    default:
      return text;
  }
}

function textsOf(text: string): unknown {
  if (text.startsWith('[')) return jsonOf(text);
  return text
    .split(SEPARATOR)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** Spreadsheets write dates in several ways; only those whose order is plain are changed. */
function civilDate(text: string): string {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return text;
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
}

/** A time without a zone is that of the clocks in China. */
function momentOf(text: string): string {
  const [, day, time] = WALL_CLOCK.exec(text) ?? [];
  return day === undefined ? text : `${day}T${time ?? '00:00'}+08:00`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Exact, as amounts in 万元 have six decimals. What is no whole number of 分 keeps its unit, so that
 * it can't be taken for one.
 */
function inFen(text: string, unit: Unit): string | null {
  if (text === '') return null;
  const [, sign = '', whole, part = ''] = /^(-?)(\d{1,12})(?:\.(\d+))?$/.exec(text) ?? [];
  const decimals = DECIMALS[unit];
  const digits = part.replace(/0+$/, '');
  if (whole === undefined || digits.length > decimals) return `${text} ${unit}`;
  return `${sign}${BigInt(whole + digits.padEnd(decimals, '0'))}`;
}
