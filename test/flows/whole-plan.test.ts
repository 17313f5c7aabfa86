import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Effect, MessageKind, NamingState } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryState, Stage } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { Record } from '#gen/zhengzhao/v1/record_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { civilDateIn } from '../../server/domain/identifiers/civil-date.js';
import {
  testCounterpart,
  testUscc,
  validCancellation,
  validChange,
  validInspection,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { eventually, startTrio, type TestNode, type Trio } from '../support/nodes.js';
import { onItsWay } from '../support/on-its-way.js';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
const SAMR = '11100000MB0143028R';

function establishment(number: number): RegistrationEvent {
  return validRegistration(CATALOGUE, { number });
}

/** A licence that a system of the national level reports. */
function nationalLicence(number: number, nonPublic = false): Record {
  return validLicence(
    { licAuthorityCode: SAMR, licAuthorityName: '国家市场监督管理总局' },
    {
      number,
      nonPublic,
      nonPublicBasis: nonPublic ? '涉及国家秘密' : '',
      envelope: { sourceNode: '100000', sourceOrg: SAMR },
    },
  );
}

/** Waits until the node publishes the licences of an enterprise, by their ids. */
async function publishedLicences(node: TestNode, number: number): Promise<string[]> {
  const disclosure = await node.dataCenter.getDisclosure({ uscc: testUscc(number) });
  return disclosure.licences.map((one) =>
    one.record?.body.case === 'licence' ? one.record.body.value.licId : '',
  );
}

async function untilPublished(node: TestNode, number: number, ids: string[]): Promise<void> {
  await eventually(async () => {
    expect(await publishedLicences(node, number)).toEqual(ids);
  });
}

/** Nothing is on its way any more. */
async function quiet(trio: Trio): Promise<void> {
  await eventually(async () => {
    expect(await onItsWay([trio.national, trio.zhejiang, trio.guangdong])).toEqual([]);
  });
}

const backends = [
  { backend: 'PostgreSQL', redis: false },
  ...(hasRedis ? [{ backend: 'Redis', redis: true }] : []),
];

describe.each(backends)('the whole plan over BullMQ on $backend', ({ redis }) => {
  let server: TestRedis | undefined;
  let trio: Trio;
  beforeAll(async () => {
    server = redis ? await startRedis() : undefined;
    trio = await startTrio(server?.url);
  });
  afterAll(async () => {
    await trio.stop();
    await server?.stop();
  });

  it('R34 F3 F4 keeps a registration in the province and gathers it at the national node', async () => {
    const { zhejiang, national } = trio;
    const answer = await zhejiang.registration.submitRegistration({
      registration: establishment(1),
    });
    expect(answer.receipt).toMatchObject({ node: '330000', effect: Effect.APPLIED });
    await eventually(async () => {
      const { enterprise } = await national.registration.getEnterprise({ uscc: testUscc(1) });
      expect(enterprise?.homeNode).toBe('330000');
      expect(enterprise?.registration).toEqual(establishment(1));
    });
  });

  it('R26 R32 F7 packages name exactly one department and hold only its items', async () => {
    const { zhejiang } = trio;
    const { packages } = await zhejiang.dataCenter.listPackages({
      receivingDeptCode: '330000000M660',
    });
    expect(packages).toHaveLength(1);
    const { package: fetched } = await zhejiang.dataCenter.getPackage({
      packageId: packages[0]!.packageId,
      receivingDeptCode: '330000000M660',
    });
    expect(fetched?.recordCount).toBe(1);
    expect(
      fetched?.package?.registrations[0]?.permitItems.map((ref) => ref.permitItemCode),
    ).toEqual(['PX-0035']);
    expect(fetched?.package?.items.map((item) => item.rule)).toEqual(['DEPT-OPTIMISED']);
  });

  it('R37 R29 R38 F9 F11 F12 F13 F14 a national licence goes down, is attributed, goes up named, and only then is published', async () => {
    const { zhejiang, national } = trio;
    const { receipt } = await national.exchange.submitRecord({ record: nationalLicence(1) });
    expect(receipt?.node).toBe('100000');
    await untilPublished(zhejiang, 1, ['LIC-1']);
    await untilPublished(national, 1, ['LIC-1']);
    const { licences } = await national.dataCenter.getDisclosure({ uscc: testUscc(1) });
    expect(licences[0]?.attributedByNode).toBe('330000');
  });

  it('R37 D6 the named record is never sent down again', async () => {
    await quiet(trio);
    const down = await trio.national.sql(
      `select d.id from deliveries d join messages m on m.seq = d.message_seq
        where m.business_key = 'LIC-1' and d.destination = '330000'`,
    );
    expect(down).toHaveLength(1);
  });

  it('tells the life line A1–A6 over both nodes, each step with the rule that decided', async () => {
    await quiet(trio);
    const message = await trio.zhejiang.exchange.getMessage({
      messageId: nationalLicence(1).envelope!.messageId,
      sourceNode: '100000',
    });
    const seen = message.steps.map((step) => [step.node, step.stage, step.rule]);
    expect(seen).toContainEqual(['100000', Stage.ROUTED, 'DOWN-HOME']);
    expect(seen).toContainEqual(['330000', Stage.APPLIED, 'VR25']);
    expect(seen).toContainEqual(['330000', Stage.ROUTED, 'UP-NAMED-AFTER-DOWNLINK']);
    expect(new Set(message.steps.map((step) => step.stage))).toEqual(
      new Set([
        Stage.VALIDATED,
        Stage.STORED,
        Stage.ROUTED,
        Stage.TAKEN,
        Stage.APPLIED,
        Stage.PUBLISHED,
      ]),
    );
    expect(message.steps.at(0)?.node).toBe('100000');
    expect(message.steps.filter((step) => step.stage === Stage.PUBLISHED)).toHaveLength(2);
    expect(message.unreachableNodes).toEqual([]);
  });

  it('R28 R40 R41 R49 F16 F17 F18 what the province decides is published there and reported up named', async () => {
    const { zhejiang, national } = trio;
    await zhejiang.exchange.submitRecord({
      record: validPenalty({ publicityTo: '' }, { number: 1 }),
    });
    await zhejiang.exchange.submitRecord({ record: validInspection({}, { number: 1 }) });
    for (const node of [zhejiang, national])
      await eventually(async () => {
        const shown = await node.dataCenter.getDisclosure({ uscc: testUscc(1) });
        expect([shown.penalties.length, shown.inspections.length]).toEqual([1, 1]);
      });
  });

  it('R52 R53 F19 a record of another province travels by two hops and is attributed at home', async () => {
    const { zhejiang, national, guangdong } = trio;
    const record = validLicence(
      { licId: 'LIC-GD', counterpart: testCounterpart(1, { regOrg: '' }) },
      { number: 900, envelope: { sourceNode: '440000' } },
    );
    await guangdong.exchange.submitRecord({ record });
    await untilPublished(zhejiang, 1, ['LIC-GD', 'LIC-1']);
    await untilPublished(national, 1, ['LIC-GD', 'LIC-1']);
    expect(await guangdong.sql("select id from deliveries where destination = '330000'")).toEqual(
      [],
    );
    await quiet(trio);
    const steps = (await guangdong.exchange.getMessage({ messageId: record.envelope!.messageId }))
      .steps;
    expect([...new Set(steps.map((step) => step.node))]).toEqual(['440000', '100000', '330000']);
    const { records } = await guangdong.dataCenter.listUnattributed({});
    expect(records).toEqual([]);
  });

  it('R36 a record that comes before its enterprise waits and then goes on by itself', async () => {
    const { zhejiang, national } = trio;
    const early = nationalLicence(2);
    const withoutRegOrg = { ...early };
    if (withoutRegOrg.body.case === 'licence') withoutRegOrg.body.value.counterpart!.regOrg = '';
    const { receipt } = await national.exchange.submitRecord({ record: withoutRegOrg });
    expect(receipt?.effect).toBe(Effect.WAITING);
    await zhejiang.registration.submitRegistration({ registration: establishment(2) });
    await untilPublished(national, 2, ['LIC-2']);
  });

  it('VR25 R29 a name that differs waits in the work list until a person decides', async () => {
    const { zhejiang, national } = trio;
    const wrong = validLicence(
      { licId: 'LIC-W', counterpart: testCounterpart(1, { entName: '完全不同的名称有限公司' }) },
      { number: 901 },
    );
    const { receipt } = await zhejiang.exchange.submitRecord({ record: wrong });
    expect(receipt?.effect).toBe(Effect.WAITING);
    const { records } = await zhejiang.dataCenter.listUnattributed({});
    expect(records.map((one) => one.messageId)).toContain(wrong.envelope!.messageId);
    expect(await publishedLicences(zhejiang, 1)).not.toContain('LIC-W');

    await zhejiang.dataCenter.resolveUnattributed({
      messageId: wrong.envelope!.messageId,
      sourceNode: '330000',
      resolution: { case: 'attributeToUscc', value: testUscc(1) },
      resolvedBy: '值班员',
    });
    await eventually(async () => {
      expect(await publishedLicences(national, 1)).toContain('LIC-W');
    });
  });

  it('R55 R54 a licence marked not public stays in its province, unpublished', async () => {
    const { zhejiang, national } = trio;
    const secret = validLicence(
      { licId: 'LIC-S', licItem: '秘密内容甲' },
      { number: 3, nonPublic: true, nonPublicBasis: '涉及商业秘密' },
    );
    await zhejiang.registration.submitRegistration({ registration: establishment(3) });
    const { receipt } = await zhejiang.exchange.submitRecord({ record: secret });
    expect(receipt?.effect).toBe(Effect.APPLIED);
    await untilPublished(zhejiang, 3, []);
    await eventually(async () => {
      expect(await national.registration.getEnterprise({ uscc: testUscc(3) })).toBeDefined();
    });
    await quiet(trio);
    expect(await national.sql("select 1 from records where business_key = 'LIC-S'")).toEqual([]);
    const { deliveries } = await zhejiang.exchange.listDeliveries({
      state: DeliveryState.HELD_BACK,
      messageId: secret.envelope!.messageId,
    });
    expect(deliveries.map((one) => one.clause)).toEqual(['R55 5(4)']);
  });

  it('R55 D8 a national licence that is not public is attributed, acknowledged and goes no further', async () => {
    const { zhejiang, national } = trio;
    await national.exchange.submitRecord({ record: nationalLicence(3, true) });
    await quiet(trio);
    const [held] = await zhejiang.sql<{ naming: number }>(
      "select naming from records where business_key = 'LIC-3'",
    );
    expect(held?.naming).toBe(2);
    const [taken] = await national.sql<{ far_naming: number }>(
      "select far_naming from deliveries d join messages m on m.seq = d.message_seq where business_key = 'LIC-3'",
    );
    expect(taken?.far_naming).toBe(NamingState.NAMED);
    expect(await publishedLicences(national, 3)).toEqual([]);
    expect(await publishedLicences(zhejiang, 3)).toEqual([]);
  });

  it('R55 D7 F20 a late mark withdraws what went up and leaves a tombstone; clearing it brings it back', async () => {
    const { zhejiang, national } = trio;
    await zhejiang.registration.submitRegistration({ registration: establishment(4) });
    await zhejiang.exchange.submitRecord({
      record: validLicence({ licItem: '秘密内容乙' }, { number: 4 }),
    });
    await untilPublished(national, 4, ['LIC-4']);

    await zhejiang.exchange.setRecordPublicity({ change: validPublicityChange({}, { number: 4 }) });
    await untilPublished(national, 4, []);
    await untilPublished(zhejiang, 4, []);
    expect(
      await national.sql(
        "select payload from messages where business_key = 'LIC-4' and payload is not null",
      ),
    ).toEqual([]);
    const [tombstone] = await national.sql<{ state: number; uscc: string | null; entity: string }>(
      "select state, uscc, entity from records where business_key = 'LIC-4'",
    );
    expect(tombstone).toEqual({ state: 3, uscc: null, entity: '' });

    await zhejiang.exchange.setRecordPublicity({
      change: validPublicityChange(
        { nonPublic: false },
        {
          number: 4,
          envelope: { messageId: '00000009-0000-4000-8000-000000000004', recordVersion: 2n },
        },
      ),
    });
    await untilPublished(national, 4, ['LIC-4']);
    await untilPublished(zhejiang, 4, ['LIC-4']);
  });

  it('VR23 only the deciding authority may set the mark', async () => {
    const change = validPublicityChange(
      {},
      {
        number: 1,
        envelope: { messageId: '00000009-0000-4000-8000-000000000001', sourceOrg: '330000000M999' },
      },
    );
    await expect(trio.zhejiang.exchange.setRecordPublicity({ change })).rejects.toMatchObject({
      codeName: 'PERMISSION_DENIED',
      reason: 'NOT_THE_AUTHORITY',
    });
  });

  it('R30 a change and a cancellation follow, in order, with the former name kept', async () => {
    const { zhejiang, national } = trio;
    const change = validChange(CATALOGUE, { number: 2 });
    await zhejiang.registration.submitRegistration({ registration: change });
    await zhejiang.registration.submitRegistration({
      registration: validCancellation({ ...CATALOGUE, entName: change.entName }, { number: 2 }),
    });
    await eventually(async () => {
      const { enterprise } = await national.registration.getEnterprise({ uscc: testUscc(2) });
      expect(enterprise?.regState).toBe('4');
      expect(enterprise?.formerNames).toEqual([establishment(2).entName]);
    });
    const { events } = await national.registration.listRegistrationEvents({ uscc: testUscc(2) });
    expect(events.map((one) => one.registration?.eventType)).toEqual([1, 2, 3]);
    const { packages } = await zhejiang.dataCenter.listPackages({
      receivingDeptCode: '330000000M660',
    });
    expect(packages.filter((one) => one.uscc === testUscc(2))).toHaveLength(3);
  });

  it('R35 R39 R48 F8 F15 shares the registrations with the systems of each level', async () => {
    await quiet(trio);
    for (const node of [trio.national, trio.zhejiang])
      // A transaction that another test keeps open in the same server delays the feed.
      await eventually(async () => {
        const shared = await node.dataCenter.listSharedRegistrations({ subscriber: '业务系统' });
        expect(shared.registrations.map((one) => one.registration?.uscc)).toContain(testUscc(1));
        expect(shared.upToDate).toBe(true);
      });
  });

  it('F21 both ends of a link reconcile to the same counts and digests', async () => {
    await quiet(trio);
    // What was accepted before midnight is of yesterday.
    const range = {
      fromDate: civilDateIn(Date.now() - 86_400_000),
      toDate: civilDateIn(Date.now()),
    };
    const here = await trio.zhejiang.dataCenter.reconcile({ peerNode: '100000', ...range });
    const there = await trio.national.dataCenter.reconcile({ peerNode: '330000', ...range });
    expect(here.buckets).toEqual(there.buckets);
    expect(here.buckets.map((bucket) => bucket.kind)).toContain(MessageKind.REGISTRATION);
  });

  it('R55 the report says that nothing not public has gone up', async () => {
    const report = await trio.zhejiang.dataCenter.getExchangeReport({});
    expect(report.nonPublicGoneUp).toBe(0n);
  });
});
