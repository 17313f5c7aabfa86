import { createHash } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import {
  CatalogReleaseSchema,
  CatalogVersionSchema,
  type CatalogRelease,
  type CatalogVersion,
} from '#gen/zhengzhao/v1/catalog_pb.js';
import { canonicalRelease } from '../domain/catalog/canonical-release.js';
import type { NewRelease, StoredVersion } from '../storage/catalog-releases.js';

/** A release that this node publishes, in its one stored form (R4). */
export function storedForm(release: CatalogRelease): NewRelease {
  const canonical = canonicalRelease(release);
  const content = toBinary(CatalogReleaseSchema, canonical, { writeUnknownFields: false });
  return describe(canonical, content);
}

/** A release that another node published, its bytes kept as they are so that the digest stays. */
export function receivedForm(content: Uint8Array): NewRelease {
  return describe(fromBinary(CatalogReleaseSchema, content), content);
}

/** SHA-256 of the bytes of a release, lower-case hex. */
export function digestOf(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** What the contract tells about a release. `storedAt` unset: it is not stored. */
export function versionMessage(
  version: Omit<StoredVersion, 'storedAt'> & { readonly storedAt?: Date },
  inForce: boolean,
): CatalogVersion {
  return create(CatalogVersionSchema, {
    version: version.version,
    layer: version.layer,
    effectiveFrom: version.effectiveFrom,
    titleZh: version.titleZh,
    titleEn: version.titleEn,
    provisional: version.provisional,
    provenance: version.provenance,
    entryCount: version.entryCount,
    itemCount: version.itemCount,
    digest: Buffer.from(version.digest).toString('hex'),
    ...(version.storedAt && { storedAt: timestampFromDate(version.storedAt) }),
    inForce,
  });
}

function describe(release: CatalogRelease, content: Uint8Array): NewRelease {
  return {
    layer: release.layer,
    version: release.version,
    effectiveFrom: release.effectiveFrom,
    provisional: release.provisional,
    titleZh: release.titleZh,
    titleEn: release.titleEn,
    provenance: release.provenance,
    entryCount: release.entries.length,
    itemCount: release.items.length,
    digest: Buffer.from(digestOf(content), 'hex'),
    content,
  };
}
