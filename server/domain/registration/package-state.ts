import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';

const { BUILT, SENT, DEEMED_DELIVERED, FAILED, RECEIVED, CLAIMED, RETURNED, REASSIGNED } =
  PackageStatus;
const { TERMINATED, UNSPECIFIED } = PackageStatus;

/**
 * Which report a package may take in which state (R33, F22). Acceptance by the platform completes
 * the duty; what the department does afterwards is recorded and never reopens it. A package goes
 * to another department while nobody has claimed it, also before it has left, and then it is done here.
 */
const following: Readonly<Record<PackageStatus, readonly PackageStatus[]>> = {
  [UNSPECIFIED]: [],
  [BUILT]: [DEEMED_DELIVERED, REASSIGNED, TERMINATED],
  [SENT]: [DEEMED_DELIVERED, RECEIVED, CLAIMED, RETURNED, REASSIGNED, TERMINATED],
  [DEEMED_DELIVERED]: [RECEIVED, CLAIMED, RETURNED, REASSIGNED, TERMINATED],
  [FAILED]: [DEEMED_DELIVERED, REASSIGNED, TERMINATED],
  [RECEIVED]: [CLAIMED, RETURNED, REASSIGNED, TERMINATED],
  [CLAIMED]: [RETURNED, TERMINATED],
  [RETURNED]: [REASSIGNED, TERMINATED],
  [REASSIGNED]: [],
  [TERMINATED]: [],
};

/** What a platform or department may report; the other states are the hub's own. */
export const reportableStatuses: readonly PackageStatus[] = [
  DEEMED_DELIVERED,
  RECEIVED,
  CLAIMED,
  RETURNED,
  REASSIGNED,
  TERMINATED,
];

/**
 * States in which a package has left and nobody is waited for: not those in which the hub or the owner
 * of the catalogue still has to do something. What a department reports later is taken all the same.
 */
export const leftStatuses: readonly PackageStatus[] = [
  SENT,
  DEEMED_DELIVERED,
  RECEIVED,
  CLAIMED,
  REASSIGNED,
  TERMINATED,
];

/** Whether a package in one state may go on to the other. */
export function mayBecome(from: PackageStatus, to: PackageStatus): boolean {
  return following[from].includes(to);
}

/** What a department did, or had done, with a package that left: it may say so before its platform does. */
const departmentsWords: readonly PackageStatus[] = [RECEIVED, CLAIMED, RETURNED, REASSIGNED];

/**
 * The state of a package after a report; undefined when the report is not possible. Departments are often
 * faster than their platform: its acceptance then completes the duty and leaves their word as it is (R33).
 */
export function stateAfter(
  from: PackageStatus,
  reported: PackageStatus,
): PackageStatus | undefined {
  if (mayBecome(from, reported)) return reported;
  return reported === DEEMED_DELIVERED && departmentsWords.includes(from) ? from : undefined;
}
