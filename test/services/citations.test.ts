import { createHash } from 'node:crypto';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { RecordSchema, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import {
  AUTHORITY,
  testCounterpart,
  testMessageId,
  testUscc,
  validInspection,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { recallCiting } from '../../server/delivery/recall-citing.js';
import { NATIONAL_NODE } from '../../server/reference/nodes.js';
import { insertCitationRecalls } from '../../server/storage/citations.js';
import { tend } from '../support/history.js';
import { exchange, openDataCenter, type TestDataCenter } from '../support/data-center.js';

const HIDDEN = { nonPublic: true, nonPublicBasis: '涉及商业秘密' };
const SECRET = 'JY3330902999999';
const SAMR = { code: '11100000MB0143028R', name: '国家市场监督管理总局' };
const FROM_SAMR = { sourceNode: '100000', sourceOrg: SAMR.code };

type PenaltyOverrides = Parameters<typeof validPenalty>[0];

/** A penalty without an end of publicity that cites a licence in both its fields. */
function citing(number: string, overrides: PenaltyOverrides = {}, envelope = {}): Record {
  return validPenalty(
    {
      publicityTo: '',
      penTypes: ['1', '5'],
      penContent: '警告；暂扣许可证',
      fineFen: 0n,
      relatedLicenceNo: number,
      licenceNameNo: `食品经营许可证 ${number}`,
      ...overrides,
    },
    { envelope },
  );
}

/** What a record cites. */
function citationsOf(record: Record | undefined): string[] {
  const body = record?.body;
  if (body?.case === 'inspection') return [body.value.relatedLicenceNo];
  return body?.case === 'penalty' ? [body.value.relatedLicenceNo, body.value.licenceNameNo] : [];
}

/** What the page of the enterprise shows of its penalties. */
async function shownAt(centre: TestDataCenter): Promise<string[][]> {
  const { penalties } = await centre.ask.getDisclosure({ uscc: testUscc(1) });
  return penalties.map(({ record }) => citationsOf(record));
}

/** What a node holds of inspections and penalties, by their keys. */
async function storedAt({ knex }: TestDataCenter): Promise<{ [key: string]: string[] }> {
  const rows = await knex<{ business_key: string; payload: Buffer }>('messages')
    .whereIn('kind', [MessageKind.INSPECTION, MessageKind.PENALTY])
    .whereNotNull('payload')
    .orderBy('seq');
  return Object.fromEntries(
    rows.map(({ business_key, payload }) => [
      business_key,
      citationsOf(fromBinary(RecordSchema, payload)),
    ]),
  );
}

describe('the number of a licence that is not public', () => {
  let national: TestDataCenter;
  let province: TestDataCenter;
  beforeEach(async () => {
    [national, province] = [await openDataCenter('national'), await openDataCenter()];
    await province.register(validRegistration());
    await exchange(province, national);
  });
  afterEach(async () => {
    await national.close();
    await province.close();
  });

  it('D5 D8 is not on the national page, though the licence is never attributed there', async () => {
    await national.record(
      validLicence(
        { licNo: SECRET, licAuthorityCode: SAMR.code, licAuthorityName: SAMR.name },
        { ...HIDDEN, envelope: FROM_SAMR },
      ),
      citing(SECRET, { authorityCode: SAMR.code, authorityName: SAMR.name }, FROM_SAMR),
    );
    await exchange(national, province);
    await exchange(province, national);
    expect(await shownAt(national)).toEqual([['', '']]);
    expect(await shownAt(province)).toEqual([['', '']]);
  });

  it('D5 D10 is not on the page of the province, though the licence waits to be attributed', async () => {
    await province.record(
      validLicence(
        { licNo: SECRET, counterpart: testCounterpart(1, { entName: '另一个名称有限公司' }) },
        HIDDEN,
      ),
      citing(SECRET),
    );
    expect(await shownAt(province)).toEqual([['', '']]);
    await exchange(province, national);
    expect(await shownAt(national)).toEqual([['', '']]);
  });

  it('D5 does not go up after a renewal gave the licence another number', async () => {
    await province.record(
      validLicence({ licNo: SECRET }, HIDDEN),
      validLicence(
        { licNo: 'JY3330902888888' },
        { ...HIDDEN, envelope: { recordVersion: 2n, messageId: testMessageId(40, 1) } },
      ),
      citing(SECRET),
      validInspection({ relatedLicenceNo: 'JY3330902888888' }),
    );
    await exchange(province, national);
    expect(await storedAt(national)).toEqual({ 'CASE-1': ['', ''], 'INSP-1': [''] });
    expect([await shownAt(national), await shownAt(province)]).toEqual([[['', '']], [['', '']]]);
  });

  it('D5 does not go up by a version before the mark, nor by one that came too late', async () => {
    const version = (licNo: string, recordVersion: bigint, hidden: object) =>
      validLicence(
        { licNo },
        {
          ...hidden,
          envelope: { recordVersion, messageId: testMessageId(41, Number(recordVersion)) },
        },
      );
    await province.record(version(SECRET, 1n, {}));
    await province.record(version('JY3330902888888', 3n, HIDDEN));
    await province.record(version('JY3330902777777', 2n, {}));
    await province.record(citing(SECRET), validInspection({ relatedLicenceNo: 'JY3330902777777' }));
    await exchange(province, national);
    expect(await storedAt(national)).toEqual({ 'CASE-1': ['', ''], 'INSP-1': [''] });
  });

  it('D5 R52 does not go up when the enterprise has moved to another province since', async () => {
    await province.record(validLicence({ licNo: SECRET }, HIDDEN));
    await province.knex('enterprises').update({ home_node: '440000' });
    await province.record(citing(SECRET));
    await exchange(province, national);
    expect(await storedAt(national)).toEqual({ 'CASE-1': ['', ''] });
  });

  it('D5 does not go up with a record that names the enterprise in another way', async () => {
    const unknown = { entName: '未登记的有限公司', regOrg: '440103' };
    await province.record(
      validLicence(
        { licNo: SECRET, counterpart: { uscc: '', regNo: '440103000000017', ...unknown } },
        HIDDEN,
      ),
      citing(SECRET, { counterpart: testCounterpart(7, unknown) }),
    );
    await exchange(province, national);
    expect(await storedAt(national)).toEqual({ 'CASE-1': ['', ''] });
  });

  it.each([
    ['浙密许〔2019〕77号', '浙密许[2019]77号'],
    ['浙密许[2019]77号', '浙密许【２０１９】７７号'],
    ['jy3330902999999', 'ＪＹ３３３０９０２９９９９９９'],
    [SECRET, 'JY 3330902 999999'],
  ])('D5 %s does not go up nor show spelled %s', async (number, spelled) => {
    await province.record(validLicence({ licNo: number }, HIDDEN), citing(spelled));
    await exchange(province, national);
    expect(await storedAt(national)).toEqual({ 'CASE-1': ['', ''] });
    expect(await shownAt(province)).toEqual([['', '']]);
  });

  it('D5 blanks no other number that contains it', async () => {
    await province.record(validLicence({ licDocNo: '1' }, HIDDEN), citing('JY3330902111111'));
    await exchange(province, national);
    const whole = ['JY3330902111111', '食品经营许可证 JY3330902111111'];
    expect(await storedAt(national)).toEqual({ 'CASE-1': whole });
    expect(await shownAt(province)).toEqual([whole]);
  });

  it('D5 may be cited again once the licence is public', async () => {
    await province.record(validLicence({ licNo: SECRET }, HIDDEN), citing(SECRET));
    await province.mark(validPublicityChange({ nonPublic: false }));
    const whole = [SECRET, `食品经营许可证 ${SECRET}`];
    expect(await shownAt(province)).toEqual([whole]);
    await exchange(province, national);
    expect(await storedAt(national)).toEqual({ 'CASE-1': whole });
  });

  /** Everything by which a node knows a message, in hexadecimal. */
  async function digestsAt({ knex }: TestDataCenter, businessKey: string): Promise<string[]> {
    const [row] = await knex<{ digest: Buffer; message_id: string; business_key: string }>(
      'messages',
    ).where({ business_key: businessKey });
    const { rows } = await knex.raw<{ rows: { digest: string }[] }>(
      `select encode(digest, 'hex') as digest from audit_entries where message_id = ?`,
      [row?.message_id ?? ''],
    );
    return [row?.digest.toString('hex') ?? '', ...rows.map((one) => one.digest)];
  }

  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

  async function expectReconciled(): Promise<void> {
    const days = { fromDate: '2019-12-01', toDate: '2019-12-31', includeIds: true };
    const [above, below] = [
      await national.ask.reconcile({ ...days, peerNode: '330000' }),
      await province.ask.reconcile({ ...days, peerNode: '100000' }),
    ];
    expect(above.entries.length).toBeGreaterThan(1);
    expect(below).toEqual(above);
  }

  it('D5 F21 can not be found out by trying: a copy goes under its own digest, and both sides agree', async () => {
    const penalty = citing(SECRET);
    await province.record(validLicence({ licNo: SECRET }, HIDDEN), penalty, validInspection());
    await exchange(province, national);
    const original = sha256(toBinary(RecordSchema, penalty));
    const digests = await digestsAt(national, 'CASE-1');
    expect(digests.length).toBeGreaterThan(1);
    expect(digests).not.toContain(original);
    const [{ payload } = { payload: Buffer.alloc(0) }] = await national
      .knex<{ payload: Buffer; business_key: string }>('messages')
      .where({ business_key: 'CASE-1' });
    expect(digests).toContain(sha256(payload));
    await expectReconciled();

    // Once more, and once more when it may be cited again: the same message under the same digest.
    for (const nonPublic of [true, false]) {
      if (!nonPublic) await province.mark(validPublicityChange({ nonPublic }));
      await province.knex('deliveries').update({ state: 1, settled_at: null });
      await exchange(province, national);
      expect(await province.knex('deliveries').where({ state: 3 })).toEqual([]);
      expect(await digestsAt(national, 'CASE-1')).toEqual(digests);
      await expectReconciled();
    }
  });

  it('R55 D7 nor can the basis of a mark that was cleared', async () => {
    const licence = validLicence({}, HIDDEN);
    await province.record(licence);
    await province.mark(validPublicityChange({ nonPublic: false }));
    await exchange(province, national);
    const digests = await digestsAt(national, 'LIC-1');
    expect(digests).not.toContain(sha256(toBinary(RecordSchema, licence)));
    await expectReconciled();
  });

  it('D5 a node that had the original knows the copy by its digest', async () => {
    const penalty = citing(SECRET);
    await province.record(penalty);
    await exchange(province, national);
    await province.record(validLicence({ licNo: SECRET }, HIDDEN));
    await province.knex('deliveries').update({ state: 1, settled_at: null });
    await exchange(province, national);
    expect(await province.knex('deliveries').where({ state: 3 })).toEqual([]);
    expect(await digestsAt(national, 'CASE-1')).toContain(sha256(toBinary(RecordSchema, penalty)));
    await expectReconciled();
  });

  it('D5 a copy under another digest than the one before is the same message', async () => {
    await province.record(validLicence({ licNo: SECRET }, HIDDEN), citing(SECRET));
    await exchange(province, national);
    const before = await digestsAt(national, 'CASE-1');
    // As after a restore from a backup of before it was sent, when less may have been blanked.
    await province.knex('sent_copies').delete();
    await province.knex('deliveries').update({ state: 1, settled_at: null });
    await province.mark(validPublicityChange({ nonPublic: false }));
    await exchange(province, national);
    expect(await province.knex('deliveries').where({ state: 3 })).toEqual([]);
    expect(await digestsAt(national, 'CASE-1')).toEqual(before);
    expect(await storedAt(national)).toEqual({ 'CASE-1': ['', ''] });
  });

  /** The sweep: what went up citing a hidden licence is called back. */
  async function sweep(): Promise<void> {
    const { knex } = province;
    const parts = { knex, nationalNode: NATIONAL_NODE, nowMs: () => province.nowMs };
    while (await recallCiting({ ...parts, wake: () => undefined }));
  }

  /** Penalties on their way up again, as when the answer was lost. */
  const loseAnswers = (): PromiseLike<unknown> =>
    province
      .knex('deliveries')
      .where({ kind: MessageKind.PENALTY, action: 1 })
      .update({ state: 1, settled_at: null, far_effect: 0, next_attempt_at: null });

  const withdrawals = () => province.knex('deliveries').where({ action: 2 });

  /** Nothing more is called back, however often the licence is noted. */
  async function expectSettled(): Promise<void> {
    const before = await withdrawals();
    await insertCitationRecalls(
      province.knex,
      await province
        .knex('records')
        .where({ kind: MessageKind.LICENCE })
        .select('owner_org as ownerOrg', 'business_key as businessKey'),
    );
    await sweep();
    expect(await withdrawals()).toEqual(before);
  }

  it('D5 D7 is called back from a node that kept the original, whatever copy came after it', async () => {
    await province.record(citing(SECRET));
    await exchange(province, national);
    await loseAnswers();
    await province.record(validLicence({ licNo: SECRET }, HIDDEN));
    await exchange(province, national);
    expect(await storedAt(national)).toEqual({
      'CASE-1': [SECRET, `食品经营许可证 ${SECRET}`],
    });
    await sweep();
    await exchange(province, national);
    expect(await storedAt(national)).toEqual({ 'CASE-1': ['', ''] });
    await expectSettled();
  });

  it('D5 D7 is called back from a node that kept a copy of before a second licence was hidden', async () => {
    const second = 'JY3330902888888';
    await province.record(
      validLicence({ licNo: SECRET }, HIDDEN),
      citing(SECRET, { licenceNameNo: second }),
    );
    await exchange(province, national);
    await loseAnswers();
    await province.record(
      validLicence(
        { licId: 'LIC-2', licNo: second },
        { ...HIDDEN, envelope: { messageId: testMessageId(42, 1) } },
      ),
    );
    await exchange(province, national);
    expect(await storedAt(national)).toEqual({ 'CASE-1': ['', second] });
    await sweep();
    await exchange(province, national);
    expect(await storedAt(national)).toEqual({ 'CASE-1': ['', ''] });
    await expectSettled();
  });

  it('D5 a copy of a penalty whose own mark was cleared is not called back, citing a hidden licence', async () => {
    const penalty = citing(SECRET);
    Object.assign(penalty, HIDDEN);
    await province.record(validLicence({ licNo: SECRET }, HIDDEN), penalty);
    await province.mark(
      validPublicityChange(
        {
          nonPublic: false,
          record: { kind: MessageKind.PENALTY, ownerOrg: AUTHORITY.code, businessKey: 'CASE-1' },
        },
        { envelope: { businessKey: 'CASE-1' } },
      ),
    );
    await exchange(province, national);
    expect(await storedAt(national)).toEqual({ 'CASE-1': ['', ''] });
    await expectSettled();
  });

  it('D5 D7 of many that cite a licence each is called back, once', async () => {
    const cases = Array.from({ length: 205 }, (_, index) => index + 1);
    const penalties = cases.map((number) =>
      citing(SECRET, { caseId: `CASE-${number}` }, { messageId: testMessageId(43, number) }),
    );
    await province.record(...penalties);
    for (let sent = 0; sent < 5; sent += 1) await exchange(province, national);
    expect(Object.keys(await storedAt(national))).toHaveLength(cases.length);
    await province.record(validLicence({ licNo: SECRET }, HIDDEN));
    await sweep();
    const called = await province
      .knex('deliveries')
      .join('messages', 'messages.seq', 'message_seq')
      .where({ action: 2 })
      .countDistinct({ records: 'business_key' })
      .count({ withdrawals: '*' })
      .first();
    expect(called).toEqual({ records: cases.length, withdrawals: cases.length });
    expect(await province.knex('citation_recalls')).toEqual([]);
  });

  it('D5 D7 is called back and comes again when the month of its delivery is detached', async () => {
    await province.record(citing(SECRET));
    await exchange(province, national);
    await tend(province.knex, { inDays: 100 });
    await tend(province.knex, { inDays: 400, keptMonths: 3 });
    expect(await province.knex('all_deliveries')).toEqual([]);
    await province.record(validLicence({ licNo: SECRET }, HIDDEN));
    await sweep();
    await exchange(province, national);
    expect(await storedAt(national)).toEqual({ 'CASE-1': ['', ''] });
    const again = await province
      .knex('deliveries')
      .where({ kind: MessageKind.PENALTY })
      .orderBy('id')
      .select('action', 'rule');
    expect(again).toEqual([
      { action: 2, rule: 'UP-HELD-BACK' },
      { action: 1, rule: 'UP-NAMED' },
    ]);
    await expectSettled();
  });
});
