import {
  Effect,
  Severity,
  type Finding,
  type SubmissionResult,
} from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { RowReceipt, StatedFinding } from '../storage/report-receipts.js';

type Outcome = Pick<
  RowReceipt,
  | 'accepted'
  | 'receipt_no'
  | 'effect'
  | 'duplicate'
  | 'reason'
  | 'message_zh'
  | 'message_en'
  | 'findings'
>;

/**
 * Whether the row may be taken later as it is, so that it has no receipt yet: the refusal passes by
 * itself, or it is a defect of the node (INTERNAL), of which the row is not to blame and which a
 * receipt would make final.
 */
export function isPassing({ outcome }: SubmissionResult): boolean {
  if (outcome.case !== 'refusal') return false;
  return outcome.value.retryAfterMs > 0n || outcome.value.reason === ErrorReason.INTERNAL;
}

/** The result of a call, as the receipt of a row states it. */
export function outcomeOf({ outcome, warnings }: SubmissionResult): Outcome {
  if (outcome.case === 'receipt')
    return {
      accepted: true,
      receipt_no: outcome.value.receiptNo,
      effect: Effect[outcome.value.effect] ?? null,
      duplicate: outcome.value.duplicate,
      reason: null,
      message_zh: '',
      message_en: '',
      findings: warnings.map(stated),
    };
  const refusal = outcome.value;
  return {
    accepted: false,
    receipt_no: null,
    effect: null,
    duplicate: false,
    reason: refusal ? (ErrorReason[refusal.reason] ?? null) : null,
    message_zh: refusal?.messageZh ?? '',
    message_en: refusal?.messageEn ?? '',
    findings: (refusal?.findings ?? []).map(stated),
  };
}

function stated({ rule, field, severity, code, messageZh, messageEn }: Finding): StatedFinding {
  const level = severity === Severity.ERROR ? 'ERROR' : 'WARNING';
  return { rule, field, severity: level, code, zh: messageZh, en: messageEn };
}
