import { Operation, type Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { RecordSchema, type Record as RecordMessage } from '#gen/zhengzhao/v1/record_pb.js';
import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { civilDateIn, workingDaysBetween } from '../identifiers/civil-date.js';
import { realDate } from '../validation/field-checks.js';
import { MessageFindings } from '../validation/message-findings.js';
import type { RecordState } from './record-state.js';

/** Working days within which the national publicity system shows what has been formed. */
const WORKING_DAYS_TO_PUBLISH = 20;

const CODE = 'PUBLISHED_LATE';

/** Whether a finding is the warning of a late publication, which is no fault of the sender. */
export function tellsOfLatePublication({ code }: Pick<Finding, 'code'>): boolean {
  return code === CODE;
}

/** What became of a record when a message of it was taken. */
export interface Publication {
  /** Undefined: nothing of it was held. */
  readonly before: RecordState | undefined;
  readonly after: RecordState;
  /** The message had been here before this node was restored. Unset: not that its sender knows. */
  readonly sentAgain?: boolean | undefined;
}

/** When and where it is taken; `isHoliday` unset: no days off are known. */
export interface PublicationSetting {
  readonly level: 'national' | 'provincial';
  readonly nowMs: number;
  readonly isHoliday?: (date: string) => boolean;
}

/**
 * VR31: the national node could publish a record only more than twenty working days after it was
 * formed. First versions only: a later one comes when something changed. Nothing is said of what was
 * not public before, because that delay is the mark's, nor of what comes again after a restore.
 */
export function latePublicationFindings(
  record: RecordMessage,
  { before, after, sentAgain }: Publication,
  { level, nowMs, isHoliday }: PublicationSetting,
): Finding[] {
  const { envelope } = record;
  if (level !== 'national' || sentAgain) return [];
  if (envelope?.operation !== Operation.INSERT || envelope.recordVersion !== 1n) return [];
  if (after.publishedAtMs === undefined || before?.publishedAtMs !== undefined) return [];
  // Its mark was changed, so that it was not public before.
  if (after.publicityRevision > 0 || before?.nonPublic) return [];
  const { date, field } = formationOf(record);
  const found = new MessageFindings();
  addIfLate(date, field, nowMs, isHoliday, found);
  return found.inOrderOf(RecordSchema);
}

/**
 * VR31 of a registration that becomes the state of its enterprise, which is what is shown of it (R17): formed
 * on the day of its approval. `corrects`: an event that is held, and not shown for the first time.
 */
export function lateRegistrationFindings(
  event: RegistrationEvent,
  { corrects, sentAgain }: { readonly corrects: boolean } & Pick<Publication, 'sentAgain'>,
  { level, nowMs, isHoliday }: PublicationSetting,
): Finding[] {
  if (level !== 'national' || sentAgain || corrects) return [];
  const found = new MessageFindings();
  addIfLate(event.apprDate, 'appr_date', nowMs, isHoliday, found);
  return found.inOrderOf(RegistrationEventSchema);
}

function addIfLate(
  date: string,
  field: string,
  nowMs: number,
  isHoliday: PublicationSetting['isHoliday'],
  found: MessageFindings,
): void {
  const formed = realDate(date);
  if (formed === undefined) return;
  const tooMany = WORKING_DAYS_TO_PUBLISH + 1;
  if (workingDaysBetween(formed, civilDateIn(nowMs), isHoliday, tooMany) < tooMany) return;
  found.add(CODE, field, { date: formed, days: WORKING_DAYS_TO_PUBLISH });
}

/** When a record was formed, and the field that says so: its decision, its filing or its inspection. */
function formationOf({ body }: RecordMessage): { readonly date: string; readonly field: string } {
  switch (body.case) {
    case 'licence':
      return { date: body.value.decisionDate, field: 'licence.decision_date' };
    case 'filing':
      return { date: body.value.filingDate, field: 'filing.filing_date' };
    case 'inspection':
      return { date: body.value.inspDate, field: 'inspection.insp_date' };
    case 'penalty':
      return { date: body.value.decDate, field: 'penalty.dec_date' };
    case undefined:
      return { date: '', field: '' };
  }
}
