import { readFile } from 'node:fs/promises';
import { ConfigError } from '../config-error.js';
import { isCivilDate } from '../domain/identifiers/civil-date.js';
import { parseTable, ReferenceFileError, type TableRow } from './csv-table.js';
import type { DeclaredDay } from './holidays.js';

const VARIABLE = 'HUB_HOLIDAYS_FILE';
const COLUMNS = ['date', 'day'] as const;
const DAYS: ReadonlyMap<string, DeclaredDay> = new Map([
  ['休', 'off'],
  ['off', 'off'],
  ['班', 'work'],
  ['work', 'work'],
]);
/** Some twenty-seven years of announcements; the file is read as a whole. */
const MAX_ROWS = 1_000;

/**
 * Reads the days off that were announced after this version was made: a CSV with the columns `date`
 * (`YYYY-MM-DD`) and `day` (`休` or `off`; `班` or `work` for a weekend that is worked). Throws
 * ConfigError with everything that is wrong.
 */
export async function readDeclaredDays(file: string): Promise<ReadonlyMap<string, DeclaredDay>> {
  const rows = await readRows(file);
  const declared = new Map<string, DeclaredDay>();
  const problems: string[] = [];
  for (const { date, day } of rows) {
    const meaning = DAYS.get(day);
    if (!isCivilDate(date))
      problems.push(`${date} 应为 YYYY-MM-DD 格式的日期 · should be a date, YYYY-MM-DD`);
    else if (declared.has(date)) problems.push(`${date} 重复 · is there twice`);
    if (meaning === undefined)
      problems.push(`${date}: day 应为 休 或 班 · should be off or work, not “${day}”`);
    else declared.set(date, meaning);
  }
  if (problems.length > 0) throw new ConfigError(problems.map((what) => `${VARIABLE}: ${what}`));
  return declared;
}

async function readRows(file: string): Promise<TableRow<(typeof COLUMNS)[number]>[]> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined)
    throw new ConfigError([`${VARIABLE}: 文件无法读取 · the file can not be read`]);
  try {
    const rows = parseTable(text, COLUMNS, VARIABLE);
    if (rows.length <= MAX_ROWS) return rows;
  } catch (error) {
    if (error instanceof ReferenceFileError) throw new ConfigError([error.message]);
    throw error;
  }
  throw new ConfigError([`${VARIABLE}: 超过 ${MAX_ROWS} 行 · more than ${MAX_ROWS} rows`]);
}
