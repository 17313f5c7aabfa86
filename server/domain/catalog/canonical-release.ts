import { clone } from '@bufbuild/protobuf';
import {
  CatalogReleaseSchema,
  type CatalogRelease,
  type LicensingAuthority,
  type PermitItem,
} from '#gen/zhengzhao/v1/catalog_pb.js';

/**
 * The release in the one form in which it is stored: rows in code order, so that the same tables in
 * another row order, or the same release sent twice, have the same digest (R4). The release given is
 * not changed.
 */
export function canonicalRelease(release: CatalogRelease): CatalogRelease {
  const canonical = clone(CatalogReleaseSchema, release);
  canonical.entries.sort(by((entry) => entry.scopeEntryCode));
  canonical.items = canonical.items.map(canonicalItem).sort(by((item) => item.permitItemCode));
  return canonical;
}

function canonicalItem(item: PermitItem): PermitItem {
  item.scopeEntryCodes.sort();
  item.publicInterestReasons.sort((a, b) => a - b);
  item.licensingAuthorities.sort(by(authorityKey));
  return item;
}

function authorityKey(authority: LicensingAuthority): string {
  return `${authority.regionCode} ${authority.orgCode}`;
}

function by<Row>(key: (row: Row) => string): (a: Row, b: Row) => number {
  return (a, b) => {
    const left = key(a);
    const right = key(b);
    if (left === right) return 0;
    return left < right ? -1 : 1;
  };
}
