import { Severity } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { Arrival } from '../domain/decision/decision.js';
import { HubError } from '../domain/errors.js';
import type { MessageHead } from '../domain/message.js';
import type { NewRefusal } from '../storage/refusals.js';
import type { IntakeResult, Submission } from './submission.js';

/** The log entries of what a batch refused for good. */
export function refusalsOf(
  submissions: readonly Submission[],
  results: readonly IntakeResult[],
  nowMs: number,
): NewRefusal[] {
  return results.flatMap((result, index) => {
    const submission = submissions[index];
    if (!submission || result.ok || waits(submission, result.error)) return [];
    return [refusalEntry(submission, result.error, nowMs)];
  });
}

/** What waits for room, or behind what does, is not refused for good, and comes again and again. */
function waits({ arrival }: Submission, { reason }: HubError): boolean {
  if (reason === ErrorReason.BLOCKED_BY_EARLIER) return arrival.side === 'client';
  return reason === ErrorReason.BACKLOG_FULL;
}

/** What the log says of a message that was refused. */
interface Refused {
  readonly head: Pick<MessageHead, 'kind' | 'sourceOrg'>;
  readonly arrival: Pick<Arrival, 'origin'>;
}

/** The log entry of a refusal: who and by which rules, never what (F3). */
export function refusalEntry(
  { head, arrival }: Refused,
  error: HubError,
  atMs: number,
): NewRefusal {
  const errors = (error.details.findings ?? []).filter(
    (finding) => finding.severity === Severity.ERROR,
  );
  return {
    atMs,
    origin: arrival.origin,
    sourceOrg: head.sourceOrg,
    kind: head.kind,
    reason: error.reason,
    rules: [...new Set(errors.map((finding) => finding.rule))],
    codes: [...new Set(errors.map((finding) => finding.code))],
  };
}

/** For what follows a refused message of its enterprise in one call. */
export function blockedByEarlier(): HubError {
  return new HubError(
    ErrorReason.BLOCKED_BY_EARLIER,
    {
      zh: '同一主体较早的消息未被受理,本条暂缓以保持顺序。',
      en: 'An earlier message of the same enterprise was refused; this one waits to keep the order.',
    },
    { retryAfterMs: 1000 },
  );
}
