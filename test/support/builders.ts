/**
 * Messages that are valid for node 330000 with the reference tables and both the test catalogue and
 * the first catalogue. `number` makes everything that must be unique; the same number gives the same
 * message. Overrides replace fields; those of an envelope replace single fields of it.
 */
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  EnvelopeSchema,
  MessageKind,
  Operation,
  type Envelope,
} from '#gen/zhengzhao/v1/common_pb.js';
import {
  CounterpartSchema,
  CounterpartType,
  FilingSchema,
  InspectionSchema,
  LicenceCategory,
  LicenceSchema,
  LicenceState,
  PenaltySchema,
  PublicityChangeSchema,
  RecordSchema,
  type Counterpart,
  type PublicityChange,
  type Record as EnterpriseRecord,
} from '#gen/zhengzhao/v1/record_pb.js';
import {
  CancelKind,
  EventType,
  PermitItemRefSchema,
  RegistrationEventSchema,
  type PermitItemRef,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { orgCodeCheckDigit } from '../../server/domain/identifiers/org-code.js';
import { usccCheckDigit } from '../../server/domain/identifiers/uscc.js';
import { TEST_CATALOGUE_VERSION, ZHEJIANG_MARKET_REGULATION } from './catalog.js';

/** The day on which the messages are sent, in Shanghai. */
export const BUILDER_TODAY = '2019-12-20';
/** 10:00 of that day in Shanghai. */
export const BUILDER_NOW_MS = Date.UTC(2019, 11, 20, 2);

/** Organisation that sends the records: also their deciding authority. */
export const AUTHORITY = ZHEJIANG_MARKET_REGULATION;
/** Organisation that sends the registrations. */
export const REGISTRY_ORG = 'TMP-330902-90';

/** Overrides of a message whose envelope can be changed field by field. */
export interface BuilderOptions {
  /** Unset: 1. */
  readonly number?: number;
  readonly envelope?: MessageInitShape<typeof EnvelopeSchema>;
}

/** Fields that overrides don't set directly. */
type Fixed = 'envelope' | '$typeName' | '$unknown';

type RegistrationInit = Omit<MessageInitShape<typeof RegistrationEventSchema>, Fixed>;

/** A valid credit code of an enterprise first registered in 舟山市定海区. */
export function testUscc(number: number): string {
  const body = `MA2${number.toString().padStart(5, '0')}`;
  const first17 = `91330902${body}${orgCodeCheckDigit(body) ?? ''}`;
  return first17 + (usccCheckDigit(first17) ?? '');
}

/** A UUID made of two numbers. */
export function testMessageId(series: number, number: number): string {
  const tail = number.toString(16).padStart(12, '0');
  return `${series.toString(16).padStart(8, '0')}-0000-4000-8000-${tail}`;
}

/** Name of the enterprise of a number. */
export function testName(number: number): string {
  return `舟山市定海千岛${number}号餐饮管理有限公司`;
}

function envelope(
  series: number,
  businessKey: string,
  sourceOrg: string,
  options: BuilderOptions,
): Envelope {
  return create(EnvelopeSchema, {
    messageId: testMessageId(series, options.number ?? 1),
    schemaVersion: '1.0',
    businessKey,
    recordVersion: 1n,
    operation: Operation.INSERT,
    sourceNode: '330000',
    sourceOrg,
    sourceTime: timestampFromMs(BUILDER_NOW_MS - 60_000),
    ...options.envelope,
  });
}

/** The permit item 食品经营许可 with its department in Zhejiang. */
export function foodPermitItem(
  overrides: MessageInitShape<typeof PermitItemRefSchema> = {},
): PermitItemRef {
  return create(PermitItemRefSchema, {
    permitItemCode: 'PX-0035',
    permitItemName: '食品经营许可(除仅销售预包装食品外)',
    receivingDeptCode: AUTHORITY.code,
    receivingDeptName: AUTHORITY.name,
    scopeEntryCodes: ['PA0015'],
    ...overrides,
  });
}

/** As many rows of that item, each with so many entries that are none of it, which are warnings only. */
export function itemsWithWarnings(rows: number, warnings: number): PermitItemRef[] {
  const scopeEntryCodes = ['PA0015', ...Array.from({ length: warnings }, () => 'PA0001')];
  return Array.from({ length: rows }, () => foodPermitItem({ scopeEntryCodes }));
}

/** Canonical text of the entries of `validRegistration`. */
export const VALID_SCOPE_TEXT =
  '一般项目：会议及展览服务（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）。' +
  '许可项目：餐饮服务（依法须经批准的项目，经相关部门批准后方可开展经营活动，具体经营项目以审批结果为准）。';

/** The establishment of a catering company in the free trade zone of Zhejiang, marked 证照分离. */
export function validRegistration(
  overrides: RegistrationInit = {},
  options: BuilderOptions = {},
): RegistrationEvent {
  const number = options.number ?? 1;
  return create(RegistrationEventSchema, {
    envelope: envelope(1, `REG-${number}`, REGISTRY_ORG, options),
    eventType: EventType.ESTABLISH,
    pripid: `3309020000${number}`,
    uscc: testUscc(number),
    entName: testName(number),
    entType: '1130',
    lerep: '欧阳千岛',
    regCapFen: 500_000_000n,
    regCapCur: '156',
    estDate: '2019-12-16',
    apprDate: '2019-12-16',
    opFrom: '2019-12-16',
    opLongTerm: true,
    regOrg: '330902',
    regOrgName: '舟山市定海区市场监督管理局',
    dom: '中国（浙江）自由贸易试验区舟山市定海区港口路18号',
    domDistrict: '330902',
    industryPhy: 'H',
    industryCo: '6210',
    opScope: VALID_SCOPE_TEXT,
    scopeEntryCodes: ['PA0001', 'PA0015'],
    catalogVersion: TEST_CATALOGUE_VERSION,
    licenseSeparationFlag: true,
    ftzFlag: true,
    ftzJudgedBy: '登记窗口三号',
    ftzName: '中国（浙江）自由贸易试验区',
    ftzAreaName: '舟山岛北部片区',
    permitItems: [foodPermitItem()],
    regState: '1',
    ...overrides,
  });
}

/** Fields of a registration outside the zones, without permit items. */
export const OUTSIDE_ZONES = {
  ftzFlag: false,
  ftzName: '',
  ftzAreaName: '',
  ftzCode: '',
  ftzAreaCode: '',
  permitItems: [],
  scopeEntryCodes: ['PA0001'],
  licenseSeparationFlag: false,
  opScope: '一般项目：会议及展览服务',
} satisfies RegistrationInit;

/**
 * A registration in 广州, outside the zones and without permit items. For the enterprise
 * of `validRegistration` of the same number it is the move there.
 */
export function registrationInGuangzhou(
  overrides: RegistrationInit = {},
  options: BuilderOptions = {},
): RegistrationEvent {
  const number = options.number ?? 1;
  return validRegistration(
    {
      catalogVersion: '2019.12-prov',
      apprDate: '2019-12-19',
      regOrg: '440103',
      regOrgName: '广州市荔湾区市场监督管理局',
      dom: '广州市荔湾区中山七路1号',
      domDistrict: '440103',
      ...OUTSIDE_ZONES,
      ...overrides,
    },
    {
      ...options,
      envelope: {
        messageId: testMessageId(12, number),
        sourceNode: '440000',
        businessKey: `GD-${number}`,
        ...options.envelope,
      },
    },
  );
}

/** A change of the name of that company. */
export function validChange(
  overrides: RegistrationInit = {},
  options: BuilderOptions = {},
): RegistrationEvent {
  const number = options.number ?? 1;
  const base = validRegistration({}, options);
  return validRegistration(
    {
      eventType: EventType.CHANGE,
      apprDate: '2019-12-18',
      entName: `${base.entName}（更名）`,
      changes: [
        {
          altItem: '01',
          altItemName: '名称',
          altBe: testName(number),
          altAf: `${base.entName}（更名）`,
          altDate: '2019-12-18',
        },
      ],
      ...overrides,
    },
    {
      ...options,
      envelope: {
        messageId: testMessageId(2, number),
        recordVersion: 2n,
        operation: Operation.UPDATE,
        ...options.envelope,
      },
    },
  );
}

/** The cancellation of that company. */
export function validCancellation(
  overrides: RegistrationInit = {},
  options: BuilderOptions = {},
): RegistrationEvent {
  return validRegistration(
    {
      eventType: EventType.CANCEL,
      apprDate: '2019-12-19',
      regState: '4',
      cancel: {
        cancelDate: '2019-12-19',
        cancelKind: CancelKind.ORDINARY,
        cancelReason: '决议解散',
      },
      ...overrides,
    },
    {
      ...options,
      envelope: {
        messageId: testMessageId(3, options.number ?? 1),
        recordVersion: 3n,
        operation: Operation.UPDATE,
        ...options.envelope,
      },
    },
  );
}

/** The company of a number, as records name it. */
export function testCounterpart(
  number: number,
  overrides: MessageInitShape<typeof CounterpartSchema> = {},
): Counterpart {
  return create(CounterpartSchema, {
    uscc: testUscc(number),
    entName: testName(number),
    regOrg: '330902',
    ...overrides,
  });
}

/** What a record builder may change besides its body. */
export interface RecordOptions extends BuilderOptions {
  readonly nonPublic?: boolean;
  readonly nonPublicBasis?: string;
}

function record(
  body: EnterpriseRecord['body'],
  head: Envelope,
  options: RecordOptions,
): EnterpriseRecord {
  return create(RecordSchema, {
    envelope: head,
    nonPublic: options.nonPublic ?? false,
    nonPublicBasis: options.nonPublicBasis ?? '',
    body,
  });
}

/** A food licence for the company, decided on 2019-12-18. */
export function validLicence(
  overrides: MessageInitShape<typeof LicenceSchema> = {},
  options: RecordOptions = {},
): EnterpriseRecord {
  const number = options.number ?? 1;
  const value = create(LicenceSchema, {
    licId: `LIC-${number}`,
    counterpart: testCounterpart(number),
    counterpartType: CounterpartType.ORGANISATION,
    permitItemCode: 'PX-0035',
    permitItemName: '食品经营许可(除仅销售预包装食品外)',
    licDocName: '准予食品经营许可决定书',
    licDocNo: `浙市监食许〔2019〕${number}号`,
    licCategory: LicenceCategory.ORDINARY,
    licName: '食品经营许可证',
    licNo: `JY33309020${number.toString().padStart(6, '0')}`,
    licItem: '热食类食品制售',
    decisionDate: '2019-12-18',
    valFrom: '2019-12-18',
    valTo: '2024-12-17',
    licAuthorityName: AUTHORITY.name,
    licAuthorityCode: AUTHORITY.code,
    licState: LicenceState.VALID,
    ...overrides,
  });
  const head = envelope(4, value.licId, AUTHORITY.code, options);
  return record({ case: 'licence', value }, head, options);
}

/** The filing of the company for selling packaged food, with its registration of the same number. */
export function validFiling(
  overrides: MessageInitShape<typeof FilingSchema> = {},
  options: RecordOptions = {},
): EnterpriseRecord {
  const number = options.number ?? 1;
  const value = create(FilingSchema, {
    filingId: `FIL-${number}`,
    uscc: testUscc(number),
    permitItemCode: 'PX-0041',
    registrationEventId: testMessageId(1, number),
    filingDate: '2019-12-16',
    filingAuthorityCode: AUTHORITY.code,
    filingAuthorityName: AUTHORITY.name,
    ...overrides,
  });
  const head = envelope(5, value.filingId, AUTHORITY.code, options);
  return record({ case: 'filing', value }, head, options);
}

/** A spot check of the company without a problem. */
export function validInspection(
  overrides: MessageInitShape<typeof InspectionSchema> = {},
  options: RecordOptions = {},
): EnterpriseRecord {
  const number = options.number ?? 1;
  const value = create(InspectionSchema, {
    inspId: `INSP-${number}`,
    counterpart: testCounterpart(number),
    inspAuthorityName: AUTHORITY.name,
    inspAuthorityCode: AUTHORITY.code,
    inspType: '1',
    inspWay: '1',
    taskNo: `RW2019-${number}`,
    taskName: '食品经营单位双随机抽查',
    inspDate: '2019-12-19',
    resultCodes: ['1'],
    disposalCodes: ['1'],
    permitItemCode: 'PX-0035',
    ...overrides,
  });
  const head = envelope(6, value.inspId, AUTHORITY.code, options);
  return record({ case: 'inspection', value }, head, options);
}

/** A fine for the company, decided on 2019-12-17. */
export function validPenalty(
  overrides: MessageInitShape<typeof PenaltySchema> = {},
  options: RecordOptions = {},
): EnterpriseRecord {
  const number = options.number ?? 1;
  const value = create(PenaltySchema, {
    caseId: `CASE-${number}`,
    counterpart: testCounterpart(number),
    lerep: '欧阳千岛',
    penDecNo: `浙市监处罚〔2019〕${number}号`,
    illegalActType: '采购食品未查验供货者许可证',
    illegalFact: '当事人采购食品时未查验供货者的许可证和食品合格证明文件。',
    basis: '《中华人民共和国食品安全法》第一百二十六条第一款第三项',
    penTypes: ['1', '2'],
    penContent: '警告；罚款人民币伍仟元整',
    fineFen: 500_000n,
    decDate: '2019-12-17',
    publicityTo: '2022-12-16',
    authorityName: AUTHORITY.name,
    authorityCode: AUTHORITY.code,
    ...overrides,
  });
  const head = envelope(7, value.caseId, AUTHORITY.code, options);
  return record({ case: 'penalty', value }, head, options);
}

/** The authority marks the licence of a number as not public. */
export function validPublicityChange(
  overrides: Omit<MessageInitShape<typeof PublicityChangeSchema>, Fixed> = {},
  options: BuilderOptions = {},
): PublicityChange {
  const businessKey = `LIC-${options.number ?? 1}`;
  return create(PublicityChangeSchema, {
    envelope: envelope(8, businessKey, AUTHORITY.code, options),
    record: { kind: MessageKind.LICENCE, ownerOrg: AUTHORITY.code, businessKey },
    nonPublic: true,
    basis: '涉及商业秘密，依法不予公示',
    ...overrides,
  });
}
