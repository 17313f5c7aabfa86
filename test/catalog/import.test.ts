import { strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { AuthorityLevel, ScopeCategory } from '#gen/zhengzhao/v1/catalog_pb.js';
import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import type { CatalogFile } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { importRelease, type ImportedRelease } from '../../server/catalog/import.js';
import { checkRelease } from '../../server/domain/catalog/release-check.js';
import { provinceOf } from '../../server/reference/region-codes.js';
import { catalogFile, referenceFiles, workbook } from './files.js';

const CONTEXT = { central: [], previous: undefined, today: '2019-11-20', provinceOf };

async function findingsOf(files: readonly CatalogFile[]): Promise<string[]> {
  const imported = await importRelease(files);
  return fieldsAndCodes(imported);
}

function fieldsAndCodes({ release, findings, locate }: ImportedRelease): string[] {
  if (release) findings.addUnlocated(checkRelease(release, CONTEXT, locate));
  // The provisional catalogue has entries without items, which have a test of their own.
  return findings.findings
    .filter(({ code }) => code !== 'ENTRY_WITHOUT_ITEM')
    .map(({ field, code }) => `${field} ${code}`);
}

/** The reference catalogue with one table edited as text. */
function edited(table: string, edit: (text: string) => string): CatalogFile[] {
  return referenceFiles('catalogue').map((file) =>
    file.name === `${table}.csv`
      ? catalogFile(file.name, edit(new TextDecoder().decode(file.content)))
      : file,
  );
}

describe('import of CSV', () => {
  it('R6 reads the catalogue that comes with the program without a finding', async () => {
    const imported = await importRelease(referenceFiles('catalogue'));
    expect(fieldsAndCodes(imported)).toEqual([]);
    expect(imported.release?.layer).toBe('100000');
    expect(imported.release?.entries.length).toBeGreaterThan(700);
    const item = imported.release?.items.find((one) => one.permitItemCode === 'PX-0001');
    expect(item?.reformMode).toBe(ReformMode.OPTIMISED);
    expect(item?.reformModeAssumed).toBe(true);
    expect(item?.scopeEntryCodes).toEqual(['PB0001']);
    expect(item?.licensingAuthorities[0]?.level).toBe(AuthorityLevel.NATIONAL);
  });

  it('R6 says of each permit entry that leads to no item where it stands, as a warning', async () => {
    const { release, findings, locate } = await importRelease(referenceFiles('catalogue'));
    findings.addUnlocated(checkRelease(release!, CONTEXT, locate));
    expect(findings.hasErrors).toBe(false);
    const mapped = new Set(release!.items.flatMap((item) => item.scopeEntryCodes));
    const alone = release!.entries.filter(
      (one) => one.category === ScopeCategory.PERMIT && !mapped.has(one.scopeEntryCode),
    );
    expect(alone.length).toBeGreaterThan(0);
    expect(findings.findings.map(({ field }) => field)).toEqual(
      alone.map((one) => `scope-entries.csv:${release!.entries.indexOf(one) + 2}:scope_entry_code`),
    );
  });

  it('names the row as the spreadsheet shows it, for cells and for laws, all at once', async () => {
    const files = edited('scope-entries', (text) =>
      text
        .replace('PA0001,会议及展览服务,GENERAL,728', 'PA0001,会议及展览服务,普通,7')
        .replace('PA0003,组织文化艺术交流活动', '\nPA0002,组织文化艺术交流活动'),
    );
    expect(await findingsOf(files)).toEqual([
      'scope-entries.csv:2:category VALUE_UNKNOWN',
      'scope-entries.csv:2:industry_codes INDUSTRY_CODE_FORMAT',
      'scope-entries.csv:5:scope_entry_code DUPLICATE_CODE',
    ]);
  });

  it('R6 points at the mapping row whose entry or item does not exist', async () => {
    const files = edited('mapping', (text) =>
      text.replace('PX-0001,PB0001', 'PX-0001,PB9999').replace('PX-0002,PB0002', 'PX-ZZZZ,PB0002'),
    );
    expect(await findingsOf(files)).toEqual([
      'mapping.csv:3:permit_item_code ITEM_UNKNOWN',
      'mapping.csv:2:scope_entry_code ENTRY_UNKNOWN',
      'permit-items.csv:3:permit_item_code ITEM_WITHOUT_ENTRY',
    ]);
  });

  it('reads quoted cells, a byte order mark, CR LF and full-width codes', async () => {
    const files = edited('mapping', (text) => `\uFEFF${text.replaceAll('\n', '\r\n')}`).map(
      (file) =>
        file.name === 'scope-entries.csv'
          ? catalogFile(
              file.name,
              new TextDecoder()
                .decode(file.content)
                .replace('PA0001,会议及展览服务', '"ＰＡ０００１","会议及展览服务"'),
            )
          : file,
    );
    const imported = await importRelease(files);
    expect(fieldsAndCodes(imported)).toEqual([]);
    expect(imported.release?.entries[0]?.scopeEntryCode).toBe('PA0001');
  });

  it('says that a GBK file is not UTF-8, in both languages', async () => {
    const gbk = Uint8Array.of(0xbe, 0xad, 0xd3, 0xaa, 0xb7, 0xb6, 0xce, 0xa7);
    const files = [
      ...referenceFiles('catalogue').filter((file) => file.name !== 'mapping.csv'),
      catalogFile('mapping.csv', gbk),
    ];
    const { release, findings } = await importRelease(files);
    expect(release).toBeUndefined();
    expect(findings.findings.map((finding) => finding.code)).toEqual(['NOT_UTF8', 'TABLE_MISSING']);
    expect(findings.findings[0]?.messageZh).toContain('UTF-8');
    expect(findings.findings[0]?.messageEn).toContain('UTF-8');
  });

  it('names the line of an open quote and the heading that is missing', async () => {
    expect(await findingsOf(edited('mapping', (text) => `${text}"PX-0001,PB0001\n`))).toContain(
      'mapping.csv:86 NOT_CSV',
    );
    const renamed = edited('authorities', (text) => text.replace('org_code', 'code'));
    expect(await findingsOf(renamed)).toContain('authorities.csv:1:org_code COLUMN_MISSING');
  });

  it('keeps at most 1000 findings and counts the rest', async () => {
    const files = edited('authorities', (text) =>
      text.replaceAll(/,(?:true|false)\r?\n/g, ',也许\n'),
    );
    const { findings } = await importRelease(files);
    expect(findings.findings.length).toBe(1000);
    expect(findings.count).toBeGreaterThan(1200);
    expect(findings.hasErrors).toBe(true);
  });
});

describe('import of XLSX', () => {
  it('reads a workbook with Chinese sheets and headings, date cells and numeric codes', async () => {
    const imported = await importRelease([catalogFile('目录.xlsx', workbook('catalogue.xlsx'))]);
    expect(fieldsAndCodes(imported)).toEqual([]);
    const { release } = imported;
    expect(release).toMatchObject({
      version: '2026.1-test',
      layer: '100000',
      effectiveFrom: '2026-01-01',
      provisional: true,
    });
    expect(release?.entries).toMatchObject([
      {
        scopeEntryCode: 'T0001',
        category: ScopeCategory.PERMIT,
        industryCodes: ['62'],
        keywords: ['饭店', '餐馆'],
        effectiveFrom: '2026-01-01',
        provisional: false,
      },
      { scopeEntryCode: 'T0002', industryCodes: ['7281', '7282'], provisional: true },
      { scopeEntryCode: '1003', effectiveFrom: '2026-01-01', effectiveTo: '2030-01-31' },
    ]);
    expect(release?.items).toMatchObject([
      { permitItemCode: 'TX-1', ownerNode: '100000', scopeEntryCodes: ['T0001', '1003'] },
      { permitItemCode: 'TX-2', reformMode: ReformMode.CANCELLED },
    ]);
  });

  it('says sheet, row and heading of each bad cell', async () => {
    const files = [catalogFile('faulty.xlsx', workbook('faulty-catalogue.xlsx'))];
    expect(await findingsOf(files)).toEqual([
      'faulty.xlsx#许可机关:3:许可事项代码 ITEM_UNKNOWN',
      'faulty.xlsx#许可事项:3:改革方式 VALUE_UNKNOWN',
      'faulty.xlsx#经营范围条目:5:失效日期 DATE_FORMAT',
      'faulty.xlsx#对应关系:4:经营范围条目代码 ENTRY_UNKNOWN',
      'faulty.xlsx#许可事项:3:许可事项代码 ITEM_WITHOUT_AUTHORITY',
    ]);
  });

  it('takes one workbook per table, whatever its sheet is called', async () => {
    const files = [
      ...referenceFiles('catalogue').filter((file) => file.name !== 'mapping.csv'),
      catalogFile(
        'mapping.xlsx',
        oneSheet(
          'Sheet1',
          '<row r="1"><c r="A1" t="inlineStr"><is><t>permit_item_code</t></is></c><c r="B1" t="inlineStr"><is><t>scope_entry_code</t></is></c></row>',
        ),
      ),
    ];
    const { release, findings } = await importRelease(files);
    expect(findings.findings).toEqual([]);
    expect(release?.items.every((item) => item.scopeEntryCodes.length === 0)).toBe(true);
  });
});

describe('hostile files', () => {
  const cases: readonly (readonly [string, Uint8Array, string])[] = [
    ['nothing at all', new Uint8Array(), 'FILE_SIZE'],
    ['more than 8 MiB', new Uint8Array(8 * 1024 * 1024 + 1), 'FILE_SIZE'],
    [
      'the older XLS format',
      Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1),
      'NOT_XLSX',
    ],
    ['half a workbook', workbook('catalogue.xlsx').subarray(0, 3000), 'NOT_XLSX'],
    ['a zip that is no workbook', zipSync({ 'a.xml': strToU8('<a/>') }), 'NOT_XLSX'],
    ['a workbook with broken XML', oneSheet('Sheet1', '<row r="1"><c'), 'NOT_XLSX'],
    ['a row two billion', oneSheet('Sheet1', '<row r="2000000000"></row>'), 'WORKBOOK_TOO_LARGE'],
    [
      'a row with its digits hidden',
      oneSheet('Sheet1', '<row r="&#57;99999999"></row>'),
      'WORKBOOK_TOO_LARGE',
    ],
    [
      'a cell in the last column',
      oneSheet('Sheet1', '<row r="1"><c r="XFD1"><v>1</v></c></row>'),
      'WORKBOOK_TOO_LARGE',
    ],
    ['a million rows', oneSheet('Sheet1', '<row/>'.repeat(1_000_000)), 'WORKBOOK_TOO_LARGE'],
    ['a hundred megabytes of blanks', bomb(), 'WORKBOOK_TOO_LARGE'],
  ];

  it.each(cases)('answers a finding for %s', async (_, content, code) => {
    const { release, findings } = await importRelease([catalogFile('mapping.xlsx', content)]);
    expect(release).toBeUndefined();
    expect(findings.findings[0]).toMatchObject({ field: 'mapping.xlsx', code });
    expect(findings.findings[0]?.messageZh).toMatch(/\p{Script=Han}/u);
    expect(findings.findings[0]?.messageEn).toMatch(/^[\x20-\x7E]+$/);
  });

  it.each([
    ['quotes', '"', 'NOT_CSV'],
    ['commas', ',', 'TABLE_TOO_LARGE'],
    ['lines', '\n', 'TABLE_TOO_LARGE'],
    ['one letter', 'a', 'NOT_CSV'],
  ])('comes to an end with eight megabytes of %s as CSV', async (_, text, code) => {
    const content = Buffer.alloc(8 * 1024 * 1024, text);
    const { findings } = await importRelease([catalogFile('mapping.csv', content)]);
    expect(findings.findings[0]?.code).toBe(code);
  });

  it('does not trust the size written in front of a part', async () => {
    // The directory at the end now claims 10 bytes unpacked; the part holds a hundred megabytes.
    const lying = bomb();
    const bytes = new DataView(lying.buffer);
    const directory = Array.from({ length: lying.length - 3 }, (_, at) => at).findLast(
      (at) => bytes.getUint32(at, true) === 0x02014b50,
    );
    bytes.setUint32((directory ?? -1) + 24, 10, true);
    const before = process.memoryUsage().rss;
    const { findings } = await importRelease([catalogFile('mapping.xlsx', lying)]);
    expect(findings.hasErrors).toBe(true);
    expect(process.memoryUsage().rss - before).toBeLessThan(80 * 1024 * 1024);
  });

  it('refuses no files, nine files and a table twice', async () => {
    expect(await findingsOf([])).toContain('files FILE_COUNT');
    const nine = Array.from({ length: 9 }, () => catalogFile('mapping.csv', 'a'));
    expect(await findingsOf(nine)).toContain('files FILE_COUNT');
    const twice = [
      ...referenceFiles('catalogue'),
      catalogFile('x/mapping.csv', 'permit_item_code'),
    ];
    expect(await findingsOf(twice)).toEqual(['mapping.csv TABLE_TWICE']);
  });
});

/** A workbook with one sheet, from the smallest parts that make one. */
function oneSheet(name: string, rows: string): Uint8Array {
  const parts = unzipSync(workbook('catalogue.xlsx'));
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
  return zipSync({
    '[Content_Types].xml': parts['[Content_Types].xml'] ?? new Uint8Array(),
    'xl/workbook.xml': strToU8(
      `<workbook xmlns="${main}" xmlns:r="${relations}"><sheets><sheet name="${name}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    ),
    'xl/_rels/workbook.xml.rels': strToU8(
      `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    ),
    'xl/worksheets/sheet1.xml': strToU8(
      `<worksheet xmlns="${main}" xmlns:r="${relations}"><sheetData>${rows}</sheetData></worksheet>`,
    ),
  });
}

/** A small archive that unpacks to a hundred megabytes. */
function bomb(): Uint8Array {
  return zipSync({ 'xl/worksheets/sheet1.xml': new Uint8Array(100 * 1024 * 1024).fill(32) });
}
