import type { Inspection, Record as EnterpriseRecord } from '#gen/zhengzhao/v1/record_pb.js';
import type { Bilingual } from '../errors.js';
import type { ValidationContext } from './context.js';
import { checkCodeValues } from './code-values.js';
import { checkCounterpart } from './counterpart.js';
import { compileFields } from './field-checks.js';
import {
  code,
  date,
  inList,
  ITEM_CODE,
  LIST_VALUE,
  ORGANISATION,
  text,
  type FieldSpec,
} from './field-specs.js';
import type { MessageFindings } from './message-findings.js';
import { checkAuthorityCode, checkBusinessKey, checkSender } from './record-authority.js';
import { findStatedItem } from './record-item.js';

/** Field table of an inspection (R19). */
export const INSPECTION_FIELDS: readonly FieldSpec<Inspection>[] = [
  text(['insp_id', '检查ID', 'inspection id'], (i) => i.inspId, 64, {
    required: true,
    isNumber: true,
  }),
  text(
    ['insp_authority_name', '检查实施机关', 'inspecting authority'],
    (i) => i.inspAuthorityName,
    200,
    { required: true },
  ),
  code(
    ['insp_authority_code', '检查实施机关代码', 'authority code'],
    (i) => i.inspAuthorityCode,
    ORGANISATION,
    { required: true, rule: 'VR23' },
  ),
  code(['insp_type', '检查类型', 'inspection type'], (i) => i.inspType, LIST_VALUE, {
    required: true,
    known: inList('inspection_type'),
  }),
  code(['insp_way', '检查方式', 'inspection way'], (i) => i.inspWay, LIST_VALUE, {
    known: inList('inspection_way'),
  }),
  text(['task_no', '任务编号', 'task number'], (i) => i.taskNo, 64),
  text(['task_name', '任务名称', 'task name'], (i) => i.taskName, 200),
  date(['insp_date', '检查日期', 'inspection date'], (i) => i.inspDate, {
    required: true,
    past: true,
  }),
  text(['result_text', '检查结果说明', 'result in words'], (i) => i.resultText, 500, {
    multiline: true,
  }),
  code(['permit_item_code', '许可事项代码', 'item code'], (i) => i.permitItemCode, ITEM_CODE, {
    rule: 'VR10',
  }),
  text(
    ['related_licence_no', '相关许可编号', 'related licence number'],
    (i) => i.relatedLicenceNo,
    64,
  ),
];

const checkFields = compileFields(INSPECTION_FIELDS);

const INSPECTION_ID: Bilingual = { zh: '检查ID(insp_id)', en: 'the inspection id' };
const AUTHORITY: Bilingual = { zh: '检查实施机关代码(insp_authority_code)', en: 'authority code' };
const RESULTS: Bilingual = { zh: '检查结果代码(result_codes)', en: 'result code' };
const DISPOSALS: Bilingual = { zh: '后续处置代码(disposal_codes)', en: 'disposal code' };

/** 未发现问题: excludes every other result. */
const NO_PROBLEM = '1';

/** All stateless rules of an inspection in its record. */
export function checkInspection(
  inspection: Inspection,
  { envelope }: EnterpriseRecord,
  context: ValidationContext,
  found: MessageFindings,
): void {
  const { inspAuthorityCode, resultCodes, disposalCodes } = inspection;
  checkFields(inspection, 'inspection.', context, found);
  checkCounterpart(inspection.counterpart, 'inspection.counterpart', context, found);
  checkBusinessKey(envelope, inspection.inspId, INSPECTION_ID, found);
  checkSender(envelope, inspAuthorityCode, found);
  checkAuthorityCode(inspAuthorityCode, 'inspection.insp_authority_code', AUTHORITY, found);
  const results = { field: 'inspection.result_codes', label: RESULTS, required: true };
  checkCodeValues(resultCodes, { ...results, list: 'inspection_result' }, context, found);
  if (resultCodes.includes(NO_PROBLEM) && resultCodes.some((result) => result !== NO_PROBLEM)) {
    found.add('RESULT_NOT_EXCLUSIVE', 'inspection.result_codes');
  }
  const disposals = { field: 'inspection.disposal_codes', label: DISPOSALS, required: false };
  checkCodeValues(disposalCodes, { ...disposals, list: 'inspection_disposal' }, context, found);
  checkItem(inspection, context, found);
}

/** The item is a hint only: what it says about the inspection is not judged. */
function checkItem(
  inspection: Inspection,
  context: ValidationContext,
  found: MessageFindings,
): void {
  const stated = { code: inspection.permitItemCode, date: inspection.inspDate, rule: 'VR10' };
  findStatedItem({ ...stated, field: 'inspection.permit_item_code' }, context, found);
}
