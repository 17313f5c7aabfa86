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

/** A package as its department lists it: without content and steps. */
export function describePackage(stored: StoredPackage, node: string): DepartmentPackage {
  return create(DepartmentPackageSchema, {
    packageId: stored.packageId,
    channels: stored.channels,
    sourceNode: node,
    receivingDeptCode: stored.deptCode,
    receivingDeptName: stored.deptName,
    schemaVersion: fromBinary(PackageContentSchema, stored.content).schemaVersion,
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

/**
 * The content of a package about to leave, proved (VR29): the digest fits, the count fits, and no
 * department but its own occurs. Throws a defect otherwise: such a package must never leave.
 */
export function provenContent(
  stored: Pick<StoredPackage, 'packageId' | 'deptCode' | 'recordCount' | 'sha256' | 'content'>,
): PackageContent {
  const digest = createHash('sha256').update(stored.content).digest();
  if (!digest.equals(stored.sha256)) throw damaged(stored, 'digest');
  const content = fromBinary(PackageContentSchema, stored.content);
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

function damaged({ packageId }: Pick<StoredPackage, 'packageId'>, what: string): Error {
  return new Error(`Package ${packageId} is damaged: its ${what} does not fit (VR29).`);
}
