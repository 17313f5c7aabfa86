import type { MessageInitShape } from '@bufbuild/protobuf';
import type { CatalogRelease } from '#gen/zhengzhao/v1/catalog_pb.js';
import {
  CatalogChangeKind,
  CatalogTable,
  type CatalogChangeSchema,
  type CompareReleasesRequest,
  type ConcernedDepartmentSchema,
  type ScopeCatalog,
} from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { COLUMNS } from '../../catalog/catalog-tables.js';
import {
  concernedBetween,
  departmentShares,
  type ConcernedOf,
  type DepartmentShare,
} from '../../domain/catalog/concerned.js';
import { CENTRAL_LAYER } from '../../domain/catalog/layer.js';
import {
  countChanges,
  releaseChanges,
  type ReleaseChange,
} from '../../domain/catalog/release-diff.js';
import { notFound } from '../../domain/errors.js';
import type { ServiceMethods } from '../../doors/service.js';
import type { StoredVersion } from '../../storage/catalog-releases.js';
import { PAGE_SIZES } from '../page-sizes.js';
import { badPageToken, decodePageToken, encodePageToken, pageSizeOf } from '../page-token.js';
import type { ScopeCatalogDeps } from '../scope-catalog.js';
import { describeVersion } from './versions.js';

type CompareMethods = Pick<ServiceMethods<typeof ScopeCatalog>, 'compareReleases'>;

const MAX_CODES = 50;
const MAX_DEPARTMENTS_OF_CHANGE = 20;
const MAX_DEPARTMENTS = 200;

/** CompareReleases: what a release changes, field by field, and whom it concerns (R7, R23, R25). */
export function compareMethods(deps: ScopeCatalogDeps): CompareMethods {
  const comparisonOf = rememberedComparisons();
  return {
    async compareReleases(request) {
      const pair = pairOf(deps, request);
      const size = pageSizeOf(request.pageSize, PAGE_SIZES.CompareReleases);
      const comparison = comparisonOf(pair.before, pair.after, localUnder(deps, pair.to));
      const chosen = comparison.changes.filter((change) => isAskedFor(change, request));
      // A place in the list only means something between exactly these contents.
      const list = ['compare', digest(pair.from), digest(pair.to), request.table, request.kind];
      const start = offsetOf(decodePageToken(list, request.pageToken));
      const next = start + size;
      const shares = [...comparison.shares.values()];
      return {
        ...(pair.from && { from: describeVersion(deps, pair.from) }),
        to: describeVersion(deps, pair.to),
        counts: [...countChanges(comparison.changes)],
        changes: chosen.slice(start, next).map((change) => toChange(change, comparison)),
        total: chosen.length,
        nextPageToken: next < chosen.length ? encodePageToken(list, String(next)) : '',
        departments: shares.slice(0, start === 0 ? MAX_DEPARTMENTS : 0).map(toDepartment),
        departmentCount: shares.length,
      };
    },
  };
}

interface Comparison {
  readonly changes: readonly ReleaseChange[];
  readonly concernedOf: ConcernedOf;
  /** By code of the department, the most concerned first. */
  readonly shares: ReadonlyMap<string, DepartmentShare>;
}

type CompareContents = (
  before: CatalogRelease | undefined,
  after: CatalogRelease,
  local: CatalogRelease | undefined,
) => Comparison;

/** Compares, and remembers the last comparison with each release held: its pages are asked one by one. */
function rememberedComparisons(): CompareContents {
  const known = new WeakMap<
    CatalogRelease,
    { readonly before: unknown; readonly local: unknown; readonly comparison: Comparison }
  >();
  return (before, after, local) => {
    const last = known.get(after);
    if (last && last.before === before && last.local === local) return last.comparison;
    const changes = releaseChanges(before, after);
    const concernedOf = concernedBetween(before, after, local);
    const shares = new Map(
      departmentShares(changes, concernedOf).map((one) => [one.department.orgCode, one]),
    );
    const comparison = { changes, concernedOf, shares };
    known.set(after, { before, local, comparison });
    return comparison;
  };
}

