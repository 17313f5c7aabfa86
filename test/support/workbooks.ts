import { strToU8, zipSync } from 'fflate';

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const DOCUMENT = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006';

/** Rows of texts; an empty one is a cell that is not there. */
type Rows = readonly (readonly string[])[];

/** An XLSX workbook with one sheet. */
export function workbookOf(sheet: string, rows: Rows): Uint8Array {
  return workbookOfSheets({ [sheet]: rows });
}

/** An XLSX workbook with these sheets, by their names. */
export function workbookOfSheets(sheets: Readonly<Record<string, Rows>>): Uint8Array {
  const named = Object.entries(sheets).map(([name, rows], at) => ({ name, rows, number: at + 1 }));
  const parts = {
    '[Content_Types].xml':
      `<Types xmlns="${PACKAGE}/content-types">` +
      '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
      '<Default Extension="xml" ContentType="application/xml"/></Types>',
    '_rels/.rels': relations('officeDocument', ['xl/workbook.xml']),
    'xl/workbook.xml':
      `<workbook xmlns="${MAIN}" xmlns:r="${DOCUMENT}"><sheets>` +
      named
        .map(
          ({ name, number }) => `<sheet name="${name}" sheetId="${number}" r:id="rId${number}"/>`,
        )
        .join('') +
      '</sheets></workbook>',
    'xl/_rels/workbook.xml.rels': relations(
      'worksheet',
      named.map(({ number }) => `worksheets/sheet${number}.xml`),
    ),
    ...Object.fromEntries(
      named.map(({ number, rows }) => [`xl/worksheets/sheet${number}.xml`, sheetOf(rows)]),
    ),
  };
  const files = Object.entries(parts).map(([name, xml]) => [name, strToU8(HEAD + xml)] as const);
  return zipSync(Object.fromEntries(files));
}

function relations(type: string, targets: readonly string[]): string {
  const each = targets.map(
    (target, at) =>
      `<Relationship Id="rId${at + 1}" Type="${DOCUMENT}/${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="${PACKAGE}/relationships">${each.join('')}</Relationships>`;
}

function sheetOf(rows: Rows): string {
  const cells = rows.map((row, at) => {
    const inner = row.map((text, column) => cellOf(`${letters(column)}${at + 1}`, text)).join('');
    return `<row r="${at + 1}">${inner}</row>`;
  });
  return `<worksheet xmlns="${MAIN}"><sheetData>${cells.join('')}</sheetData></worksheet>`;
}

function cellOf(address: string, text: string): string {
  if (text === '') return '';
  const safe = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<c r="${address}" t="inlineStr"><is><t>${safe}</t></is></c>`;
}

function letters(column: number): string {
  const last = String.fromCharCode(65 + (column % 26));
  return column < 26 ? last : letters(Math.floor(column / 26) - 1) + last;
}
