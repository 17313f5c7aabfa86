import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { PackageContent } from '#gen/zhengzhao/v1/package_pb.js';
import type { PermitItemRef } from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { ToldDepartment } from './enterprise.js';

/** The department that takes over. */
export interface NewReceiver {
  readonly code: string;
  readonly name: string;
}

/** Id of the package that follows a reassigned one; a package is reassigned at most once. */
export function reassignedIdOf(packageId: string): string {
  return `${packageId}-R`;
}

/**
 * The content of a package for another department (F22): the same event and items, with the new
 * department wherever the old one stood, so that again exactly one is named (R26, VR29).
 */
export function reassignContent(
  content: PackageContent,
  to: NewReceiver,
  createdAtMs: number,
): PackageContent {
  const readdress = (ref: PermitItemRef): PermitItemRef => ({
    ...ref,
    receivingDeptCode: to.code,
    receivingDeptName: to.name,
  });
  return {
    ...content,
    packageId: reassignedIdOf(content.packageId),
    receivingDeptCode: to.code,
    receivingDeptName: to.name,
    createdAt: timestampFromMs(createdAtMs),
    registrations: content.registrations.map((event) => ({
      ...event,
      permitItems: event.permitItems.map(readdress),
    })),
    items: content.items.map((item) => ({
      ...item,
      ...(item.permitItem && { permitItem: readdress(item.permitItem) }),
    })),
    filings: content.filings.map((filing) => ({
      ...filing,
      filingAuthorityCode: to.code,
      filingAuthorityName: to.name,
    })),
  };
}

/** Who knows the enterprise afterwards: the new department, too, hears of later events (R30). */
export function toldAfterReassignment(
  told: readonly ToldDepartment[],
  content: PackageContent,
): ToldDepartment[] {
  const { receivingDeptCode: code, receivingDeptName: name } = content;
  const before = told.find((department) => department.code === code);
  const items = content.items.flatMap((item) => item.permitItem?.permitItemCode ?? []);
  const department = { code, name, items: [...new Set([...(before?.items ?? []), ...items])] };
  return before
    ? told.map((one) => (one === before ? { ...one, ...department } : one))
    : [...told, { ...department, reassigned: true }];
}
