import { randomBytes, randomUUID } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { timestampNow } from '@bufbuild/protobuf/wkt';
import { MessageKind, Operation } from '#gen/zhengzhao/v1/common_pb.js';
import {
  CounterpartType,
  LicenceCategory,
  LicenceState,
  PublicityChangeSchema,
  RecordSchema,
  type PublicityChange,
  type Record,
} from '#gen/zhengzhao/v1/record_pb.js';
import { civilDateIn } from '../server/domain/identifiers/civil-date.js';
import type { NodeCode } from './nodes.js';
import type { Department, ImpliedItem, Subject } from './plan.js';

/** What every record states, whatever its class. */
export interface RecordForm {
  readonly at: NodeCode;
  readonly by: Department;
  readonly about: Pick<Subject, 'uscc' | 'name' | 'event'>;
  /** Written into the text of the record; empty for a public one. */
  readonly secret?: string;
  readonly nonPublic?: boolean;
}

/** Every record of the demo is invented and says so: the enterprises are real, their records are not. */
const INVENTED = '演示用虚构内容';

let numbers = 0;

/** Of fixed length, so that no number is the beginning of another one. */
function nextNumber(): string {
  numbers += 1;
  return String(numbers).padStart(6, '0');
}

/** Today in Shanghai: the day of every invented decision. */
export function today(): string {
  return civilDateIn(Date.now());
}

/** A text that stands nowhere else. */
export function makeSecret(): string {
  return `演示密文${randomBytes(9).toString('hex')}`;
}

function textOf(form: RecordForm, text: string): string {
  return form.secret ? `${INVENTED}:${text}(${form.secret})` : `${INVENTED}:${text}`;
}

function counterpart({ uscc, name, event }: RecordForm['about']) {
  return { uscc, entName: name, regOrg: event.regOrg };
}

function record(form: RecordForm, businessKey: string, body: Record['body']): Record {
  const nonPublic = form.nonPublic ?? false;
  return create(RecordSchema, {
    envelope: {
      messageId: randomUUID(),
      schemaVersion: '1.0',
      businessKey,
      recordVersion: 1n,
      operation: Operation.INSERT,
      sourceNode: form.at,
      sourceOrg: form.by.code,
      sourceTime: timestampNow(),
    },
    nonPublic,
    nonPublicBasis: nonPublic ? textOf(form, '涉及商业秘密') : '',
    body,
  });
}

function bodyOf<Case extends NonNullable<Record['body']['case']>>(
  name: Case,
  value: object,
): Record['body'] {
  return create(RecordSchema, { body: { case: name, value } } as Parameters<
    typeof create<typeof RecordSchema>
  >[1]).body;
}

/** 行政许可 of an item, decided today and valid for five years. */
export function licence(form: RecordForm, item: Pick<ImpliedItem, 'code' | 'name'>): Record {
  const number = nextNumber();
  const licId = `DEMO-XK-${number}`;
  const day = today();
  const body = bodyOf('licence', {
    licId,
    counterpart: counterpart(form.about),
    counterpartType: CounterpartType.ORGANISATION,
    permitItemCode: item.code,
    permitItemName: item.name,
    licDocName: '准予许可决定书（演示）',
    licDocNo: `演示许决〔${day.slice(0, 4)}〕${number}号`,
    licCategory: LicenceCategory.ORDINARY,
    licName: '许可证（演示）',
    licNo: form.secret ? `YS-${form.secret}` : `YS-${number}`,
    licItem: textOf(form, '许可内容'),
    decisionDate: day,
    valFrom: day,
    valTo: `${Number(day.slice(0, 4)) + 5}-01-01`,
    licAuthorityName: form.by.name,
    licAuthorityCode: form.by.code,
    licState: LicenceState.VALID,
  });
  return record(form, licId, body);
}

/** 备案 of an item of reform mode 2: references only (R44). */
export function filing(form: RecordForm, item: Pick<ImpliedItem, 'code'>): Record {
  const filingId = form.secret ? `DEMO-BA-${form.secret.slice(-12)}` : `DEMO-BA-${nextNumber()}`;
  const body = bodyOf('filing', {
    filingId,
    uscc: form.about.uscc,
    permitItemCode: item.code,
    registrationEventId: form.about.event.envelope?.messageId ?? '',
    filingDate: today(),
    filingAuthorityCode: form.by.code,
    filingAuthorityName: form.by.name,
  });
  return record(form, filingId, body);
}

/** 抽查检查 without a problem. */
export function inspection(form: RecordForm): Record {
  const inspId = `DEMO-JC-${nextNumber()}`;
  const body = bodyOf('inspection', {
    inspId,
    counterpart: counterpart(form.about),
    inspAuthorityName: form.by.name,
    inspAuthorityCode: form.by.code,
    inspType: '1',
    inspWay: '1',
    taskName: '双随机抽查（演示）',
    inspDate: today(),
    resultCodes: ['1'],
    resultText: textOf(form, '未发现问题'),
  });
  return record(form, inspId, body);
}

/** 行政处罚: a fine. `citing` names a licence that the decision refers to (D5). */
export function penalty(form: RecordForm, citing = ''): Record {
  const number = nextNumber();
  const caseId = `DEMO-CF-${number}`;
  const body = bodyOf('penalty', {
    caseId,
    counterpart: counterpart(form.about),
    penDecNo: `演示罚字〔${today().slice(0, 4)}〕${number}号`,
    illegalActType: '演示违法行为类型',
    illegalFact: textOf(form, '违法事实'),
    basis: INVENTED,
    penTypes: ['1', '2'],
    penContent: '警告；罚款人民币壹仟元整（演示）',
    fineFen: 100_000n,
    decDate: today(),
    authorityName: form.by.name,
    authorityCode: form.by.code,
    relatedLicenceNo: citing,
  });
  return record(form, caseId, body);
}

const KINDS = {
  licence: MessageKind.LICENCE,
  filing: MessageKind.FILING,
  inspection: MessageKind.INSPECTION,
  penalty: MessageKind.PENALTY,
} as const;

/** Class of a record by its body. */
export function kindOf({ body }: Record): MessageKind {
  return body.case ? KINDS[body.case] : MessageKind.UNSPECIFIED;
}

/** The deciding authority sets or clears the mark of a record (R55). */
export function publicityChange(of: Record, nonPublic: boolean, version: number): PublicityChange {
  const { envelope } = of;
  const businessKey = envelope?.businessKey ?? '';
  const ownerOrg = envelope?.sourceOrg ?? '';
  return create(PublicityChangeSchema, {
    envelope: {
      messageId: randomUUID(),
      schemaVersion: '1.0',
      businessKey,
      recordVersion: BigInt(version),
      operation: version === 1 ? Operation.INSERT : Operation.UPDATE,
      sourceNode: envelope?.sourceNode ?? '',
      sourceOrg: ownerOrg,
      sourceTime: timestampNow(),
    },
    record: { kind: kindOf(of), ownerOrg, businessKey },
    nonPublic,
    basis: nonPublic ? '涉及商业秘密（演示）' : '不再涉及商业秘密（演示）',
  });
}
