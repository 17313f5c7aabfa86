import type {
  CatalogRelease,
  LicensingAuthority,
  PermitItem,
  ScopeEntry,
} from '#gen/zhengzhao/v1/catalog_pb.js';
import { grouped } from '../grouped.js';
import type { CatalogView } from './view.js';

/** A region and what it lies in, nearest first. */
export type LineageOf = (regionCode: string) => readonly string[];

/** A view that also tells which release of the node's own layer it holds. */
export interface LayeredView extends CatalogView {
  /** Version of the provincial release in it; empty when there is none. */
  readonly localVersion: string;
}

/** What a view is made of. */
export interface ViewParts {
  readonly central: CatalogRelease;
  /** The node's own provincial release in force, if any. */
  readonly local: CatalogRelease | undefined;
  /** Civil date: rows that are not valid on it are left out. */
  readonly date: string;
  readonly lineageOf: LineageOf;
}

const NO_ITEMS: readonly PermitItem[] = Object.freeze([]);
const NO_AUTHORITIES: readonly LicensingAuthority[] = Object.freeze([]);

/** Lays the provincial release over the central one; on the same code the central row wins (R25). */
export function buildView(parts: ViewParts): LayeredView {
  const { central, local } = parts;
  const layers = local ? [central, local] : [central];
  const entries = merge(layers, parts.date, entriesOf, (entry) => entry.scopeEntryCode);
  const items = merge(layers, parts.date, itemsOf, (item) => item.permitItemCode);
  const itemsByEntry = groupByEntry(items.values(), entries);
  return Object.freeze({
    version: central.version,
    localVersion: local?.version ?? '',
    provisional: layers.some((release) => release.provisional),
    entries: Object.freeze([...entries.values()]),
    items: Object.freeze([...items.values()]),
    entry: (code: string) => entries.get(code),
    item: (code: string) => items.get(code),
    itemsOf: (entryCode: string) => itemsByEntry.get(entryCode) ?? NO_ITEMS,
    authoritiesOf: authorityLookup(parts.lineageOf),
  });
}

function entriesOf(release: CatalogRelease): readonly ScopeEntry[] {
  return release.entries;
}

function itemsOf(release: CatalogRelease): readonly PermitItem[] {
  return release.items;
}

interface Dated {
  readonly effectiveFrom: string;
  readonly effectiveTo: string;
}

/**
 * Rows valid on the date by code, in code order. A code is taken from the first layer that has it
 * at all, even where that row is not valid yet or no longer: a province can't revive it.
 */
function merge<Row extends Dated>(
  layers: readonly CatalogRelease[],
  date: string,
  rowsOf: (release: CatalogRelease) => readonly Row[],
  codeOf: (row: Row) => string,
): ReadonlyMap<string, Row> {
  const byCode = new Map<string, Row>();
  for (const layer of layers) {
    for (const row of rowsOf(layer)) {
      if (!byCode.has(codeOf(row))) byCode.set(codeOf(row), row);
    }
  }
  const valid = [...byCode].filter(([, row]) => isValidOn(row, date));
  return new Map(valid.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isValidOn(row: Dated, date: string): boolean {
  return row.effectiveFrom <= date && (row.effectiveTo === '' || date <= row.effectiveTo);
}

function groupByEntry(
  items: Iterable<PermitItem>,
  entries: ReadonlyMap<string, ScopeEntry>,
): ReadonlyMap<string, readonly PermitItem[]> {
  const mapped = [...items].flatMap((item) =>
    [...new Set(item.scopeEntryCodes)]
      .filter((code) => entries.has(code))
      .map((code) => [code, item] as const),
  );
  const byEntry = grouped(mapped);
  for (const implied of byEntry.values()) Object.freeze(implied);
  return byEntry;
}

/** Authorities by nearest region, grouped once per item: every registration asks (VR15). */
function authorityLookup(lineageOf: LineageOf): CatalogView['authoritiesOf'] {
  const remembered = new WeakMap<PermitItem, ReadonlyMap<string, readonly LicensingAuthority[]>>();
  return (item, regionCode) => {
    let byRegion = remembered.get(item);
    if (!byRegion) {
      byRegion = groupByRegion(item.licensingAuthorities);
      remembered.set(item, byRegion);
    }
    for (const region of lineageOf(regionCode)) {
      const found = byRegion.get(region);
      if (found) return found;
    }
    return NO_AUTHORITIES;
  };
}

function groupByRegion(
  authorities: readonly LicensingAuthority[],
): ReadonlyMap<string, readonly LicensingAuthority[]> {
  const byRegion = grouped(authorities.map((authority) => [authority.regionCode, authority]));
  for (const region of byRegion.values()) Object.freeze(region);
  return byRegion;
}
