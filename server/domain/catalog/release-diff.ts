import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import {
  LicensingAuthoritySchema,
  PermitItemSchema,
  ScopeEntrySchema,
  type CatalogRelease,
} from '#gen/zhengzhao/v1/catalog_pb.js';
import { CatalogChangeKind, CatalogTable } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { fieldDifferences, type FieldDifference } from './field-differences.js';

/** Which row of a release: the codes that name it, empty where its table has none. */
export interface RowKey {
  readonly scopeEntryCode: string;
  readonly permitItemCode: string;
  readonly regionCode: string;
  readonly orgCode: string;
}

/** A row that one release changes against another. */
export interface ReleaseChange extends RowKey {
  readonly table: CatalogTable;
  readonly kind: CatalogChangeKind;
  /** Of the entry, the item (also for its mappings) or the authority; the later one. */
  readonly name: string;
  /** Empty unless the row was changed. */
  readonly fields: readonly FieldDifference[];
}

/** How many rows of a table changed in one way. */
export interface ChangeCount {
  readonly table: CatalogTable;
  readonly kind: CatalogChangeKind;
  /** At least 1. */
  readonly count: number;
}

/**
 * What a release changes against another of its layer: entries, items, mappings and authorities, row
 * by row, in the order of tables and codes (R7, R23). `before` undefined: everything is new.
 */
export function releaseChanges(
  before: CatalogRelease | undefined,
  after: CatalogRelease,
): readonly ReleaseChange[] {
  return TABLES.flatMap((table) => {
    const old = before ? table.rowsOf(before) : new Map<string, Row>();
    const fresh = table.rowsOf(after);
    const keys = [...new Set([...old.keys(), ...fresh.keys()])].sort();
    return keys.flatMap((key) => compareRow(table, old.get(key), fresh.get(key)) ?? []);
  });
}

/** Counts changes by table and way, in their order; what is 0 is left out. */
export function countChanges(changes: readonly ReleaseChange[]): readonly ChangeCount[] {
  const counts = new Map<string, ChangeCount>();
  for (const { table, kind } of changes) {
    const key = `${table} ${kind}`;
    counts.set(key, { table, kind, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => a.table - b.table || a.kind - b.kind);
}

interface Row {
  readonly key: RowKey;
  readonly name: string;
  readonly message?: MessageShape<DescMessage>;
}

interface Table {
  readonly table: CatalogTable;
  /** Of the rows' messages; unset where a row is nothing but its key. */
  readonly schema?: DescMessage;
  /** Fields that name the row, or that are a table of their own. */
  readonly leftOut: ReadonlySet<string>;
  /** Rows by a text that orders them; of two with the same codes the last. */
  readonly rowsOf: (release: CatalogRelease) => ReadonlyMap<string, Row>;
}

const NO_KEY: RowKey = { scopeEntryCode: '', permitItemCode: '', regionCode: '', orgCode: '' };

const TABLES: readonly Table[] = [
  {
    table: CatalogTable.SCOPE_ENTRY,
    schema: ScopeEntrySchema,
    leftOut: new Set(['scope_entry_code']),
    rowsOf: ({ entries }) =>
      byKey(
        entries.map((entry) => ({
          key: { ...NO_KEY, scopeEntryCode: entry.scopeEntryCode },
          name: entry.name,
          message: entry,
        })),
      ),
  },
  {
    table: CatalogTable.PERMIT_ITEM,
    schema: PermitItemSchema,
    leftOut: new Set(['permit_item_code', 'scope_entry_codes', 'licensing_authorities']),
    rowsOf: ({ items }) =>
      byKey(
        items.map((item) => ({
          key: { ...NO_KEY, permitItemCode: item.permitItemCode },
          name: item.name,
          message: item,
        })),
      ),
  },
  {
    table: CatalogTable.MAPPING,
    leftOut: new Set(),
    rowsOf: ({ items }) =>
      byKey(
        items.flatMap(({ permitItemCode, name, scopeEntryCodes }) =>
          scopeEntryCodes.map((scopeEntryCode) => ({
            key: { ...NO_KEY, permitItemCode, scopeEntryCode },
            name,
          })),
        ),
      ),
  },
  {
    table: CatalogTable.AUTHORITY,
    schema: LicensingAuthoritySchema,
    leftOut: new Set(['region_code', 'org_code']),
    rowsOf: ({ items }) =>
      byKey(
        items.flatMap(({ permitItemCode, licensingAuthorities }) =>
          licensingAuthorities.map((authority) => ({
            key: {
              ...NO_KEY,
              permitItemCode,
              regionCode: authority.regionCode,
              orgCode: authority.orgCode,
            },
            name: authority.orgName,
            message: authority,
          })),
        ),
      ),
  },
];

function byKey(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(
    rows.map((row) => {
      const { permitItemCode, scopeEntryCode, regionCode, orgCode } = row.key;
      // Blanks sort before every character of a code, so that codes sort one after the other.
      return [[permitItemCode, scopeEntryCode, regionCode, orgCode].join(' '), row];
    }),
  );
}

function compareRow(
  { table, schema, leftOut }: Table,
  old: Row | undefined,
  fresh: Row | undefined,
): ReleaseChange | undefined {
  const row = fresh ?? old;
  if (!row) return undefined;
  const change = { table, ...row.key, name: row.name };
  if (!old) return { ...change, kind: CatalogChangeKind.ADDED, fields: [] };
  if (!fresh) return { ...change, kind: CatalogChangeKind.REMOVED, fields: [] };
  if (!schema || !old.message || !fresh.message) return undefined;
  const fields = fieldDifferences(schema, old.message, fresh.message, leftOut);
  return fields.length > 0 ? { ...change, kind: CatalogChangeKind.CHANGED, fields } : undefined;
}
