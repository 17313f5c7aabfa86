import { AuditKind } from '#gen/zhengzhao/v1/audit_pb.js';
import { Effect, MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { auditEntry, type AuditEntry } from '../domain/audit/entry.js';
import type { Decision } from '../domain/decision/decision.js';
import { findPersonalData } from '../domain/identifiers/personal-data.js';
import type { NewRefusal } from '../storage/refusals.js';
import type { Submission } from './submission.js';
import type { Settled } from './write-batch.js';

/** The sender in the audit: an organisation's code, or the node that delivered. */
function actorOf(origin: string, sourceOrg: string): string {
  if (origin !== 'client') return `node:${origin}`;
  // What a refused message says of its sender may be anything, and can never be deleted here.
  return findPersonalData(sourceOrg).length > 0 ? '' : sourceOrg;
}

/** What is recorded of messages that were accepted and changed something. */
export function acceptedEntries(settled: readonly Settled[], nowMs: number): AuditEntry[] {
  return settled
    .filter(({ store, decision }) => store || decision.changed)
    .map(({ submission, decision }) => {
      const { head, arrival, digest } = submission;
      return auditEntry({
        kind: kindOf(submission),
        atMs: nowMs,
        actor: actorOf(arrival.givenBackBy ?? arrival.origin, head.sourceOrg),
        action: actionOf(submission),
        messageId: head.messageId,
        sourceNode: head.sourceNode,
        digest,
        rules: rulesOf(decision),
        outcome: Effect[decision.effect],
      });
    });
}

function kindOf({ head }: Submission): AuditKind {
  return head.kind === MessageKind.PUBLICITY_CHANGE ? AuditKind.PUBLICITY : AuditKind.SUBMISSION;
}

function actionOf({ withdrawn, arrival }: Submission): string {
  if (withdrawn) return 'withdraw';
  if (arrival.givenBackBy !== undefined) return 'take-back';
  return arrival.side === 'client' ? 'submit' : 'receive';
}

/** Every row of the routing table that decided, with the place it decided on. */
function rulesOf({ legs, deliveries }: Decision): string[] {
  const chosen = [
    ...legs.map(({ row, code }) => `${row.id}>${code}`),
    ...deliveries.map(({ rule, destination }) => `${rule}>${destination}`),
  ];
  return [...new Set(chosen)];
}

/** What is recorded of refusals: who and by which rules, nothing of the message, not even its id. */
export function refusedEntries(refusals: readonly NewRefusal[]): AuditEntry[] {
  return refusals.map(({ atMs, origin, sourceOrg, rules, reason }) =>
    auditEntry({
      kind: AuditKind.REFUSAL,
      atMs,
      actor: actorOf(origin, sourceOrg),
      action: origin === 'client' ? 'submit' : 'receive',
      rules,
      outcome: ErrorReason[reason],
    }),
  );
}
