import { create } from '@bufbuild/protobuf';
import {
  CatalogReleaseSchema,
  LicensingAuthoritySchema,
  PermitItemSchema,
  ScopeEntrySchema,
  type CatalogRelease,
  type LicensingAuthority,
  type PermitItem,
  type ScopeEntry,
} from '#gen/zhengzhao/v1/catalog_pb.js';
import type { FindingList, Locate, Place } from '../domain/catalog/release-findings.js';
import {
  BASIS_CHOICES,
  CATEGORY_CHOICES,
  LEVEL_CHOICES,
  PUBLIC_INTEREST_CHOICES,
  REFORM_MODE_CHOICES,
  RELEASE_KEYS,
  SET_LEVEL_CHOICES,
  SYSTEM_CHOICES,
  TABLES,
  type Column,
  type ReleaseKey,
  type TableName,
} from './catalog-tables.js';
import { releaseLayer } from './release-layer.js';
import type { Sheet } from './sheet.js';
import { tableRows, type TableRow } from './table-rows.js';

/** A release made of tables, and where each of its fields came from. */
export interface TabledRelease {
  readonly release: CatalogRelease;
  readonly locate: Locate;
}

type Rows<T extends TableName> = readonly TableRow<Column<T>>[];

/** Puts the five tables together. Cells that can't be read are findings; the release is whole. */
export function releaseOfTables(
  sheets: Readonly<Record<TableName, Sheet>>,
  list: FindingList,
): TabledRelease {
  const entryRows = tableRows('scope-entries', sheets['scope-entries'], list);
  const itemRows = tableRows('permit-items', sheets['permit-items'], list);
  const mapping = byItem(tableRows('mapping', sheets.mapping, list), itemRows, list);
  const authorities = byItem(tableRows('authorities', sheets.authorities, list), itemRows, list);
  const head = releaseHead(sheets.release, list);
  const items = itemRows.map((row, index) =>
    readItem(row, mapping[index] ?? [], authorities[index] ?? []),
  );
  const release = create(CatalogReleaseSchema, {
    version: head.text('version'),
    layer: releaseLayer(head.text('layer')),
    effectiveFrom: head.row('effective_from')?.date('value') ?? '',
    titleZh: head.text('title_zh'),
    titleEn: head.text('title_en'),
    provisional: head.row('provisional')?.flag('value') ?? false,
    provenance: head.text('provenance'),
    entries: entryRows.map(readEntry),
    items,
  });
  return { release, locate: locator({ head, entryRows, itemRows, mapping, authorities }) };
}

interface Head {
  readonly row: (key: ReleaseKey) => TableRow<Column<'release'>> | undefined;
  readonly text: (key: ReleaseKey) => string;
  readonly at: (key: string) => string;
}

/** The release table has one row per field. */
function releaseHead(sheet: Sheet, list: FindingList): Head {
  const rows = new Map(
    tableRows('release', sheet, list).map((row) => [row.code('key'), row] as const),
  );
  const row = (key: ReleaseKey): TableRow<Column<'release'>> | undefined =>
    rows.get(key) ?? rows.get(RELEASE_KEYS[key]);
  return {
    row,
    text: (key) => row(key)?.text('value') ?? '',
    at: (key) => (isReleaseKey(key) && row(key)?.at('value')) || `${sheet.label}:1:${key}`,
  };
}

function isReleaseKey(key: string): key is ReleaseKey {
  return Object.hasOwn(RELEASE_KEYS, key);
}

/** Rows of a table under the item they name, in the order of the items. */
function byItem<T extends 'mapping' | 'authorities'>(
  rows: Rows<T>,
  itemRows: Rows<'permit-items'>,
  list: FindingList,
): readonly Rows<T>[] {
  const column = 'permit_item_code' as Column<T>;
  const indexes = new Map(itemRows.map((row, index) => [row.code('permit_item_code'), index]));
  const grouped = itemRows.map((): TableRow<Column<T>>[] => []);
  for (const row of rows) {
    const code = row.code(column);
    const group = grouped[indexes.get(code) ?? -1];
    if (group) group.push(row);
    else addUnknownItem(list, row.at(column), code);
  }
  return grouped;
}

