import type { Record } from '#gen/zhengzhao/v1/record_pb.js';
import type { Cast } from './cast.js';
import { GUANGDONG, ZHEJIANG } from './nodes.js';
import type { ExpectedRefusal, PlannedChange, PlannedRecord, Subject } from './plan.js';
import {
  filing,
  inspection,
  licence,
  penalty,
  publicityChange,
  type RecordForm,
} from './record-forms.js';
import { plannedRecord } from './records.js';
import { withWrongCheckDigit } from './broken-registrations.js';

type Body<Case extends NonNullable<Record['body']['case']>> = Extract<
  Record['body'],
  { case: Case }
>['value'];

function changed(record: Record, change: (copy: Record) => void): Record {
  const copy = structuredClone(record);
  change(copy);
  return copy;
}

function changedBody<Case extends NonNullable<Record['body']['case']>>(
  record: Record,
  name: Case,
  fields: Partial<Body<Case>>,
): Record {
  return changed(record, ({ body }) => {
    if (body.case === name) Object.assign(body.value, fields);
  });
}

type Invalid = (rules: string[], zh: string, en: string) => ExpectedRefusal;

/** Only in a free-trade zone is an item abolished (R9). */
function inZoneForAbolishedItem(cast: Cast, invalid: Invalid): PlannedRecord {
  const form = { at: GUANGDONG, by: cast.regulators[GUANGDONG], about: cast.inZone } as const;
  return {
    ...plannedRecord(GUANGDONG, cast.inZone, licence(form, cast.abolishedItem.item)),
    refusal: invalid(
      ['VR22'],
      '事项已在自贸试验区直接取消审批',
      'the approval of the item was abolished in the zones',
    ),
  };
}

/** Records that must be refused, each for a reason of its own. `accepted`: one that was taken. */
export function brokenRecords(cast: Cast, accepted: PlannedRecord): PlannedRecord[] {
  const about = cast.star;
  const by = cast.regulators[ZHEJIANG];
  const form: RecordForm = { at: ZHEJIANG, by, about };
  const item = cast.provincialItem;
  const refused = (record: Record, refusal: ExpectedRefusal): PlannedRecord => ({
    ...plannedRecord(ZHEJIANG, about, record),
    refusal,
  });
  const invalid: Invalid = (rules, zh, en) => ({
    reason: 'VALIDATION_FAILED',
    rules,
    zh,
    en,
  });
  return [
    refused(
      licence({ ...form, about: withCode(about, withWrongCheckDigit(about.uscc)) }, item),
      invalid(['VR2'], '相对人代码校验位错误', 'wrong check digit of the counterpart'),
    ),
    refused(
      changedBody(licence(form, item), 'licence', { licDocNo: '', licItem: '' }),
      invalid(['R51'], '缺决定文书号和许可内容', 'decision number and content are missing'),
    ),
    inZoneForAbolishedItem(cast, invalid),
    refused(
      inspection({ ...form, at: GUANGDONG }),
      invalid(['VR7'], '报送到了另一省的节点', 'sent to the node of another province'),
    ),
    refused(
      changedBody(penalty(form), 'penalty', { fineFen: 0n }),
      invalid(['VR26'], '处罚种类含罚款但金额为零', 'a fine without an amount'),
    ),
    refused(
      changedBody(inspection(form), 'inspection', { inspDate: '2999-01-01' }),
      invalid(['VR8'], '检查日期在未来', 'inspected in the future'),
    ),
    refused(withExtraData(filing(form, item)), {
      ...invalid(['VR21'], '备案夹带额外数据', 'a filing with extra data'),
    }),
    refused(sentByAnother(licence(form, item)), {
      reason: 'NOT_THE_AUTHORITY',
      rules: ['VR23'],
      zh: '报送单位不是许可机关',
      en: 'the sender is not the authority',
    }),
    {
      ...accepted,
      record: changedBody(accepted.record, 'licence', { licItem: '同号异文（演示）' }),
      refusal: {
        reason: 'MESSAGE_ID_REUSED',
        rules: [],
        zh: '同一消息编号、不同内容',
        en: 'the message id again with other content',
      },
    },
  ];
}

function withCode(subject: Subject, uscc: string): Subject {
  return { ...subject, uscc };
}

/** A field that the data standard does not have (R44). Field 99, a string. */
function withExtraData(record: Record): Record {
  const text = Buffer.from('额外采集');
  const data = new Uint8Array([text.length, ...text]);
  return changed(record, ({ body }) => {
    if (body.case === 'filing') body.value.$unknown = [{ no: 99, wireType: 2, data }];
  });
}

function sentByAnother(record: Record): Record {
  return changed(record, ({ envelope }) => {
    if (envelope) envelope.sourceOrg = '330000000M999';
  });
}

/** Somebody other than the authority tries to mark a record (VR23). */
export function brokenChange(of: PlannedRecord): PlannedChange {
  const change = publicityChange(of.record, true, 1);
  if (change.envelope) change.envelope.sourceOrg = '330000000M999';
  return {
    at: ZHEJIANG,
    change,
    refusal: {
      reason: 'NOT_THE_AUTHORITY',
      rules: ['VR23'],
      zh: '非许可机关设置不公示标记',
      en: 'the mark is set by somebody else than the authority',
    },
  };
}
