import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Operation, Severity, type Envelope } from '#gen/zhengzhao/v1/common_pb.js';
import { LicenceEndKind, LicenceState, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import {
  testCounterpart,
  testMessageId,
  testName,
  validCancellation,
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
  validRegistration,
  type RecordOptions,
} from '../support/builders.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' } as const;
/** An enterprise outside the zones, without items. */
const OUTSIDE: Parameters<typeof validRegistration>[0] = {
  ...CATALOGUE,
  ftzFlag: false,
  ftzJudgedBy: '登记窗口三号',
  ftzName: '',
  ftzAreaName: '',
  permitItems: [],
  scopeEntryCodes: ['PA0001'],
  licenseSeparationFlag: false,
  opScope: '一般项目：会议及展览服务',
};
/** An item of mode 1. */
const ABOLISHED = {
  permitItemCode: 'PX-0034',
  permitItemName: '承担国家法定计量检定机构任务授权',
} as const;

const IN_ZONE = 1;
const OUT_OF_ZONE = 2;
const CANCELLED = 3;
const UNKNOWN = 4;

let zhejiang: TestNode;
beforeAll(async () => {
  zhejiang = await startTestNode({ HUB_REGION: '330000' });
  const { registration } = zhejiang;
  for (const event of [
    validRegistration(CATALOGUE, { number: IN_ZONE }),
    validRegistration(OUTSIDE, { number: OUT_OF_ZONE }),
    validRegistration(CATALOGUE, { number: CANCELLED }),
  ])
    await registration.submitRegistration({ registration: event });
  const { exchange } = zhejiang;
  await exchange.submitRecord({ record: validLicence({}, { number: CANCELLED }) });
  await exchange.submitRecord({
    record: validInspection({ inspDate: '2019-12-18' }, { number: CANCELLED }),
  });
  await registration.submitRegistration({
    registration: validCancellation(CATALOGUE, { number: CANCELLED }),
  });
});
afterAll(() => zhejiang.stop());

let series = 100;
/** Options that give a record of the enterprise a message id and a business key of its own. */
function another(number: number): { key: string; options: RecordOptions } {
  series += 1;
  const key = `KEY-${series}`;
  const envelope = { businessKey: key, messageId: testMessageId(series, number) };
  return { key, options: { number, envelope } };
}
function licence(number: number, changes: Parameters<typeof validLicence>[0]): Record {
  const { key, options } = another(number);
  return validLicence({ licId: key, ...changes }, options);
}
function licenceOf(day: string, changes: Parameters<typeof validLicence>[0] = {}): Record {
  return licence(CANCELLED, { decisionDate: day, valFrom: day, ...changes });
}
function filingOf(filingDate: string): Record {
  const { key, options } = another(CANCELLED);
  return validFiling({ filingId: key, filingDate }, options);
}
function inspectionOf(inspDate: string): Record {
  const { key, options } = another(CANCELLED);
  return validInspection({ inspId: key, inspDate }, options);
}
function penaltyOf(decDate: string): Record {
  const { key, options } = another(CANCELLED);
  return validPenalty({ caseId: key, decDate }, options);
}

/** Both doors must say the same: the dry run first, then the real submission. */
async function verdict(record: Record): Promise<string> {
  const { acceptable, findings } = await zhejiang.exchange.checkRecord({ record });
  const foreseen = findings
    .filter((one) => one.severity === Severity.ERROR)
    .map((one) => `${one.rule} ${one.code} ${one.field}`)
    .join('; ');
  const actual = await zhejiang.exchange.submitRecord({ record }).then(
    () => 'accepted',
    (error: { reason: string; codeName: string; findings: typeof findings }) => {
      const told = error.findings.filter((one) => one.severity === Severity.ERROR);
      expect(told.map((one) => `${one.rule} ${one.code} ${one.field}`).join('; ')).toBe(foreseen);
      for (const one of told) {
        expect(one.messageZh).toMatch(/请/);
        expect(one.messageEn).toMatch(/[a-z]/);
      }
      return `${error.codeName} ${error.reason}`;
    },
  );
  expect(acceptable).toBe(actual === 'accepted');
  return foreseen === '' ? actual : `${actual}: ${foreseen}`;
}

const ABOLISHED_REFUSED =
  'INVALID_ARGUMENT VALIDATION_FAILED: VR22 LICENCE_FOR_CANCELLED_ITEM licence.permit_item_code';

