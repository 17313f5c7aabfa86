import { AuditKind } from '#gen/zhengzhao/v1/audit_pb.js';
import { auditEntry, type AuditEntry } from './entry.js';

/** What somebody did to the node, as it is recorded. `by`: who did it, as was proved. */
export function administered(
  action: string,
  by: string,
  atMs: number,
  more: Partial<Omit<AuditEntry, 'kind' | 'atMs' | 'actor' | 'action'>> = {},
): AuditEntry {
  return auditEntry({ kind: AuditKind.ADMINISTRATION, atMs, actor: by, action, ...more });
}

/** An outcome with the person that the caller names, which is the caller's word. */
export function byName(outcome: string, name: string): string {
  return `${outcome} by=${name}`;
}
