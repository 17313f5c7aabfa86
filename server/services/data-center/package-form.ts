import { createHash } from 'node:crypto';
import { create, fromBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import {
  DepartmentPackageSchema,
  PackageContentSchema,
  type DepartmentPackage,
  type PackageContent,
} from '#gen/zhengzhao/v1/package_pb.js';
import type { StoredPackage } from '../../storage/package-store.js';

/** What is stored of a package is not what was built. */
class DamagedPackage extends Error {}

/** What a package is proved by. */
type PackedContent = Pick<
  StoredPackage,
  'packageId' | 'deptCode' | 'recordCount' | 'sha256' | 'content'
>;

/**
 * A package as its department lists it: without content and steps. A damaged one, too, so that it hides
 * no other; it has no schema version.
 */
export function describePackage(stored: StoredPackage, node: string): DepartmentPackage {
  return create(DepartmentPackageSchema, {
    packageId: stored.packageId,
    channels: stored.channels,
    sourceNode: node,
    receivingDeptCode: stored.deptCode,
    receivingDeptName: stored.deptName,
    schemaVersion: schemaVersionOf(stored),
    createdAt: timestampFromDate(stored.createdAt),
    recordCount: stored.recordCount,
    sha256: stored.sha256.toString('hex'),
    status: stored.status,
    platformReceiptNo: stored.platformReceiptNo,
    returnReason: stored.returnReason,
    registrationMessageId: stored.registrationMessageId,
    uscc: stored.uscc,
  });
}

function schemaVersionOf(stored: PackedContent): string {
  try {
    return provenContent(stored).schemaVersion;
  } catch (error) {
    if (error instanceof DamagedPackage) return '';
    throw error;
  }
}

/**
 * The content of a package about to leave, proved (VR29): the digest fits, the count fits, and no
 * department but its own occurs. Throws DamagedPackage otherwise: such a package must never leave.
 */
export function provenContent(stored: PackedContent): PackageContent {
  const digest = createHash('sha256').update(stored.content).digest();
  if (!digest.equals(stored.sha256)) throw damaged(stored, 'digest');
  const content = decoded(stored);
  if (content.registrations.length !== stored.recordCount) throw damaged(stored, 'record count');
  const named = [
    content.receivingDeptCode,
    ...content.items.map((item) => item.permitItem?.receivingDeptCode),
    ...content.registrations.flatMap((event) =>
      event.permitItems.map((ref) => ref.receivingDeptCode),
    ),
  ];
  if (named.some((code) => code !== stored.deptCode)) throw damaged(stored, 'department');
  return content;
}

function decoded(stored: PackedContent): PackageContent {
  try {
    return fromBinary(PackageContentSchema, stored.content);
  } catch {
    // What the decoder says may quote the content.
    throw damaged(stored, 'encoding');
  }
}

function damaged({ packageId }: PackedContent, what: string): DamagedPackage {
  return new DamagedPackage(`Package ${packageId} is damaged: its ${what} does not fit (VR29).`);
}
