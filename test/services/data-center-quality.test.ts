import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { QualityDimension } from '#gen/zhengzhao/v1/data_center_pb.js';
import { civilDateIn } from '../../server/domain/identifiers/civil-date.js';
import { createFacts } from '../../server/reference/validation-facts.js';
import { loadReference } from '../../server/reference/load-reference.js';
import {
  AUTHORITY,
  REGISTRY_ORG,
  testMessageId,
  testUscc,
  validChange,
  validLicence,
  validRegistration,
} from '../support/builders.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

describe('the quality report', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await startTestNode({ HUB_REGION: '330000' });
    await node.registration.batchSubmitRegistrations({
      registrations: [1, 2, 3].map((number) =>
        validRegistration({ catalogVersion: '2019.12-prov' }, { number }),
      ),
    });
    await node.exchange.batchSubmitRecords({
      records: [
        validLicence({}, { number: 1 }),
        validLicence({ licDocNo: '' }, { number: 2 }),
        validLicence({ decisionDate: '2999-01-01' }, { number: 3 }),
      ],
    });
  });
  afterAll(() => node.stop());

  it('VR31 counts what each sender sent, what was refused and what was late, in the seven words', async () => {
    const report = await node.dataCenter.getExchangeReport({});
    const licences = report.senders.find((one) => one.kind === MessageKind.LICENCE);
    expect(licences).toMatchObject({
      sourceOrg: AUTHORITY.code,
      accepted: 1n,
      refused: 2n,
      late: 0n,
    });
    const refused = new Map(licences?.quality.map((one) => [one.dimension, one.refused]));
    expect(refused.get(QualityDimension.COMPLETENESS)).toBe(1n);
    expect(refused.get(QualityDimension.ACCURACY)).toBe(1n);
    const registrations = report.senders.find((one) => one.kind === MessageKind.REGISTRATION);
    expect(registrations).toMatchObject({ sourceOrg: REGISTRY_ORG, accepted: 3n, refused: 0n });
  });

  it('R12 R15 shows the licences that have not come back, and no longer once they have', async () => {
    const { awaitedLicences } = await node.dataCenter.getExchangeReport({});
    expect(awaitedLicences).toMatchObject([
      { permitItemCode: 'PX-0035', count: 2n, over90Days: 2n, oldestDate: '2019-12-16' },
    ]);
    await node.exchange.submitRecord({ record: validLicence({ licId: 'LIC-2B' }, { number: 22 }) });
    await node.exchange.submitRecord({
      record: validLicence(
        {
          licId: 'LIC-2',
          counterpart: { uscc: testUscc(2), entName: '舟山市定海千岛2号餐饮管理有限公司' },
        },
        { number: 222 },
      ),
    });
    const after = await node.dataCenter.getExchangeReport({});
    expect(after.awaitedLicences.map((one) => one.count)).toEqual([1n]);
  });

  it('R12 R15 a licence is awaited since the item is stated without a break, whatever else changes', async () => {
    const number = 7;
    const uscc = testUscc(number);
    const days = (count: number) => civilDateIn(Date.now() - count * 86_400_000);
    const send = async (version: bigint, changes: Parameters<typeof validRegistration>[0]) => {
      const envelope = { messageId: testMessageId(70, Number(version)), recordVersion: version };
      const { apprDate = '' } = changes ?? {};
      const registration = (version === 1n ? validRegistration : validChange)(
        {
          catalogVersion: '2019.12-prov',
          estDate: '2019-12-16',
          changes: [
            { altItem: '69', altItemName: '其他', altBe: '前', altAf: '后', altDate: apprDate },
          ],
          ...changes,
        },
        { number, envelope },
      );
      await node.registration.submitRegistration({ registration });
      const [row] = await node.sql<{ items: string[]; since: Record<string, string> }>(
        'select permit_items as items, items_since as since from enterprises where uscc = ?',
        [uscc],
      );
      return row;
    };
    const over = async () => {
      const { awaitedLicences } = await node.dataCenter.getExchangeReport({});
      const [food] = awaitedLicences.filter((one) => one.permitItemCode === 'PX-0035');
      return [food?.over30Days, food?.over90Days];
    };
    const [before30 = 0n, before90 = 0n] = await over();
    const without = {
      permitItems: [],
      scopeEntryCodes: ['PA0001'],
      licenseSeparationFlag: false,
      opScope: '一般项目：会议及展览服务',
    };

    await send(1n, { apprDate: days(100), changes: [] });
    expect(await over()).toEqual([before30 + 1n, before90 + 1n]);
    expect((await send(2n, { apprDate: days(40) }))?.since).toEqual({ 'PX-0035': days(100) });
    expect(await over()).toEqual([before30 + 1n, before90 + 1n]);
    expect(await send(3n, { apprDate: days(20), ...without })).toEqual({ items: [], since: {} });
    expect((await send(4n, { apprDate: days(10) }))?.since).toEqual({ 'PX-0035': days(10) });
    expect(await over()).toEqual([before30, before90]);
    // As a process of a version before leaves it, which knows nothing of it.
    await node.sql(
      `update enterprises set items_since = '{"PX-0035": "2019-01-01"}', items_since_seq = 0
        where uscc = ?`,
      [uscc],
    );
    expect(await over()).toEqual([before30, before90]);
    expect((await send(5n, { apprDate: days(5) }))?.since).toEqual({ 'PX-0035': days(10) });
  });

  it('raises an alarm for a sender that fell silent, judged by its own habit', async () => {
    // A sender that used to send every day, last heard of ten days ago.
    await node.sql(`
      insert into messages (source_node, message_id, kind, record_kind, digest, payload, owner_org,
             business_key, record_version, entity, source_org, origin, effect, accepted_at, txid)
      select '330000', 'old-' || day, 2, 2, '\\x00', '\\x00', 'X', 'k' || day, 1, 'e', 'DAILY-SENDER',
             'client', 1, now() - (10 + day) * interval '1 day', 1
        from generate_series(0, 19) as day`);
    const { silentSenders } = await node.dataCenter.getExchangeReport({});
    expect(silentSenders).toMatchObject([{ sourceOrg: 'DAILY-SENDER', silentDays: 10 }]);
    expect(silentSenders[0]?.usualPerDay).toBeCloseTo(20 / 30, 2);
  });

  it('VR31 knows the days off of China where they are published', () => {
    const facts = createFacts(loadReference());
    expect(facts.isHoliday?.('2026-10-01')).toBe(true);
    expect(facts.isHoliday?.('2026-11-24')).toBe(false);
  });
});
