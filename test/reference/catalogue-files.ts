import { readFileSync } from 'node:fs';
import type {
  AuthorityRow,
  CatalogueLayer,
  CatalogueTables,
  MappingRow,
  PermitItemRow,
  ReformModeDigit,
  ReleaseRow,
  ScopeEntryRow,
} from './catalogue-rows.js';
import { parseTable, ReferenceFileError } from '../../server/reference/csv-table.js';

/** The files of a release. */
export const CATALOGUE_FILES = [
  'release.csv',
  'scope-entries.csv',
  'permit-items.csv',
  'mapping.csv',
  'authorities.csv',
] as const;

export type CatalogueFile = (typeof CATALOGUE_FILES)[number];

const REFORM_MODES: Readonly<Record<string, ReformModeDigit>> = { '1': 1, '2': 2, '3': 3, '4': 4 };

/**
 * Reads a release from a directory URL that ends in `/`, in the CSV layout in which administrators
 * bring the official lists too. Whether the tables agree with each other (R6) is for the catalogue's
 * own rules to say; here only the single cells are read.
 * @throws ReferenceFileError when a column is missing or a cell holds a value outside its list.
 */
export function readCatalogueFiles(dir: URL): CatalogueTables {
  return parseCatalogueTables((file) => readFileSync(new URL(file, dir), 'utf8'));
}

/** As `readCatalogueFiles`, from texts that are already at hand. */
export function parseCatalogueTables(textOf: (file: CatalogueFile) => string): CatalogueTables {
  return {
    release: parseRelease(textOf('release.csv')),
    scopeEntries: parseScopeEntries(textOf('scope-entries.csv')),
    permitItems: parsePermitItems(textOf('permit-items.csv')),
    mapping: parseMapping(textOf('mapping.csv')),
    authorities: parseAuthorities(textOf('authorities.csv')),
  };
}

/** The values of a cell that holds several. */
function splitValues(cell: string): string[] {
  return cell.split(';').filter((value) => value !== '');
}

function parseRelease(text: string): ReleaseRow {
  const file = 'release.csv';
  const values = new Map(parseTable(text, ['key', 'value'], file).map((r) => [r.key, r.value]));
  const value = (key: string): string => {
    const found = values.get(key);
    if (!found) throw new ReferenceFileError(file, `缺少 ${key}`, `${key} is missing`);
    return found;
  };
  return {
    version: value('version'),
    layer: layerOf(value('layer'), file),
    effectiveFrom: value('effective_from'),
    titleZh: value('title_zh'),
    titleEn: value('title_en'),
    provisional: flag(value('provisional'), file),
    provenance: value('provenance'),
  };
}

function parseScopeEntries(text: string): ScopeEntryRow[] {
  const file = 'scope-entries.csv';
  return parseTable(
    text,
    [
      'scope_entry_code',
      'name',
      'category',
      'industry_codes',
      'keywords',
      'description',
      'include_note',
      'exclude_note',
      'parent_code',
      'effective_from',
      'effective_to',
      'provisional',
      'provenance',
    ],
    file,
  ).map((row) => ({
    scopeEntryCode: row.scope_entry_code,
    name: row.name,
    category: oneOf(row.category, ['GENERAL', 'PERMIT'], file),
    industryCodes: splitValues(row.industry_codes),
    keywords: splitValues(row.keywords),
    description: row.description,
    includeNote: row.include_note,
    excludeNote: row.exclude_note,
    parentCode: row.parent_code,
    effectiveFrom: row.effective_from,
    effectiveTo: row.effective_to,
    provisional: flag(row.provisional, file),
    provenance: row.provenance,
  }));
}

function parsePermitItems(text: string): PermitItemRow[] {
  const file = 'permit-items.csv';
  return parseTable(
    text,
    [
      'permit_item_code',
      'name',
      'list_no',
      'set_level',
      'owner_node',
      'reform_mode',
      'reform_mode_basis',
      'public_interest_reasons',
      'competent_dept_code',
      'competent_dept_name',
      'default_authority_system',
      'licence_name',
      'legal_basis',
      'effective_from',
      'effective_to',
      'provisional',
      'provenance',
    ],
    file,
  ).map((row) => ({
    permitItemCode: row.permit_item_code,
    name: row.name,
    listNo: row.list_no,
    setLevel: oneOf(row.set_level, ['CENTRAL', 'LOCAL'], file),
    ownerNode: row.owner_node,
    reformMode: reformMode(row.reform_mode, file),
    reformModeBasis: oneOf(row.reform_mode_basis, ['STATED', 'ASSUMED'], file),
    publicInterestReasons: splitValues(row.public_interest_reasons),
    competentDeptCode: row.competent_dept_code,
    competentDeptName: row.competent_dept_name,
    defaultAuthoritySystem: oneOf(
      row.default_authority_system,
      ['SAMR_HQ', 'OTHER_CENTRAL', 'PROVINCIAL_OR_BELOW'],
      file,
    ),
    licenceName: row.licence_name,
    legalBasis: splitValues(row.legal_basis),
    effectiveFrom: row.effective_from,
    effectiveTo: row.effective_to,
    provisional: flag(row.provisional, file),
    provenance: row.provenance,
  }));
}

function parseMapping(text: string): MappingRow[] {
  return parseTable(
    text,
    ['permit_item_code', 'scope_entry_code', 'provenance'],
    'mapping.csv',
  ).map((row) => ({
    permitItemCode: row.permit_item_code,
    scopeEntryCode: row.scope_entry_code,
    provenance: row.provenance,
  }));
}

function parseAuthorities(text: string): AuthorityRow[] {
  const file = 'authorities.csv';
  return parseTable(
    text,
    ['permit_item_code', 'region_code', 'org_code', 'org_name', 'level', 'decides'],
    file,
  ).map((row) => ({
    permitItemCode: row.permit_item_code,
    regionCode: row.region_code,
    orgCode: row.org_code,
    orgName: row.org_name,
    level: oneOf(row.level, ['NATIONAL', 'PROVINCE', 'CITY', 'COUNTY'], file),
    decides: flag(row.decides, file),
  }));
}

function oneOf<const Value extends string>(
  cell: string,
  values: readonly Value[],
  file: string,
): Value {
  const found = values.find((value) => value === cell);
  if (found === undefined) throw unknownValue(file, cell, values.join(' | '));
  return found;
}

function flag(cell: string, file: string): boolean {
  return oneOf(cell, ['true', 'false'], file) === 'true';
}

function reformMode(cell: string, file: string): ReformModeDigit {
  const mode = REFORM_MODES[cell];
  if (mode === undefined) throw unknownValue(file, cell, '1 | 2 | 3 | 4');
  return mode;
}

function layerOf(cell: string, file: string): CatalogueLayer {
  if (cell === 'CENTRAL') return cell;
  const province = /^PROVINCE:(\d{6})$/.exec(cell)?.[1];
  if (province === undefined) throw unknownValue(file, cell, 'CENTRAL | PROVINCE:<code>');
  return `PROVINCE:${province}`;
}

function unknownValue(file: string, cell: string, allowed: string): ReferenceFileError {
  return new ReferenceFileError(
    file,
    `取值“${cell}”无效，应为 ${allowed}`,
    `invalid value "${cell}", expected ${allowed}`,
  );
}
