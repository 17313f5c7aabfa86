import { AuditKind } from '#gen/zhengzhao/v1/audit_pb.js';
import { auditEntry, type AuditEntry } from './entry.js';

/** What somebody did to the node, as it is recorded. `by`: who says to have done it. */
export function administered(
  action: string,
  by: string,
  atMs: number,
  more: Partial<Omit<AuditEntry, 'kind' | 'atMs' | 'actor' | 'action'>> = {},
): AuditEntry {
  return auditEntry({ kind: AuditKind.ADMINISTRATION, atMs, actor: by, action, ...more });
}