function addUnknownItem(list: FindingList, field: string, code: string): void {
  list.add(field, {
    rule: 'R6',
    code: 'ITEM_UNKNOWN',
    zh: `许可事项代码“{}”不在“${TABLES['permit-items']}”表中。`,
    en: 'The permit item code "{}" is not in the table permit-items.',
    value: code,
  });
}

function readEntry(row: TableRow<Column<'scope-entries'>>): ScopeEntry {
  return create(ScopeEntrySchema, {
    scopeEntryCode: row.code('scope_entry_code'),
    name: row.text('name'),
    category: row.choice('category', CATEGORY_CHOICES),
    industryCodes: row.list('industry_codes'),
    keywords: row.list('keywords'),
    description: row.text('description'),
    includeNote: row.text('include_note'),
    excludeNote: row.text('exclude_note'),
    parentCode: row.code('parent_code'),
    effectiveFrom: row.date('effective_from'),
    effectiveTo: row.date('effective_to'),
    provisional: row.flag('provisional'),
    provenance: row.text('provenance'),
  });
}

function readItem(
  row: TableRow<Column<'permit-items'>>,
  mapping: Rows<'mapping'>,
  authorities: Rows<'authorities'>,
): PermitItem {
  return create(PermitItemSchema, {
    permitItemCode: row.code('permit_item_code'),
    name: row.text('name'),
    listNo: row.text('list_no'),
    setLevel: row.choice('set_level', SET_LEVEL_CHOICES),
    ownerNode: row.code('owner_node'),
    reformMode: row.choice('reform_mode', REFORM_MODE_CHOICES),
    reformModeAssumed: row.choice('reform_mode_basis', BASIS_CHOICES) === BASIS_CHOICES['ASSUMED'],
    publicInterestReasons: row.choices('public_interest_reasons', PUBLIC_INTEREST_CHOICES),
    competentDeptCode: row.code('competent_dept_code'),
    competentDeptName: row.text('competent_dept_name'),
    defaultAuthoritySystem: row.choice('default_authority_system', SYSTEM_CHOICES),
    licenceName: row.text('licence_name'),
    legalBasis: row.text('legal_basis'),
    licensingAuthorities: authorities.map(readAuthority),
    scopeEntryCodes: mapping.map((link) => link.code('scope_entry_code')),
    effectiveFrom: row.date('effective_from'),
    effectiveTo: row.date('effective_to'),
    provisional: row.flag('provisional'),
    provenance: row.text('provenance'),
  });
}

function readAuthority(row: TableRow<Column<'authorities'>>): LicensingAuthority {
  return create(LicensingAuthoritySchema, {
    regionCode: row.code('region_code'),
    orgCode: row.code('org_code'),
    orgName: row.text('org_name'),
    level: row.choice('level', LEVEL_CHOICES),
    decides: row.flag('decides'),
    orgNode: row.code('org_node'),
  });
}

interface Origins {
  readonly head: Head;
  readonly entryRows: Rows<'scope-entries'>;
  readonly itemRows: Rows<'permit-items'>;
  readonly mapping: readonly Rows<'mapping'>[];
  readonly authorities: readonly Rows<'authorities'>[];
}

/** Says where in the files a field of the release was read. */
function locator(origins: Origins): Locate {
  return ({ table, row, sub, column }: Place) => {
    const group = { row, sub: sub ?? 0 };
    switch (table) {
      case 'release':
        return origins.head.at(column);
      case 'entries':
        return origins.entryRows[row]?.at(column as Column<'scope-entries'>) ?? column;
      case 'items':
        return origins.itemRows[row]?.at(column as Column<'permit-items'>) ?? column;
      case 'mapping':
        return origins.mapping[group.row]?.[group.sub]?.at('scope_entry_code') ?? column;
      case 'authorities':
        return (
          origins.authorities[group.row]?.[group.sub]?.at(column as Column<'authorities'>) ?? column
        );
    }
  };
}
