import type {
  CatalogRelease,
  LicensingAuthority,
  PermitItem,
} from '#gen/zhengzhao/v1/catalog_pb.js';
import { CatalogChangeKind, CatalogTable } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { grouped } from '../grouped.js';
import type { ReleaseChange } from './release-diff.js';

/** Whom one change concerns. */
export interface Concerned {
  /** Items of either release, in code order: for an entry, those that map to it. */
  readonly itemCodes: readonly string[];
  /** Items of the province's own layer that map to a changed or removed central entry (R25). */
  readonly localItemCodes: readonly string[];
  /** Who receives or decides these items, in either release, by code; once each. */
  readonly departments: readonly LicensingAuthority[];
}

/** A department and how many changes concern it. */
export interface DepartmentShare {
  readonly department: LicensingAuthority;
  readonly changeCount: number;
}

/** Tells whom a change concerns. */
export type ConcernedOf = (change: ReleaseChange) => Concerned;

/**
 * Makes the answer to "whom does it concern" for the changes between two releases (R22, R25).
 * `local`: the province's own release in force, when the two are central ones.
 */
export function concernedBetween(
  before: CatalogRelease | undefined,
  after: CatalogRelease,
  local: CatalogRelease | undefined,
): ConcernedOf {
  const items = [...(before?.items ?? []), ...after.items];
  const byCode = grouped(items.map((item) => [item.permitItemCode, item]));
  const byEntry = byEntryOf(items);
  const localByEntry = byEntryOf(local?.items ?? []);
  const departmentsOf = rememberedDepartments();
  const authorityOf = rememberedAuthorities(items);
  return (change) => {
    const { table, kind, scopeEntryCode, permitItemCode } = change;
    const ofEntry = table === CatalogTable.SCOPE_ENTRY;
    const itemCodes = ofEntry ? codesOf(byEntry.get(scopeEntryCode) ?? []) : [permitItemCode];
    const touched = ofEntry && kind !== CatalogChangeKind.ADDED;
    const mine = touched ? (localByEntry.get(scopeEntryCode) ?? []) : [];
    // Also the release in which the item does not map to the entry: its departments then are told too.
    const concerned = itemCodes.flatMap((code) => byCode.get(code) ?? []);
    return {
      itemCodes,
      localItemCodes: codesOf(mine),
      departments:
        table === CatalogTable.AUTHORITY
          ? authorityOf(change)
          : departmentsOf([...concerned, ...mine]),
    };
  };
}

/** Departments of all changes, the most concerned first, of equal ones by code. */
export function departmentShares(
  changes: readonly ReleaseChange[],
  concernedOf: ConcernedOf,
): readonly DepartmentShare[] {
  // The same items give the same list, so that each list is gone through once, not once per change.
  const lists = new Map<readonly LicensingAuthority[], number>();
  for (const change of changes) {
    const { departments } = concernedOf(change);
    lists.set(departments, (lists.get(departments) ?? 0) + 1);
  }
  const shares = new Map<string, DepartmentShare>();
  for (const [departments, count] of lists) {
    for (const department of departments) {
      const known = shares.get(department.orgCode);
      const changeCount = (known?.changeCount ?? 0) + count;
      shares.set(department.orgCode, {
        department: nearer(known?.department, department),
        changeCount,
      });
    }
  }
  return [...shares.values()].sort(
    (a, b) => b.changeCount - a.changeCount || order(a.department.orgCode, b.department.orgCode),
  );
}

/** Departments of some items, once per set of items. */
function rememberedDepartments(): (items: readonly PermitItem[]) => readonly LicensingAuthority[] {
  const known = new Map<string, readonly LicensingAuthority[]>();
  return (items) => {
    const key = codesOf(items).join(' ');
    const departments =
      known.get(key) ?? distinct(items.flatMap((item) => item.licensingAuthorities));
    known.set(key, departments);
    return departments;
  };
}

/** A row of an authority concerns that authority, not all others of the item. */
function rememberedAuthorities(
  items: readonly PermitItem[],
): (change: ReleaseChange) => readonly LicensingAuthority[] {
  const known = new Map<string, readonly LicensingAuthority[]>();
  for (const { permitItemCode, licensingAuthorities } of items) {
    for (const one of licensingAuthorities) {
      known.set(`${permitItemCode} ${one.regionCode} ${one.orgCode}`, [one]);
    }
  }
  return ({ permitItemCode, regionCode, orgCode }) =>
    known.get(`${permitItemCode} ${regionCode} ${orgCode}`) ?? [];
}

function distinct(named: readonly LicensingAuthority[]): readonly LicensingAuthority[] {
  const departments = new Map<string, LicensingAuthority>();
  for (const one of named) departments.set(one.orgCode, nearer(departments.get(one.orgCode), one));
  return [...departments.values()].sort((a, b) => order(a.orgCode, b.orgCode));
}

/** The one with the first region in code order; of the same region the later release's name. */
function nearer(
  known: LicensingAuthority | undefined,
  one: LicensingAuthority,
): LicensingAuthority {
  return known && known.regionCode < one.regionCode ? known : one;
}

function codesOf(items: readonly PermitItem[]): readonly string[] {
  return [...new Set(items.map((item) => item.permitItemCode))].sort();
}

function byEntryOf(items: readonly PermitItem[]): ReadonlyMap<string, readonly PermitItem[]> {
  return grouped(
    items.flatMap((item) => item.scopeEntryCodes.map((code) => [code, item] as const)),
  );
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