describe('R9 a licence for an item of mode 1', () => {
  it.each([
    ['R9 is refused for an enterprise in a zone', IN_ZONE, {}, ABOLISHED_REFUSED],
    ['R9 is accepted for an enterprise outside the zones', OUT_OF_ZONE, {}, 'accepted'],
    ['R9 is accepted, and waits, when the enterprise is not known', UNKNOWN, {}, 'accepted'],
    [
      'R9 is accepted when it was decided before the reform',
      IN_ZONE,
      { decisionDate: '2019-11-29', valFrom: '2019-11-29' },
      'accepted',
    ],
  ])('%s', async (_, number, dates, expected) => {
    expect(await verdict(licence(number, { ...ABOLISHED, ...dates }))).toBe(expected);
  });

  it('R9 is judged by the enterprise of an old number too, and by nobody when the name differs', async () => {
    const regNo = '330902000000001';
    await zhejiang.registration.submitRegistration({
      registration: validRegistration({ ...CATALOGUE, regNo }, { number: 5 }),
    });
    const counterpart = testCounterpart(5, { uscc: '', regNo });
    const named = licence(5, { ...ABOLISHED, counterpart });
    expect(await verdict(named)).toBe(ABOLISHED_REFUSED);
    const other = testCounterpart(5, { uscc: '', regNo, entName: testName(99) });
    const unnamed = licence(5, { ...ABOLISHED, counterpart: other });
    expect(await verdict(unnamed)).toBe('accepted');
  });
});

const after = (field: string): string =>
  `FAILED_PRECONDITION ENTITY_STATE: VR18 RECORD_AFTER_CANCELLATION ${field}`;

describe('VR18 after the cancellation of an enterprise', () => {
  it.each([
    ['VR18 a new licence is refused', licenceOf('2019-12-20'), after('licence.decision_date')],
    ['VR18 a new filing is refused', filingOf('2019-12-20'), after('filing.filing_date')],
    ['VR18 a new inspection is refused', inspectionOf('2019-12-20'), after('inspection.insp_date')],
    ['VR18 a penalty is accepted', penaltyOf('2019-12-20'), 'accepted'],
    [
      'VR18 a licence that comes with its end is accepted',
      licenceOf('2019-12-20', {
        licState: LicenceState.INVALID,
        endKind: LicenceEndKind.CANCELLED,
        endDate: '2019-12-20',
      }),
      'accepted',
    ],
    [
      'VR18 what was decided up to the day of the cancellation is history that comes late',
      licenceOf('2019-12-19'),
      'accepted',
    ],
  ])('%s', async (_, record, expected) => {
    expect(await verdict(record)).toBe(expected);
  });

  it('VR18 what was deleted does not come back as new', async () => {
    const record = inspectionOf('2019-12-19');
    await zhejiang.exchange.submitRecord({ record });
    const envelope = record.envelope as Envelope;
    const version = (recordVersion: bigint, operation: Operation): Record => ({
      ...record,
      envelope: {
        ...envelope,
        recordVersion,
        operation,
        operationReason: '录入错误',
        messageId: testMessageId(910, Number(recordVersion)),
      },
    });
    expect(await verdict(version(2n, Operation.DELETE))).toBe('accepted');
    const again = version(3n, Operation.INSERT);
    if (again.body.case === 'inspection') again.body.value.inspDate = '2019-12-20';
    expect(await verdict(again)).toBe(after('inspection.insp_date'));
  });

  it('VR18 a correction of a known record is accepted, and so is its deletion', async () => {
    const corrected = { decisionDate: '2019-12-20', valFrom: '2019-12-20' };
    const envelope = { messageId: testMessageId(900, 1), recordVersion: 2n };
    const correction = validLicence(corrected, {
      number: CANCELLED,
      envelope: { ...envelope, operation: Operation.UPDATE },
    });
    expect(await verdict(correction)).toBe('accepted');
    const deletion = validInspection(
      { inspDate: '2019-12-20' },
      {
        number: CANCELLED,
        envelope: {
          messageId: testMessageId(901, 1),
          recordVersion: 2n,
          operation: Operation.DELETE,
          operationReason: '录入错误',
        },
      },
    );
    expect(await verdict(deletion)).toBe('accepted');
  });
});
