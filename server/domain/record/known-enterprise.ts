import { Operation, ReformMode, type Finding } from '#gen/zhengzhao/v1/common_pb.js';
import type { PermitItem } from '#gen/zhengzhao/v1/catalog_pb.js';
import {
  LicenceEndKind,
  RecordSchema,
  type Licence,
  type Record as RecordMessage,
} from '#gen/zhengzhao/v1/record_pb.js';
import type { Enterprise } from '../registration/enterprise.js';
import { realDate } from '../validation/field-checks.js';
import { MessageFindings } from '../validation/message-findings.js';

/** What the rules need besides the record and its enterprise. */
export interface KnownFacts {
  /** Whether a version of the record is held already, so that this one corrects it. */
  readonly corrects: boolean;
  /** The item of a code in the catalogue of a civil date; undefined: unknown then. */
  readonly itemOn: (code: string, date: string) => PermitItem | undefined;
}

/**
 * Errors of a record that only show once its enterprise is known: R9 (an item that was abolished in
 * the zones) and VR18 (the enterprise is cancelled). A deletion is always allowed. An enterprise
 * that is not known has no findings: the record waits for its registration.
 */
export function knownEnterpriseFindings(
  record: RecordMessage,
  enterprise: Enterprise,
  facts: KnownFacts,
): Finding[] {
  if (record.envelope?.operation === Operation.DELETE) return [];
  const found = new MessageFindings();
  checkCancelled(record, enterprise, facts, found);
  if (record.body.case === 'licence')
    checkAbolishedItem(record.body.value, enterprise, facts, found);
  return found.inOrderOf(RecordSchema);
}

/**
 * VR18: new decisions about a cancelled enterprise. What was decided up to the day of the
 * cancellation, that day included, is history that comes late and stays welcome; so do a correction
 * of a known record, the end of a licence and a penalty.
 */
function checkCancelled(
  record: RecordMessage,
  enterprise: Enterprise,
  { corrects }: KnownFacts,
  found: MessageFindings,
): void {
  if (!enterprise.cancelled || corrects) return;
  const decided = decisionOf(record);
  const date = decided && realDate(decided.date);
  if (date === undefined || date <= enterprise.effectiveDate) return;
  const since = { zh: enterprise.effectiveDate, en: enterprise.effectiveDate };
  found.add('RECORD_AFTER_CANCELLATION', decided?.field ?? '', { since, date });
}

/** The day of a decision that needs a living enterprise; undefined for one that does not. */
function decisionOf({ body }: RecordMessage): { field: string; date: string } | undefined {
  switch (body.case) {
    case 'licence':
      return isEnded(body.value)
        ? undefined
        : { field: 'licence.decision_date', date: body.value.decisionDate };
    case 'filing':
      return { field: 'filing.filing_date', date: body.value.filingDate };
    case 'inspection':
      return { field: 'inspection.insp_date', date: body.value.inspDate };
    default:
      return undefined;
  }
}

function isEnded(licence: Licence): boolean {
  return licence.endKind !== LicenceEndKind.UNSPECIFIED;
}

/**
 * R9: nobody in a free trade zone is granted a licence for a cancelled item (mode 1) from its
 * effective date on. A licence that is held may still be ended.
 */
function checkAbolishedItem(
  licence: Licence,
  enterprise: Enterprise,
  { corrects, itemOn }: KnownFacts,
  found: MessageFindings,
): void {
  const date = realDate(licence.decisionDate);
  if (!enterprise.ftz || date === undefined || (corrects && isEnded(licence))) return;
  const item = itemOn(licence.permitItemCode, date);
  if (item?.reformMode !== ReformMode.CANCELLED || date < item.effectiveFrom) return;
  const since = { zh: item.effectiveFrom, en: item.effectiveFrom };
  const values = { value: item.permitItemCode, since, date };
  found.add('LICENCE_FOR_CANCELLED_ITEM', 'licence.permit_item_code', values);
}