interface Pair {
  readonly from: StoredVersion | undefined;
  readonly to: StoredVersion;
  readonly before: CatalogRelease | undefined;
  readonly after: CatalogRelease;
}

/** The two releases asked for, with what they hold. */
function pairOf({ shelf }: ScopeCatalogDeps, request: CompareReleasesRequest): Pair {
  const layer = request.layer === '' ? CENTRAL_LAYER : request.layer;
  // Newest effective date first, as the library has them oldest first.
  const held = shelf.versions().filter((one) => one.layer === layer);
  const at = request.toVersion === '' ? 0 : indexOf(held, request.toVersion);
  const to = held[at];
  if (!to) throw notFound(`层 ${layer} 的目录版本`, `catalogue release of layer ${layer}`);
  const from = request.fromVersion === '' ? held[at + 1] : held[indexOf(held, request.fromVersion)];
  const contentOf = (one: StoredVersion): CatalogRelease | undefined =>
    shelf.current().release(layer, one.version);
  const after = contentOf(to);
  if (!after) throw missing(to.version);
  return { from, to, before: from && contentOf(from), after };
}

function indexOf(held: readonly StoredVersion[], version: string): number {
  const at = held.findIndex((one) => one.version === version);
  if (at < 0) throw missing(version);
  return at;
}

function missing(version: string): Error {
  return notFound(`目录版本 ${version}`, `catalogue release ${version}`);
}

/** The province's own release that lies on a central one from its first day (R25). */
function localUnder({ shelf, node }: ScopeCatalogDeps, to: StoredVersion) {
  if (to.layer !== CENTRAL_LAYER || node === CENTRAL_LAYER) return undefined;
  const own = shelf.current();
  return own.inForce(node, to.effectiveFrom) ?? own.releasesOf(node)[0];
}

function isAskedFor(change: ReleaseChange, { table, kind }: CompareReleasesRequest): boolean {
  return (
    (table === CatalogTable.UNSPECIFIED || change.table === table) &&
    (kind === CatalogChangeKind.UNSPECIFIED || change.kind === kind)
  );
}

function digest(version: StoredVersion | undefined): string {
  return version ? Buffer.from(version.digest).toString('hex') : '';
}

function offsetOf(position: string): number {
  if (position === '') return 0;
  if (!/^\d{1,7}$/.test(position)) throw badPageToken();
  return Number(position);
}

/** Chinese names of the fields of a row: the headings of the administrator's own tables (R4). */
const LABELS: Readonly<Record<CatalogTable, Readonly<Record<string, string>>>> = {
  [CatalogTable.UNSPECIFIED]: {},
  [CatalogTable.SCOPE_ENTRY]: COLUMNS['scope-entries'],
  [CatalogTable.PERMIT_ITEM]: { ...COLUMNS['permit-items'], reform_mode_assumed: '改革方式为推定' },
  [CatalogTable.MAPPING]: COLUMNS.mapping,
  [CatalogTable.AUTHORITY]: COLUMNS.authorities,
};

function toChange(
  change: ReleaseChange,
  { concernedOf, shares }: Comparison,
): MessageInitShape<typeof CatalogChangeSchema> {
  const { itemCodes, localItemCodes, departments } = concernedOf(change);
  const labels = LABELS[change.table];
  return {
    ...change,
    fields: change.fields.map((one) => ({ ...one, labelZh: labels[one.field] ?? one.field })),
    concernedItemCodes: itemCodes.slice(0, MAX_CODES),
    concernedLocalItemCodes: localItemCodes.slice(0, MAX_CODES),
    departments: departments
      .slice(0, MAX_DEPARTMENTS_OF_CHANGE)
      .flatMap(({ orgCode }) => shares.get(orgCode) ?? [])
      .map(toDepartment),
    departmentCount: departments.length,
  };
}

function toDepartment({
  department: { orgCode, orgName, regionCode },
  changeCount,
}: DepartmentShare): MessageInitShape<typeof ConcernedDepartmentSchema> {
  return { orgCode, orgName, regionCode, changeCount };
}
