import {
  PenaltyStateSchema,
  type Penalty,
  type Record as EnterpriseRecord,
} from '#gen/zhengzhao/v1/record_pb.js';
import type { Bilingual } from '../errors.js';
import { showsNothing } from '../identifiers/text.js';
import { checkCodeValues } from './code-values.js';
import type { Check, ValidationContext } from './context.js';
import { checkCounterpart } from './counterpart.js';
import { compileFields, inSequence, isBefore } from './field-checks.js';
import { choice, code, date, ORGANISATION, text, type FieldSpec } from './field-specs.js';
import type { MessageFindings } from './message-findings.js';
import { checkAuthorityCode, checkBusinessKey, checkSender } from './record-authority.js';
import { checkTimeliness } from './timeliness.js';

/** Field table of a penalty (R19). */
export const PENALTY_FIELDS: readonly FieldSpec<Penalty>[] = [
  text(['case_id', '处罚ID', 'case id'], (p) => p.caseId, 64, { required: true, isNumber: true }),
  text(['lerep', '法定代表人', 'legal representative'], (p) => p.lerep, 100),
  text(['pen_dec_no', '行政处罚决定书文号', 'number of the decision'], (p) => p.penDecNo, 64, {
    required: true,
    isNumber: true,
  }),
  text(['illegal_act_type', '违法行为类型', 'kind of offence'], (p) => p.illegalActType, 2000, {
    required: true,
    multiline: true,
  }),
  text(['illegal_fact', '违法事实', 'facts'], (p) => p.illegalFact, 5000, {
    required: true,
    multiline: true,
  }),
  text(['basis', '处罚依据', 'legal basis'], (p) => p.basis, 2000, {
    required: true,
    multiline: true,
  }),
  text(['pen_content', '处罚内容', 'content of the penalty'], (p) => p.penContent, 4000, {
    required: true,
    multiline: true,
  }),
  text(['forfeit_goods', '没收非法财物', 'confiscated goods'], (p) => p.forfeitGoods, 500, {
    multiline: true,
  }),
  text(
    ['licence_name_no', '暂扣或吊销证照名称及编号', 'licence suspended or revoked'],
    (p) => p.licenceNameNo,
    200,
    { isNumber: true },
  ),
  date(['dec_date', '处罚决定日期', 'decision date'], (p) => p.decDate, {
    required: true,
    past: true,
  }),
  date(['valid_to', '处罚有效期', 'end of the validity'], (p) => p.validTo, { isEnd: true }),
  date(['publicity_to', '公示截止期', 'end of the publicity'], (p) => p.publicityTo, {
    isEnd: true,
  }),
  text(['authority_name', '处罚机关', 'deciding authority'], (p) => p.authorityName, 200, {
    required: true,
  }),
  code(['authority_code', '处罚机关代码', 'authority code'], (p) => p.authorityCode, ORGANISATION, {
    required: true,
    rule: 'VR23',
  }),
  choice(['state', '处罚状态', 'penalty state'], (p) => p.state, PenaltyStateSchema, {}),
  text(
    ['related_licence_no', '相关许可编号', 'related licence number'],
    (p) => p.relatedLicenceNo,
    64,
  ),
];

type RuleArguments = Parameters<Check<Penalty>>;

const CASE_ID: Bilingual = { zh: '处罚ID(case_id)', en: 'the case id' };
const AUTHORITY: Bilingual = { zh: '处罚机关代码(authority_code)', en: 'authority code' };
const PENALTY_TYPES: Bilingual = { zh: '处罚种类(pen_types)', en: 'penalty type' };
const FINE: Bilingual = { zh: '罚款金额(fine_fen)', en: 'the fine' };
const FORFEIT: Bilingual = { zh: '没收金额(forfeit_fen)', en: 'the confiscated amount' };

const TYPE_FINE = '2';
const TYPE_CONFISCATION = '3';
/** 暂扣许可证, 暂扣执照, 吊销许可证, 吊销执照. */
const TYPES_AGAINST_LICENCE: ReadonlySet<string> = new Set(['5', '6', '7', '8']);

const checkPenaltyAlone = inSequence<Penalty>([
  compileFields(PENALTY_FIELDS),
  checkTypes,
  checkFine,
  checkConfiscation,
  checkLicenceNamed,
  checkDates,
]);

/** All stateless rules of a penalty in its record. */
export function checkPenalty(
  penalty: Penalty,
  { envelope }: EnterpriseRecord,
  context: ValidationContext,
  found: MessageFindings,
): void {
  checkPenaltyAlone(penalty, 'penalty.', context, found);
  checkCounterpart(penalty.counterpart, 'penalty.counterpart', context, found);
  checkBusinessKey(envelope, penalty.caseId, CASE_ID, found);
  checkSender(envelope, penalty.authorityCode, found);
  checkAuthorityCode(penalty.authorityCode, 'penalty.authority_code', AUTHORITY, found);
  checkTimeliness(envelope, penalty.decDate, 'penalty.dec_date', context, found);
}

function checkTypes(...[penalty, at, context, found]: RuleArguments): void {
  const types = { field: `${at}pen_types`, label: PENALTY_TYPES, required: true };
  checkCodeValues(penalty.penTypes, { ...types, list: 'penalty_type' }, context, found);
}

/** VR26: fine ⇔ type 2; the reverse direction only warns. */
function checkFine(...[penalty, at, , found]: RuleArguments): void {
  const { fineFen } = penalty;
  const fined = penalty.penTypes.includes(TYPE_FINE);
  if (fineFen < 0n) found.add('NEGATIVE_AMOUNT', `${at}fine_fen`, { label: FINE });
  else if (fined && fineFen === 0n) found.add('FINE_REQUIRED', `${at}fine_fen`);
  else if (!fined && fineFen > 0n) found.add('FINE_WITHOUT_TYPE', `${at}fine_fen`);
}

/** VR26: confiscated money or goods ⇔ type 3; the reverse direction only warns. */
function checkConfiscation(...[penalty, at, , found]: RuleArguments): void {
  const { forfeitFen } = penalty;
  const confiscated = penalty.penTypes.includes(TYPE_CONFISCATION);
  const stated = forfeitFen > 0n || !showsNothing(penalty.forfeitGoods);
  if (forfeitFen < 0n) found.add('NEGATIVE_AMOUNT', `${at}forfeit_fen`, { label: FORFEIT });
  else if (confiscated && !stated) found.add('FORFEIT_REQUIRED', `${at}forfeit_fen`);
  else if (!confiscated && stated) found.add('FORFEIT_WITHOUT_TYPE', `${at}forfeit_fen`);
}

/** VR26: types 5 to 8 name the licence. */
function checkLicenceNamed(...[penalty, at, , found]: RuleArguments): void {
  const against = penalty.penTypes.some((type) => TYPES_AGAINST_LICENCE.has(type));
  if (against && showsNothing(penalty.licenceNameNo)) {
    found.add('LICENCE_NAMED_REQUIRED', `${at}licence_name_no`);
  }
}

/** VR8. */
function checkDates(...[penalty, at, , found]: RuleArguments): void {
  const earlier = penalty.decDate;
  if (isBefore(penalty.validTo, earlier)) {
    const values = { earlier, later: penalty.validTo };
    found.add('PENALTY_ENDS_BEFORE_DECISION', `${at}valid_to`, values);
  }
  if (isBefore(penalty.publicityTo, earlier)) {
    const values = { earlier, later: penalty.publicityTo };
    found.add('PUBLICITY_ENDS_BEFORE_DECISION', `${at}publicity_to`, values);
  }
}
