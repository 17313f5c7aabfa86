import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import {
  RecordSchema,
  type Filing,
  type Record as EnterpriseRecord,
} from '#gen/zhengzhao/v1/record_pb.js';
import type { ValidationContext } from './context.js';
import { compileFields } from './field-checks.js';
import {
  code,
  date,
  ITEM_CODE,
  MESSAGE_REFERENCE,
  ORGANISATION,
  text,
  type FieldSpec,
} from './field-specs.js';
import { checkUsccField, requireUscc } from './identity.js';
import type { MessageFindings } from './message-findings.js';
import { checkAuthorityCode, checkBusinessKey, checkSender } from './record-authority.js';
import { findStatedItem } from './record-item.js';
import { refuseUnknownFields } from './unknown-fields.js';

/** Field table of a filing: references only (R44). */
export const FILING_FIELDS: readonly FieldSpec<Filing>[] = [
  text(['filing_id', '备案ID', 'filing id'], (f) => f.filingId, 64, {
    required: true,
    isNumber: true,
  }),
  code(['permit_item_code', '许可事项代码', 'item code'], (f) => f.permitItemCode, ITEM_CODE, {
    required: true,
    rule: 'VR21',
  }),
  code(
    ['registration_event_id', '登记事件', 'registration event'],
    (f) => f.registrationEventId,
    MESSAGE_REFERENCE,
    { required: true, rule: 'VR21' },
  ),
  date(['filing_date', '备案日期', 'filing date'], (f) => f.filingDate, {
    required: true,
    past: true,
  }),
  code(
    ['filing_authority_code', '备案机关代码', 'authority code'],
    (f) => f.filingAuthorityCode,
    ORGANISATION,
    { required: true, rule: 'VR23' },
  ),
  text(
    ['filing_authority_name', '备案机关', 'filing authority'],
    (f) => f.filingAuthorityName,
    200,
    { required: true },
  ),
  text(['filing_no', '备案编号', 'filing number'], (f) => f.filingNo, 64, { isNumber: true }),
];

const checkFields = compileFields(FILING_FIELDS);

const FILING_ID = { zh: '备案ID(filing_id)', en: 'the filing id' };
const AUTHORITY = { zh: '备案机关代码(filing_authority_code)', en: 'authority code' };

/** All stateless rules of a filing in its record. */
export function checkFiling(
  filing: Filing,
  record: EnterpriseRecord,
  context: ValidationContext,
  found: MessageFindings,
): void {
  refuseExtraData(record, found);
  if (context.level === 'national') found.add('FILING_AT_NATIONAL_NODE', 'filing');
  checkFields(filing, 'filing.', context, found);
  if (requireUscc(filing.uscc, 'filing.uscc', found)) {
    checkUsccField(filing.uscc, 'filing.uscc', context, found);
  }
  checkBusinessKey(record.envelope, filing.filingId, FILING_ID, found);
  checkSender(record.envelope, filing.filingAuthorityCode, found);
  checkAuthorityCode(filing.filingAuthorityCode, 'filing.filing_authority_code', AUTHORITY, found);
  checkItem(filing, context, found);
}

/** R44, VR21: a filing with any further attribute is refused, wherever in the record it hides. */
export function refuseExtraData(record: EnterpriseRecord, found: MessageFindings): void {
  refuseUnknownFields(RecordSchema, record, found, 'EXTRA_DATA_NOT_ALLOWED');
}

/** VR21: only items that became filings (mode 2). */
function checkItem(filing: Filing, context: ValidationContext, found: MessageFindings): void {
  const value = filing.permitItemCode;
  const field = 'filing.permit_item_code';
  const stated = { code: value, field, date: filing.filingDate, rule: 'VR21' };
  const item = findStatedItem(stated, context, found);
  if (item && item.reformMode !== ReformMode.FILING)
    found.add('FILING_ITEM_MODE', field, { value });
}
