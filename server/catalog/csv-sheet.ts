import { parse, CsvError } from 'csv-parse/sync';
import type { FindingList } from '../domain/catalog/release-findings.js';
import { addTooLarge, MAX_ROWS, type Sheet } from './sheet.js';

/** Commas of a file past which it is refused unread: cells cost far more than the bytes they take. */
const MAX_COMMAS = 1_000_000;

/**
 * Reads a CSV file: UTF-8 with or without byte order mark, quoted as spreadsheets quote. Adds a
 * finding and gives nothing when it can't be read.
 */
export function readCsvSheet(
  name: string,
  label: string,
  content: Uint8Array,
  list: FindingList,
): Sheet | undefined {
  const text = decode(content);
  if (text === undefined) {
    list.add(label, {
      rule: 'VR27',
      code: 'NOT_UTF8',
      zh: '文件不是 UTF-8 编码（可能是 GBK 或 UTF-16）。请在电子表格软件中另存为“CSV UTF-8”。',
      en: 'The file is not UTF-8 (perhaps GBK or UTF-16). Save it as "CSV UTF-8" in the spreadsheet program.',
    });
    return undefined;
  }
  if (countCommas(content) > MAX_COMMAS) {
    addTooLarge(list, label);
    return undefined;
  }
  try {
    const rows = parse(text, {
      bom: true,
      relax_column_count: true,
      trim: true,
      max_record_size: 64 * 1024,
      to: MAX_ROWS + 2,
    });
    return { name, label, rows };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    addBroken(list, label, error);
    return undefined;
  }
}

function countCommas(content: Uint8Array): number {
  let commas = 0;
  for (const byte of content) if (byte === 0x2c) commas += 1;
  return commas;
}

function decode(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return undefined;
  }
}

function addBroken(list: FindingList, label: string, error: CsvError): void {
  const line: unknown = error['lines'];
  list.add(typeof line === 'number' ? `${label}:${line}` : label, {
    rule: 'R4',
    code: 'NOT_CSV',
    zh: '不是有效的 CSV：引号不成对，或一行过长（{}）。',
    en: 'Not a valid CSV: a quote is not closed, or a row is too long ({}).',
    value: error.code,
  });
}
