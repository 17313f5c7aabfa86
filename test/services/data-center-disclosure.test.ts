import { toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessageKind, Operation } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import {
  GetDisclosureResponseSchema,
  type GetDisclosureResponse,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import { RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import {
  testMessageId,
  testName,
  testUscc,
  validChange,
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import {
  exchange,
  fieldsOf,
  openDataCenter,
  refusalWith,
  type TestDataCenter,
} from '../support/data-center.js';
import { withUnknown } from '../support/unknown-field.js';

const CITIZEN = '11010519491231002X';

function keysOf(records: GetDisclosureResponse['licences']): (string | undefined)[] {
  return records.map(({ record }) => record?.envelope?.businessKey);
}

describe('GetDisclosure at a province', () => {
  let centre: TestDataCenter;
  let shown: GetDisclosureResponse;

  beforeAll(async () => {
    centre = await openDataCenter();
    await centre.register(validRegistration({ tel: '0580-1234567', postalCode: '316000' }));
    await centre.register(
      validChange({ tel: '0580-1234567', postalCode: '316000', lerep: '欧阳千岛' }),
    );
    await centre.record(
      validLicence(),
      validLicence(
        { licId: 'LIC-OLD', decisionDate: '2019-12-02', licNo: 'JY-OLD' },
        { envelope: { messageId: testMessageId(40, 1) } },
      ),
      validLicence(
        { licId: 'LIC-SECRET', licNo: 'JY-SECRET-01' },
        {
          envelope: { messageId: testMessageId(40, 2) },
          nonPublic: true,
          nonPublicBasis: '涉及商业秘密',
        },
      ),
      validLicence(
        { licId: 'LIC-STRANGER', counterpart: { uscc: testUscc(77), entName: testName(77) } },
        { envelope: { messageId: testMessageId(40, 3) } },
      ),
      validFiling(),
      validInspection({ relatedLicenceNo: 'JY-SECRET-01', resultText: `负责人身份证${CITIZEN}` }),
      validPenalty({
        illegalFact: `当事人（身份证号${CITIZEN}，电话13812345678）未查验供货者的许可证。`,
        relatedLicenceNo: 'JY-OLD',
      }),
      validPenalty(
        { caseId: 'CASE-OVER', publicityTo: '2019-12-19' },
        { envelope: { messageId: testMessageId(70, 1) } },
      ),
      validPenalty(
        { caseId: 'CASE-NO-END', decDate: '2019-12-16', publicityTo: '1899-12-31' },
        { envelope: { messageId: testMessageId(70, 2) } },
      ),
    );
    shown = await centre.ask.getDisclosure({ uscc: testUscc(1).toLowerCase() });
  });
  afterAll(() => centre.close());

  it('R17 R41 shows the four classes of records, newest decision first', () => {
    expect(keysOf(shown.licences)).toEqual(['LIC-1', 'LIC-OLD']);
    expect(keysOf(shown.filings)).toEqual(['FIL-1']);
    expect(keysOf(shown.inspections)).toEqual(['INSP-1']);
    expect(shown.node).toBe('330000');
    expect(shown.truncated).toBe(false);
    expect(shown.licences[0]?.attributedByNode).toBe('330000');
    expect(shown.licences[0]?.publishedAt).toBeDefined();
  });

  it('R17 shows the registration without telephone, postal code and who judged the zone, and former names', () => {
    expect(shown.registration).toMatchObject({ tel: '', postalCode: '', ftzJudgedBy: '' });
    expect(shown.registration?.ftzName).not.toBe('');
    expect(shown.registration?.entName).toBe(shown.entName);
    expect(shown.formerNames).toEqual([testName(1)]);
  });

  it('VR28 R17 masks what stands in a name, former names with it, and leaves out those that show nothing', async () => {
    const entName = `舟山${CITIZEN}号餐饮有限公司`;
    const [line] = validChange({}, { number: 18 }).changes;
    await centre.register(validRegistration({ entName }, { number: 18 }));
    await centre.register(
      validChange(
        {
          entName,
          changes: [
            { ...line!, altBe: `旧字号（经营者身份证${CITIZEN}）`, altAf: entName },
            { ...line!, altBe: ' \u3164', altAf: entName },
          ],
        },
        { number: 18 },
      ),
    );
    const answer = await centre.ask.getDisclosure({ uscc: testUscc(18) });
    expect(
      JSON.stringify(answer, (_, value) => (typeof value === 'bigint' ? 0 : value)),
    ).not.toContain(CITIZEN);
    expect(answer.entName).toBe('舟山110***************号餐饮有限公司');
    expect(answer.formerNames).toEqual(['旧字号（经营者身份证110***************）']);
  });

  it('answers callers of the same moment each by itself, whatever the others ask', async () => {
    const [first, unfit, unknown, second] = await Promise.allSettled(
      [testUscc(1), 'A\u0000B', testUscc(99), testUscc(1)].map((uscc) =>
        centre.ask.getDisclosure({ uscc }),
      ),
    );
    expect([first, second]).toMatchObject(
      [testUscc(1), testUscc(1)].map((uscc) => ({ status: 'fulfilled', value: { uscc } })),
    );
    expect(unknown).toMatchObject({ reason: { reason: ErrorReason.NOT_FOUND } });
    // What fits no column: the guard around every service turns it into VALIDATION_FAILED.
    expect(unfit).toMatchObject({ reason: { code: '22021' } });
  });

  it('R55 D10 never shows a record that is not public, not even one published by mistake', async () => {
    expect(keysOf(shown.licences)).not.toContain('LIC-SECRET');
    const secret = centre.knex('records').where({ business_key: 'LIC-SECRET' });
    await secret.clone().update({ published_at: new Date(centre.nowMs) });
    const { licences } = await centre.ask.getDisclosure({ uscc: testUscc(1) });
    await secret.clone().update({ published_at: null });
    expect(keysOf(licences)).toEqual(['LIC-1', 'LIC-OLD']);
  });

  it('D5 cites no licence that is not public, and keeps other citations', () => {
    const inspection = shown.inspections[0]?.record?.body;
    const penalty = shown.penalties[0]?.record?.body;
    expect(inspection?.value).toMatchObject({ relatedLicenceNo: '' });
    expect(penalty?.value).toMatchObject({ relatedLicenceNo: 'JY-OLD' });
  });

  it('shows a penalty up to the last day of its publicity', async () => {
    expect(keysOf(shown.penalties)).toEqual(['CASE-1', 'CASE-NO-END']);
    const now = centre.nowMs;
    centre.nowMs = Date.parse('2019-12-19T23:59:00+08:00');
    const before = await centre.ask.getDisclosure({ uscc: testUscc(1) });
    centre.nowMs = now;
    expect(keysOf(before.penalties).sort()).toEqual(['CASE-1', 'CASE-NO-END', 'CASE-OVER']);
  });

  it('VR28 shows no field of a later contract, which it could not mask', async () => {
    await centre.register(validRegistration({}, { number: 8 }));
    const later = validLicence({ licId: 'LIC-LATER' }, { number: 8 });
    await centre.record(later);
    // From a client none is taken; from another node it may come.
    const payload = Buffer.from(toBinary(RecordSchema, withUnknown(later, CITIZEN)));
    await centre
      .knex('messages')
      .where({ message_id: later.envelope?.messageId })
      .update({ payload });
    const disclosed = await centre.ask.getDisclosure({ uscc: testUscc(8) });
    const bytes = Buffer.from(toBinary(GetDisclosureResponseSchema, disclosed));
    expect(bytes.includes(Buffer.from('LIC-LATER'))).toBe(true);
    expect(bytes.includes(Buffer.from(CITIZEN))).toBe(false);
  });

  it('VR28 masks identity and phone numbers in free text, and leaves identifiers alone', () => {
    const penalty = shown.penalties[0]?.record?.body;
    expect(penalty?.value).toMatchObject({
      illegalFact: `当事人（身份证号110${'*'.repeat(15)}，电话138****5678）未查验供货者的许可证。`,
      counterpart: { uscc: testUscc(1) },
    });
    const inspection = shown.inspections[0]?.record?.body;
    expect(inspection?.value).toMatchObject({ resultText: `负责人身份证110${'*'.repeat(15)}` });
    expect(JSON.stringify(shown.penalties, (_, value: unknown) => String(value))).not.toContain(
      CITIZEN,
    );
  });

  it('R55 unpublishes at once what is marked later, and shows no trace of a cleared mark', async () => {
    await centre.mark(validPublicityChange());
    const marked = await centre.ask.getDisclosure({ uscc: testUscc(1) });
    expect(keysOf(marked.licences)).toEqual(['LIC-OLD']);
    await centre.mark(
      validPublicityChange(
        { nonPublic: false, record: keyOf('LIC-SECRET') },
        { envelope: { messageId: testMessageId(80, 1), businessKey: 'LIC-SECRET' } },
      ),
    );
    const cleared = await centre.ask.getDisclosure({ uscc: testUscc(1) });
    const secret = cleared.licences.find(
      ({ record }) => record?.envelope?.businessKey === 'LIC-SECRET',
    );
    expect(secret?.record).toMatchObject({ nonPublic: false, nonPublicBasis: '' });
  });

  it('shows nothing that was deleted', async () => {
    const before = await centre.ask.getDisclosure({ uscc: testUscc(1) });
    expect(keysOf(before.filings)).toEqual(['FIL-1']);
    await centre.record(
      validFiling(
        {},
        {
          envelope: {
            messageId: testMessageId(50, 2),
            recordVersion: 2n,
            operation: Operation.DELETE,
            operationReason: '误报',
          },
        },
      ),
    );
    const after = await centre.ask.getDisclosure({ uscc: testUscc(1) });
    expect(keysOf(after.filings)).toEqual([]);
  });

  it('says that there is more than 500 of a class, and shows the newest', async () => {
    await centre.knex.raw(
      `insert into records
       select (jsonb_populate_record(r, jsonb_build_object(
                'business_key', 'COPY-' || n, 'published_at', r.published_at - n * interval '1 hour'))).*
         from records r, generate_series(1, 500) as n
        where r.business_key = 'INSP-1'`,
    );
    const many = await centre.ask.getDisclosure({ uscc: testUscc(1) });
    expect(many.truncated).toBe(true);
    expect(many.inspections).toHaveLength(500);
    const published = many.inspections.map(({ publishedAt }) => Number(publishedAt?.seconds));
    expect(published).toEqual([...published].sort((a, b) => b - a));
  });

  it('R41 leaves enterprises of another province to that province', async () => {
    await centre.register(validRegistration({}, { number: 2 }));
    await centre
      .knex('enterprises')
      .where({ uscc: testUscc(2) })
      .update({ home_node: '440000' });
    await refusalWith('NOT_FOUND', centre.ask.getDisclosure({ uscc: testUscc(2) }));
  });

  it('knows nothing of an enterprise that is not held, and needs a code', async () => {
    await refusalWith('NOT_FOUND', centre.ask.getDisclosure({ uscc: testUscc(99) }));
    const refusal = await refusalWith('VALIDATION_FAILED', centre.ask.getDisclosure({}));
    expect(fieldsOf(refusal)).toEqual(['uscc']);
  });

  function keyOf(businessKey: string) {
    return { kind: MessageKind.LICENCE, ownerOrg: '330000000M660', businessKey };
  }
});

describe('GetDisclosure at the national node', () => {
  it('R38 publishes what a province attributed, never what is on its way there', async () => {
    const national = await openDataCenter('national');
    const province = await openDataCenter();
    try {
      await province.register(validRegistration());
      await exchange(province, national);
      await national.record(validLicence({}, { envelope: { sourceNode: '100000' } }));
      const waiting = await national.ask.getDisclosure({ uscc: testUscc(1) });
      expect(waiting).toMatchObject({ node: '100000', entName: testName(1), licences: [] });

      await exchange(national, province);
      await exchange(province, national);
      const named = await national.ask.getDisclosure({ uscc: testUscc(1) });
      expect(keysOf(named.licences)).toEqual(['LIC-1']);
      expect(named.licences[0]?.attributedByNode).toBe('330000');
    } finally {
      await national.close();
      await province.close();
    }
  });
});
