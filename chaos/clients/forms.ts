import { create } from '@bufbuild/protobuf';
import {
  EnvelopeSchema,
  MessageKind,
  Operation,
  type Envelope,
} from '#gen/zhengzhao/v1/common_pb.js';
import {
  CounterpartType,
  LicenceCategory,
  LicenceState,
  PublicityChangeSchema,
  RecordSchema,
  type PublicityChange,
  type Record,
} from '#gen/zhengzhao/v1/record_pb.js';
import {
  EventType,
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { Department, ImpliedItem } from '../../demo/plan.js';
import type { NodeCode } from '../stage/places.js';
import type { Registrar } from './authorities.js';
import { DAY, sourceTime } from './calendar.js';

const INVENTED = '混沌测试用虚构内容';

/** What an event states of its enterprise. */
export interface RegistrationForm {
  readonly node: NodeCode;
  readonly messageId: string;
  readonly uscc: string;
  readonly name: string;
  /** Undefined: the establishment. */
  readonly formerName: string | undefined;
  readonly procedure: string;
  readonly registrar: Registrar;
}

/** An establishment, or a change of the name. */
export function registration(form: RegistrationForm): RegistrationEvent {
  const { registrar, name, formerName } = form;
  const { district, scope } = registrar;
  return create(RegistrationEventSchema, {
    envelope: envelope(form.node, form.messageId, form.procedure, 1, `HD-REG-${form.node}`),
    eventType: formerName === undefined ? EventType.ESTABLISH : EventType.CHANGE,
    pripid: `HD-${form.uscc}`,
    uscc: form.uscc,
    entName: name,
    entType: '1130',
    lerep: '混沌测试法定代表人',
    regCapFen: 100_000_000n,
    regCapCur: '156',
    estDate: DAY,
    apprDate: DAY,
    opFrom: DAY,
    opLongTerm: true,
    regOrg: district.code,
    regOrgName: `${district.name}市场监督管理局`,
    dom: `${district.name}混沌路1号`,
    domDistrict: district.code,
    industryPhy: 'H',
    industryCo: '6210',
    ...scope.fields,
    regState: '1',
    changes:
      formerName === undefined
        ? []
        : [{ altItem: '01', altItemName: '名称', altBe: formerName, altAf: name, altDate: DAY }],
  });
}

/** Which class of record, by whom, about whom. */
export interface RecordForm {
  readonly node: NodeCode;
  readonly messageId: string;
  readonly key: string;
  readonly version: number;
  readonly kind: RecordClass;
  readonly by: Department;
  readonly item: ImpliedItem;
  readonly about: { readonly uscc: string; readonly name: string; readonly regOrg: string };
  readonly nonPublic: boolean;
  /** Stands in the text. */
  readonly text: string;
}

export type RecordClass = MessageKind.LICENCE | MessageKind.INSPECTION | MessageKind.PENALTY;

/** A licence, an inspection or a penalty. */
export function record(form: RecordForm): Record {
  return create(RecordSchema, {
    envelope: envelope(form.node, form.messageId, form.key, form.version, form.by.code),
    nonPublic: form.nonPublic,
    nonPublicBasis: form.nonPublic ? `涉及商业秘密 ${form.text}` : '',
    body: bodyOf(form),
  });
}

function bodyOf(form: RecordForm): Record['body'] {
  switch (form.kind) {
    case MessageKind.LICENCE:
      return licence(form);
    case MessageKind.INSPECTION:
      return inspection(form);
    case MessageKind.PENALTY:
      return penalty(form);
  }
}

type Body = NonNullable<Parameters<typeof create<typeof RecordSchema>>[1]>['body'];

function bodyWith(body: Body): Record['body'] {
  return create(RecordSchema, { body: body as NonNullable<Body> }).body;
}

function counterpartOf({ about }: RecordForm) {
  return { uscc: about.uscc, entName: about.name, regOrg: about.regOrg };
}

function licence(form: RecordForm): Record['body'] {
  const { by, item, key, text } = form;
  return bodyWith({
    case: 'licence',
    value: {
      licId: key,
      counterpart: counterpartOf(form),
      counterpartType: CounterpartType.ORGANISATION,
      permitItemCode: item.code,
      permitItemName: item.name,
      licDocName: '准予许可决定书（混沌测试）',
      licDocNo: `混沌许决${key}号`,
      licCategory: LicenceCategory.ORDINARY,
      licName: '许可证（混沌测试）',
      licNo: key,
      licItem: `${INVENTED} ${text}`,
      decisionDate: DAY,
      valFrom: DAY,
      valTo: `${Number(DAY.slice(0, 4)) + 5}-01-01`,
      licAuthorityName: by.name,
      licAuthorityCode: by.code,
      licState: LicenceState.VALID,
    },
  });
}

function inspection(form: RecordForm): Record['body'] {
  return bodyWith({
    case: 'inspection',
    value: {
      inspId: form.key,
      counterpart: counterpartOf(form),
      inspAuthorityName: form.by.name,
      inspAuthorityCode: form.by.code,
      inspType: '1',
      inspWay: '1',
      taskName: '双随机抽查（混沌测试）',
      inspDate: DAY,
      resultCodes: ['1'],
      resultText: `${INVENTED} ${form.text}`,
    },
  });
}

function penalty(form: RecordForm): Record['body'] {
  return bodyWith({
    case: 'penalty',
    value: {
      caseId: form.key,
      counterpart: counterpartOf(form),
      penDecNo: `混沌罚字${form.key}号`,
      illegalActType: '混沌测试违法行为类型',
      illegalFact: `${INVENTED} ${form.text}`,
      basis: INVENTED,
      penTypes: ['1', '2'],
      penContent: '警告；罚款人民币壹仟元整（混沌测试）',
      fineFen: 100_000n,
      decDate: DAY,
      authorityName: form.by.name,
      authorityCode: form.by.code,
    },
  });
}

/** What a change of a mark states. */
export interface ChangeForm {
  readonly node: NodeCode;
  readonly messageId: string;
  readonly version: number;
  readonly kind: RecordClass;
  readonly ownerOrg: string;
  readonly key: string;
  readonly nonPublic: boolean;
}

/** The deciding authority sets or clears the mark of a record (R55). */
export function publicityChange(form: ChangeForm): PublicityChange {
  const { ownerOrg, key: businessKey, kind, nonPublic } = form;
  return create(PublicityChangeSchema, {
    envelope: envelope(form.node, form.messageId, businessKey, form.version, ownerOrg),
    record: { kind, ownerOrg, businessKey },
    nonPublic,
    basis: nonPublic ? '涉及商业秘密（混沌测试）' : '不再涉及商业秘密（混沌测试）',
  });
}

function envelope(
  sourceNode: string,
  messageId: string,
  businessKey: string,
  version: number,
  sourceOrg: string,
): Envelope {
  return create(EnvelopeSchema, {
    messageId,
    schemaVersion: '1.0',
    businessKey,
    recordVersion: BigInt(version),
    operation: version === 1 ? Operation.INSERT : Operation.UPDATE,
    sourceNode,
    sourceOrg,
    sourceTime: sourceTime(),
  });
}
