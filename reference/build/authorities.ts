import { HUB_NODES } from '../../server/reference/nodes.js';
import { WHOLE_COUNTRY } from '../../server/reference/region-codes.js';
import type { PermitItemSource } from './permit-items.js';
import { readTable, required, type OutputRow } from './tables.js';

export const AUTHORITY_COLUMNS = [
  'permit_item_code',
  'region_code',
  'org_code',
  'org_name',
  'level',
  'decides',
];

const ZHEJIANG = '330000';
const PROVISIONAL = '(暂用代码)';

type DepartmentLine = ReturnType<typeof readDepartmentLines>[number];

/** Who receives and licenses each item where: one row per item, region and department. */
export function buildAuthorities(items: readonly PermitItemSource[]): OutputRow[] {
  const lines = new Map(readDepartmentLines().map((line) => [line.line, line]));
  const specific = readSpecificAuthorities();
  return items.flatMap((item) => [
    ...(item.lines.length === 0 ? [centralRow(item)] : provincialRows(item, lines)),
    ...specific
      .filter((row) => row.seq === item.seq)
      .map((row) => ({
        permit_item_code: item.code,
        region_code: row.region_code,
        org_code: row.org_code,
        org_name: row.org_name,
        level: row.level,
        decides: 'true',
      })),
  ]);
}

/** The department of one line in one province: code and name. */
export function departmentOf(
  line: string,
  province: string,
): { readonly code: string; readonly name: string } {
  const found = readDepartmentLines().find((row) => row.line === line);
  return departmentIn(required(found, `line ${line}`), province);
}

function readDepartmentLines() {
  return readTable('raw/department-lines.csv', [
    'line',
    'number',
    'generic_name',
    'zhejiang_code',
    'zhejiang_name',
  ]);
}

function readSpecificAuthorities() {
  return readTable('raw/specific-authorities.csv', [
    'seq',
    'region_code',
    'org_code',
    'org_name',
    'level',
  ]);
}

function centralRow(item: PermitItemSource): OutputRow {
  return {
    permit_item_code: item.code,
    region_code: WHOLE_COUNTRY,
    org_code: item.competentCode,
    org_name: item.competentName,
    level: 'NATIONAL',
    decides: decidesOf(item),
  };
}

function provincialRows(
  item: PermitItemSource,
  lines: ReadonlyMap<string, DepartmentLine>,
): OutputRow[] {
  const provinces = HUB_NODES.filter((node) => node.level === 'PROVINCIAL');
  return item.lines.flatMap((name) => {
    const line = required(lines.get(name), `line ${name}`);
    return provinces.map((province) => {
      const department = departmentIn(line, province.code);
      return {
        permit_item_code: item.code,
        region_code: province.code,
        org_code: department.code,
        org_name: department.name,
        level: 'PROVINCE',
        decides: decidesOf(item),
      };
    });
  });
}

/** Nobody decides on an abolished approval; its former department still receives (R9). */
function decidesOf(item: PermitItemSource): string {
  return item.reformMode === '1' ? 'false' : 'true';
}

function departmentIn(
  line: DepartmentLine,
  province: string,
): { readonly code: string; readonly name: string } {
  if (province === ZHEJIANG && line.zhejiang_code !== '') {
    return { code: line.zhejiang_code, name: line.zhejiang_name };
  }
  const node = required(
    HUB_NODES.find((candidate) => candidate.code === province),
    `node ${province}`,
  );
  return {
    code: `TMP-${province}-${line.number}`,
    name: `${node.nameZh}${line.generic_name}${PROVISIONAL}`,
  };
}
