import type { CatalogFile } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import type { CatalogRelease } from '#gen/zhengzhao/v1/catalog_pb.js';
import { FindingList, messagePath, type Locate } from '../domain/catalog/release-findings.js';
import { TABLES, type TableName } from './catalog-tables.js';
import { readCsvSheet } from './csv-sheet.js';
import { releaseOfTables } from './release-tables.js';
import { isBounded, type Sheet } from './sheet.js';
import { readXlsxSheets } from './xlsx-sheets.js';

/** Most files of one import, and most bytes of one file. */
const MAX_FILES = 8;
export const MAX_FILE_BYTES = 8 * 1024 * 1024;

/** What an import came to. */
export interface ImportedRelease {
  /** The release, in the order of the tables. Undefined when a table is missing or can't be read. */
  readonly release: CatalogRelease | undefined;
  /** Findings about files and cells; the laws of a release are not checked yet. */
  readonly findings: FindingList;
  /** Says where a field of the release stands in the files. */
  readonly locate: Locate;
}

type NamedFile = Pick<CatalogFile, 'name' | 'content'>;

/**
 * Reads the administrator's tables, CSV or XLSX, into a release. Never throws on what a file holds:
 * everything wrong with it becomes a finding at `file:row:column`, all at once, in both languages.
 */
export async function importRelease(files: readonly NamedFile[]): Promise<ImportedRelease> {
  const findings = new FindingList();
  const sheets: Sheet[] = [];
  if (isFileCount(files.length, findings)) {
    for (const file of files) sheets.push(...(await readFile(file, findings)));
  }
  const tables = arrange(sheets, findings);
  if (!tables) return { release: undefined, findings, locate: messagePath };
  const { release, locate } = releaseOfTables(tables, findings);
  return { release, findings, locate };
}

async function readFile(file: NamedFile, findings: FindingList): Promise<readonly Sheet[]> {
  const label = labelOf(file.name);
  if (file.content.length > MAX_FILE_BYTES || file.content.length === 0) {
    addFileSize(findings, label);
    return [];
  }
  const base = label.replace(/\.(?:csv|xlsx)$/i, '');
  const sheets = isZip(file.content)
    ? await readXlsxSheets(label, file.content, findings)
    : label.toLowerCase().endsWith('.xlsx')
      ? await readXlsxSheets(label, file.content, findings)
      : [readCsvSheet(base, label, file.content, findings)].flatMap((sheet) => sheet ?? []);
  return named(base, sheets).filter((sheet) => isBounded(sheet, findings));
}

/** A workbook named like a table holds that table in its first sheet, whatever that is called. */
function named(base: string, sheets: readonly Sheet[]): readonly Sheet[] {
  const [first] = sheets;
  if (!first || !tableOf(base) || sheets.some((sheet) => tableOf(sheet.name))) return sheets;
  return [{ ...first, name: base }];
}

function tableOf(name: string): TableName | undefined {
  const wanted = name.trim().toLowerCase();
  const found = Object.entries(TABLES).find(
    ([table, chinese]) => table === wanted || chinese === wanted,
  );
  return found?.[0] as TableName | undefined;
}

/** Sheets by table. Sheets with other names are ignored: a workbook may hold notes. */
function arrange(
  sheets: readonly Sheet[],
  findings: FindingList,
): Readonly<Record<TableName, Sheet>> | undefined {
  const tables = new Map<TableName, Sheet>();
  for (const sheet of sheets) {
    const table = tableOf(sheet.name);
    if (table && tables.has(table)) addTwice(findings, sheet.label, table);
    else if (table) tables.set(table, sheet);
  }
  const missing = (Object.keys(TABLES) as TableName[]).filter((table) => !tables.has(table));
  for (const table of missing) addMissing(findings, table);
  if (missing.length > 0) return undefined;
  return Object.fromEntries(tables) as Record<TableName, Sheet>;
}

function labelOf(name: string): string {
  const base = name.split(/[\\/]/).at(-1) ?? '';
  return base.replace(/[\p{Cc}\p{Cs}:#]/gu, '_').slice(0, 80);
}

function isZip(content: Uint8Array): boolean {
  return content[0] === 0x50 && content[1] === 0x4b;
}

function isFileCount(count: number, findings: FindingList): boolean {
  if (count >= 1 && count <= MAX_FILES) return true;
  findings.add('files', {
    rule: 'R4',
    code: 'FILE_COUNT',
    zh: `应有 1 至 ${MAX_FILES} 个文件。`,
    en: `There must be 1 to ${MAX_FILES} files.`,
  });
  return false;
}

function addFileSize(findings: FindingList, label: string): void {
  findings.add(label, {
    rule: 'R4',
    code: 'FILE_SIZE',
    zh: '文件为空，或超过 8 MiB。',
    en: 'The file is empty or larger than 8 MiB.',
  });
}

function addTwice(findings: FindingList, label: string, table: TableName): void {
  findings.add(label, {
    rule: 'R4',
    code: 'TABLE_TWICE',
    zh: `“${TABLES[table]}”（${table}）表出现了两次。`,
    en: `The table ${table} occurs twice.`,
  });
}

function addMissing(findings: FindingList, table: TableName): void {
  findings.add(table, {
    rule: 'R4',
    code: 'TABLE_MISSING',
    zh: `缺少“${TABLES[table]}”表：文件 ${table}.csv、${table}.xlsx，或工作簿中名为 ${table} 的工作表。`,
    en: `The table ${table} is missing: a file ${table}.csv or ${table}.xlsx, or a sheet named ${table}.`,
  });
}
