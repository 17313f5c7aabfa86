import { timestampDate, timestampFromDate, timestampMs } from '@bufbuild/protobuf/wkt';
import { create } from '@bufbuild/protobuf';
import { RestorationSchema, type Restoration as Notice } from '#gen/zhengzhao/v1/audit_pb.js';
import type { Restoration } from '../storage/restorations.js';

/** A restoration, as nodes tell each other of it. */
export function restorationMessage({ restoredAt, backupUntil, link }: Restoration): Notice {
  return create(RestorationSchema, {
    restoredAt: timestampFromDate(restoredAt),
    ...(backupUntil && { backupUntil: timestampFromDate(backupUntil) }),
    link: BigInt(link),
  });
}

/** What a node says of its restoration. Undefined when it says nothing, or names no moment. */
export function restorationOf(notice: Notice | undefined): Restoration | undefined {
  if (!notice?.restoredAt || !isMoment(timestampMs(notice.restoredAt))) return undefined;
  const until = notice.backupUntil;
  return {
    restoredAt: timestampDate(notice.restoredAt),
    backupUntil: until && isMoment(timestampMs(until)) ? timestampDate(until) : null,
    link: Number(notice.link),
  };
}

/** Years that PostgreSQL and JavaScript both know. */
function isMoment(ms: number): boolean {
  return ms >= 0 && ms < Date.UTC(9999, 0, 1);
}
