import { Operation, type Envelope } from '#gen/zhengzhao/v1/common_pb.js';
import { workingDaysBetween } from '../identifiers/civil-date.js';
import type { ValidationContext } from './context.js';
import { sourceDate } from './envelope.js';
import { realDate } from './field-checks.js';
import type { MessageFindings } from './message-findings.js';

/** Working days within which a decision must be online (双公示). */
export const WORKING_DAYS_ALLOWED = 7;

/**
 * VR31: sent within seven working days of the decision. First versions only: a later version is
 * sent when something changed, not when the decision was made.
 */
export function checkTimeliness(
  envelope: Envelope | undefined,
  decisionDate: string,
  field: string,
  context: ValidationContext,
  found: MessageFindings,
): void {
  if (envelope?.operation !== Operation.INSERT || envelope.recordVersion !== 1n) return;
  const sent = sourceDate(envelope);
  const decided = realDate(decisionDate);
  if (sent === undefined || decided === undefined || decided >= sent) return;
  const isHoliday = (date: string): boolean => context.facts.isHoliday?.(date) ?? false;
  const tooMany = WORKING_DAYS_ALLOWED + 1;
  if (workingDaysBetween(decided, sent, isHoliday, tooMany) < tooMany) return;
  found.add('LATE', field, { date: decided, days: WORKING_DAYS_ALLOWED });
}
