import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import type { PermitItem } from '#gen/zhengzhao/v1/catalog_pb.js';
import {
  LicenceCategory,
  LicenceEndKind,
  LicenceState,
  type Licence,
  type Record as EnterpriseRecord,
} from '#gen/zhengzhao/v1/record_pb.js';
import { normaliseSentinel } from '../identifiers/civil-date.js';
import { showsNothing } from '../identifiers/text.js';
import type { Check, ValidationContext } from './context.js';
import { checkCounterpart } from './counterpart.js';
import { compileFields, inSequence, isBefore, isBlank, realDate } from './field-checks.js';
import { LICENCE_CHANGE_FIELDS, LICENCE_FIELDS, MAX_LICENCE_CHANGES } from './licence-fields.js';
import type { MessageFindings } from './message-findings.js';
import { sameName } from './permit-items.js';
import { asIs } from './quotation.js';
import { checkAuthorityCode, checkBusinessKey, checkSender } from './record-authority.js';
import { findStatedItem } from './record-item.js';
import { checkTimeliness } from './timeliness.js';

type RuleArguments = Parameters<Check<Licence>>;

const LICENCE_ID = { zh: '许可ID(lic_id)', en: 'the licence id' };
const AUTHORITY = { zh: '许可机关代码(lic_authority_code)', en: 'authority code' };

const checkLicenceAlone = inSequence<Licence>([
  compileFields(LICENCE_FIELDS),
  checkConditionalFields,
  checkValidity,
  checkEnd,
  checkChanges,
]);
const checkChangeFields = compileFields(LICENCE_CHANGE_FIELDS);

/** All stateless rules of a licence in its record. */
export function checkLicence(
  licence: Licence,
  record: EnterpriseRecord,
  context: ValidationContext,
  found: MessageFindings,
): void {
  const { envelope } = record;
  checkLicenceAlone(licence, 'licence.', context, found);
  checkCounterpart(licence.counterpart, 'licence.counterpart', context, found);
  checkBusinessKey(envelope, licence.licId, LICENCE_ID, found);
  checkSender(envelope, licence.licAuthorityCode, found);
  checkAuthorityCode(licence.licAuthorityCode, 'licence.lic_authority_code', AUTHORITY, found);
  checkItem(licence, context, found);
  checkTimeliness(envelope, licence.decisionDate, 'licence.decision_date', context, found);
}

/** Fields that another field makes necessary. */
function checkConditionalFields(...[licence, at, , found]: RuleArguments): void {
  const missing = (name: string, zh: string, en: string, rule?: string): void => {
    found.add('REQUIRED', at + name, { label: { zh: `${zh}(${name})`, en } }, rule);
  };
  const require = (value: string, name: string, zh: string, en: string): void => {
    if (showsNothing(value)) missing(name, zh, en);
  };
  if (licence.licCategory === LicenceCategory.OTHER) {
    require(licence.licCategoryNote, 'lic_category_note', '许可类别说明', 'category note');
  }
  if (!showsNothing(licence.licName))
    require(licence.licNo, 'lic_no', '许可编号', 'licence number');
  const { valTo, endDate } = licence;
  // The sentinels for "without end" say it as well as the flag does (VR9).
  const longTerm = licence.longTerm || normaliseSentinel(valTo).longTerm;
  if (!longTerm && isUnstated(valTo)) missing('val_to', '有效期至', 'end of the validity', 'VR8');
  if (licence.endKind !== LicenceEndKind.UNSPECIFIED && isUnstated(endDate))
    missing('end_date', '失效日期', 'end date', 'VR8');
}

/** Empty, or what a system writes for "no date" (VR9). What is no date at all is reported as that. */
function isUnstated(date: string): boolean {
  return isBlank(date) || normaliseSentinel(date).date === undefined;
}

/** VR8 and VR9. */
function checkValidity(...[licence, at, , found]: RuleArguments): void {
  const { decisionDate, valFrom, valTo } = licence;
  if (isBefore(valFrom, decisionDate)) {
    const values = { earlier: valFrom, later: decisionDate };
    found.add('VALID_BEFORE_DECISION', `${at}val_from`, values);
  }
  if (isBefore(valTo, valFrom)) {
    found.add('VALIDITY_ORDER', `${at}val_to`, { earlier: valFrom, later: valTo });
  }
  if (isBefore(valTo, decisionDate)) {
    found.add('EXPIRED_BEFORE_DECISION', `${at}val_to`, { earlier: decisionDate, later: valTo });
  }
  if (licence.longTerm && realDate(valTo) !== undefined) {
    found.add('LONG_TERM_WITH_END', `${at}long_term`, { value: valTo });
  }
}

/** State and end belong together; nothing ends before it was decided. */
function checkEnd(...[licence, at, , found]: RuleArguments): void {
  const ended = licence.endKind !== LicenceEndKind.UNSPECIFIED;
  if (licence.licState === LicenceState.INVALID && !ended) {
    found.add('END_KIND_REQUIRED', `${at}end_kind`);
  }
  if (licence.licState === LicenceState.VALID && ended) {
    found.add('END_KIND_WHILE_VALID', `${at}end_kind`);
  }
  if (isBefore(licence.endDate, licence.decisionDate)) {
    const values = { earlier: licence.decisionDate, later: licence.endDate };
    found.add('ENDED_BEFORE_DECISION', `${at}end_date`, values);
  }
}

function checkChanges(...[licence, at, context, found]: RuleArguments): void {
  const { length } = licence.changes;
  if (length > MAX_LICENCE_CHANGES) {
    const label = { zh: '许可变更(changes)', en: 'list of changes' };
    found.add('TOO_MANY', `${at}changes`, { label, length, max: MAX_LICENCE_CHANGES });
  }
  licence.changes.slice(0, MAX_LICENCE_CHANGES).forEach((change, i) => {
    checkChangeFields(change, `${at}changes[${i}].`, context, found);
  });
}

function checkItem(licence: Licence, context: ValidationContext, found: MessageFindings): void {
  const value = licence.permitItemCode;
  const field = 'licence.permit_item_code';
  const stated = { code: value, field, date: licence.decisionDate, rule: 'VR22' };
  const item = findStatedItem(stated, context, found);
  if (!item) return;
  if (!isBlank(licence.permitItemName) && !sameName(licence.permitItemName, item.name)) {
    const values = { value, expected: asIs(item.name) };
    found.add('PERMIT_ITEM_NAME_MISMATCH', 'licence.permit_item_name', values, 'VR22');
  }
  checkReformMode(licence, item, found);
}

/** VR22: what the reform mode of the item allows whoever the enterprise is (R9: `knownEnterpriseFindings`). */
function checkReformMode(licence: Licence, item: PermitItem, found: MessageFindings): void {
  const value = item.permitItemCode;
  if (item.reformMode === ReformMode.FILING) {
    found.add('FILING_SENT_AS_LICENCE', 'licence.permit_item_code', { value });
  }
  if (licence.commitmentFlag && item.reformMode !== ReformMode.COMMITMENT) {
    found.add('COMMITMENT_FLAG_MODE', 'licence.commitment_flag', { value });
  }
}
