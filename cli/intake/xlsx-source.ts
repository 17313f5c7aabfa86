import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { readXlsxSheets } from '../../server/catalog/xlsx-sheets.js';
import type { Sheet } from '../../server/catalog/sheet.js';
import { FindingList } from '../../server/domain/catalog/release-findings.js';
import { UsageError } from '../answer.js';
import type { Source, SourceOptions, SourceRow } from './source.js';
import { readHead, readRow, type TableHead } from './table-rows.js';

/** One sheet of an XLSX workbook. A workbook is held whole, so its size has a limit. */
export async function openXlsx(file: string, options: SourceOptions): Promise<Source> {
  const faults = new FindingList();
  const sheets = await readXlsxSheets(basename(file), await readFile(file), faults);
  const [fault] = faults.findings;
  if (fault) throw new UsageError(fault.messageZh, fault.messageEn);
  const { name: sheet, rows } = chooseSheet(sheets, options.sheet);
  const head = readHead(rows[0] ?? [], options);
  let done = 0;
  const read = rowsUnder(rows, head, (number) => (done = number));
  return { ...head, sheet, rows: read, progress: () => done / rows.length };
}

function chooseSheet(sheets: readonly Sheet[], name: string | undefined): Sheet {
  const chosen = name === undefined ? sheets[0] : sheets.find((sheet) => sheet.name === name);
  if (chosen) return chosen;
  const names = sheets.map((sheet) => sheet.name).join(', ');
  throw new UsageError(
    `工作簿中没有工作表 ${name ?? ''},有:${names}。`,
    `The workbook has no sheet ${name ?? ''}; it has ${names}.`,
  );
}

async function* rowsUnder(
  rows: Sheet['rows'],
  head: TableHead,
  reached: (number: number) => void,
): AsyncGenerator<SourceRow> {
  for (const [at, cells] of rows.entries()) {
    if (at === 0) continue;
    reached(at + 1);
    const row = readRow(cells, at + 1, head);
    if (row) yield await Promise.resolve(row);
  }
}
