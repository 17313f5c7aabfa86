import { strFromU8, unzipSync, zipSync } from 'fflate';
import type { FindingList } from '../domain/catalog/release-findings.js';
import { MAX_COLUMNS, MAX_ROWS, type Sheet } from './sheet.js';

/** Unpacked size past which a workbook is refused: a small archive can hold gigabytes of nothing. */
const MAX_UNPACKED = 32 * 1024 * 1024;
const MAX_PARTS = 200;

type Cell = string | boolean | object | null;

/**
 * Reads every sheet of an XLSX workbook. Numbers keep the text they are stored as, dates become
 * `YYYY-MM-DD`. Adds a finding and gives nothing when it is no workbook, or one that would need
 * unreasonable memory.
 */
export async function readXlsxSheets(
  label: string,
  content: Uint8Array,
  list: FindingList,
): Promise<readonly Sheet[]> {
  const parts = unpack(content);
  if (parts === 'TOO_LARGE' || (parts && !hasBoundedCells(parts))) {
    addTooLarge(list, label);
    return [];
  }
  const sheets = parts && (await read(parts));
  if (!sheets) addUnreadable(list, label);
  return (sheets ?? []).map(({ sheet, data }) => ({
    name: sheet,
    label: `${label}#${sheet.slice(0, 40)}`,
    rows: data.map((row) => row.map(cellText)),
  }));
}

type Parts = Readonly<Record<string, Uint8Array>>;

/** The XML parts of the archive. Sizes are checked before anything is unpacked. */
function unpack(content: Uint8Array): Parts | 'TOO_LARGE' | undefined {
  let size = 0;
  let count = 0;
  try {
    const parts = unzipSync(content, {
      filter: (part) => {
        if (!part.name.endsWith('.xml') && !part.name.endsWith('.rels')) return false;
        size += part.originalSize;
        count += 1;
        return size <= MAX_UNPACKED && count <= MAX_PARTS;
      },
    });
    return size > MAX_UNPACKED || count > MAX_PARTS ? 'TOO_LARGE' : parts;
  } catch {
    return undefined;
  }
}

/** `r="…"` of rows and cells; `xmlns:r` and the like are no addresses. */
const ADDRESS = /(?<![\w:.-])r\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ROW = /<(?:[\w.-]+:)?row(?=[\s/>])/g;
const PLAIN_ADDRESS = /^([A-Z]{0,3})(\d{1,7})$/;

/**
 * Whether there are no more rows than a table may have and every address lies within its bounds.
 * The reader fills gaps with empty rows and cells, so a single far address would cost all the memory
 * there is.
 */
function hasBoundedCells(parts: Parts): boolean {
  return Object.values(parts).every((part) => {
    const xml = strFromU8(part);
    // Without this element a part is no sheet; the theme, for one, writes colours as `r`.
    if (!xml.includes('sheetData')) return true;
    if (countRows(xml) > MAX_ROWS + 2) return false;
    for (const [, double, single] of xml.matchAll(ADDRESS)) {
      if (!isNearAddress(double ?? single ?? '')) return false;
    }
    return true;
  });
}

function countRows(xml: string): number {
  let rows = 0;
  while (ROW.test(xml)) rows += 1;
  return rows;
}

function isNearAddress(address: string): boolean {
  const [, letters, digits] = PLAIN_ADDRESS.exec(address) ?? [];
  if (letters === undefined || digits === undefined) return false;
  const column = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
  return Number(digits) <= MAX_ROWS + 2 && column <= MAX_COLUMNS;
}

async function read(parts: Parts): Promise<{ sheet: string; data: Cell[][] }[] | undefined> {
  // Packed again from exactly the parts that were checked: archives can say one thing in their
  // directory and another in front of a part.
  const checked = zipSync({ ...parts }, { level: 0 });
  // Loaded by whoever imports a workbook only: nodes and commands start sooner.
  const { default: readWorkbook } = await import('read-excel-file/universal');
  try {
    const options = { parseNumber: (text: string) => text };
    return await readWorkbook<string>(Uint8Array.from(checked).buffer, options);
  } catch {
    return undefined;
  }
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (cell instanceof Date) {
    return Number.isNaN(cell.getTime()) ? '' : cell.toISOString().slice(0, 10);
  }
  return String(cell).trim();
}

function addTooLarge(list: FindingList, label: string): void {
  list.add(label, {
    rule: 'R4',
    code: 'WORKBOOK_TOO_LARGE',
    zh: `工作簿过大：展开后最多 32 MiB，每个工作表最多 ${MAX_ROWS} 行、${MAX_COLUMNS} 列。请删除多余的行列后再试。`,
    en: `The workbook is too large: at most 32 MiB unpacked, ${MAX_ROWS} rows and ${MAX_COLUMNS} columns per sheet. Remove what is not needed and try again.`,
  });
}

function addUnreadable(list: FindingList, label: string): void {
  list.add(label, {
    rule: 'R4',
    code: 'NOT_XLSX',
    zh: '不是可以读取的 XLSX 工作簿（可能已损坏、加密，或是旧的 XLS 格式）。请另存为 .xlsx 后再试。',
    en: 'Not a readable XLSX workbook (perhaps damaged, encrypted, or the older XLS format). Save it as .xlsx and try again.',
  });
}
