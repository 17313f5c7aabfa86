import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DestinationKind,
  MessageKind,
  NamingState,
  type Destination,
} from '#gen/zhengzhao/v1/common_pb.js';
import {
  DeliveryAction,
  DeliveryOutcome,
  DeliverySchema,
  type Delivery,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { RecordSchema, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import {
  foodPermitItem,
  testCounterpart,
  testUscc,
  validLicence,
  validRegistration,
} from '../support/builders.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';
import { tickedRegistration } from '../support/ticked.js';

const SAMR = '11100000MB0143028R';
const MEETINGS = 'PA0001';
/** 餐饮服务: a permit. */
const FOOD = 'PA0015';

let national: TestNode;
let zhejiang: TestNode;
/** 新疆生产建设兵团, which shares the prefix 65 with 新疆. */
let corps: TestNode;
beforeAll(async () => {
  const ports = [await freePort(), await freePort(), await freePort()];
  const [up, east, west] = ports.map((port) => `http://127.0.0.1:${port}`);
  const province = (region: string, port: number | undefined) => ({
    HUB_REGION: region,
    HUB_PORT: String(port),
    HUB_UPSTREAM_URL: up!,
  });
  [national, zhejiang, corps] = await Promise.all([
    startTestNode({
      HUB_LEVEL: 'national',
      HUB_PORT: String(ports[0]),
      HUB_NODES: `330000=${east},660000=${west}`,
    }),
    startTestNode(province('330000', ports[1])),
    startTestNode(province('660000', ports[2])),
  ]);
});
afterAll(async () => {
  await Promise.all([national.stop(), zhejiang.stop(), corps.stop()]);
});

/** A licence that a system of the national level reports about an enterprise registered by an office. */
function nationalLicence(number: number, regOrg: string): Record {
  return validLicence(
    {
      licAuthorityCode: SAMR,
      licAuthorityName: '国家市场监督管理总局',
      counterpart: testCounterpart(number, { regOrg }),
    },
    { number, envelope: { sourceNode: '100000', sourceOrg: SAMR } },
  );
}

function provinces(destinations: readonly Destination[]): string[] {
  const down = destinations.filter((one) => one.kind === DestinationKind.PROVINCE);
  return down.map((one) => `${one.code} ${one.rule}`);
}

function carry(message: RegistrationEvent | Record): Delivery {
  const isRecord = message.$typeName === 'zhengzhao.v1.Record';
  const payload = isRecord
    ? toBinary(RecordSchema, message)
    : toBinary(RegistrationEventSchema, message);
  return create(DeliverySchema, {
    messageId: message.envelope?.messageId ?? '',
    sourceNode: message.envelope?.sourceNode ?? '',
    kind: isRecord ? MessageKind.LICENCE : MessageKind.REGISTRATION,
    action: DeliveryAction.CARRY,
    payload,
    digest: createHash('sha256').update(payload).digest(),
  });
}

describe('who speaks to whom', () => {
  it('R18 the national node gathers what provinces report, and from provinces only', async () => {
    const event = validRegistration({ catalogVersion: '2019.12-prov' }, { number: 30 });
    const deliveries = [carry(event)];
    for (const fromNode of ['100000', '330902', '999999', ''])
      await expect(
        national.exchange.deliver({ fromNode, toNode: '100000', deliveries }),
      ).rejects.toMatchObject({ codeName: 'PERMISSION_DENIED', reason: 'WRONG_NODE' });
    await expect(
      national.exchange.deliver({ fromNode: '330000', toNode: '330000', deliveries }),
    ).rejects.toMatchObject({ reason: 'WRONG_NODE' });
    expect(await national.sql('select 1 from messages')).toEqual([]);

    const taken = await national.exchange.deliver({
      fromNode: '330000',
      toNode: '100000',
      deliveries,
    });
    expect(taken.results[0]?.outcome).toBe(DeliveryOutcome.ACCEPTED);
    const { enterprise } = await national.registration.getEnterprise({ uscc: testUscc(30) });
    expect(enterprise?.homeNode).toBe('330000');
  });

  it('R46 R52 a province takes nothing from another province directly', async () => {
    const deliveries = [carry(validRegistration({}, { number: 31 }))];
    await expect(
      zhejiang.exchange.deliver({ fromNode: '660000', toNode: '330000', deliveries }),
    ).rejects.toMatchObject({ codeName: 'PERMISSION_DENIED', reason: 'WRONG_NODE' });
    const stream = zhejiang.exchange.pullMessages({ node: '660000' })[Symbol.asyncIterator]();
    await expect(stream.next()).rejects.toMatchObject({ reason: 'WRONG_NODE' });
  });

  it('R34 R16 systems of a province register at their province, not at the national node', async () => {
    const registration = validRegistration({}, { number: 32 });
    await expect(national.registration.submitRegistration({ registration })).rejects.toMatchObject({
      codeName: 'FAILED_PRECONDITION',
      reason: 'WRONG_LEVEL',
    });
  });
});

describe('which province', () => {
  it('R53 D11 兵团 has a node of its own: the longest prefix of the office decides', async () => {
    const cases = [
      ['330902', '330000'],
      ['650100', '650000'],
      ['659001', '660000'],
      ['660100', '660000'],
    ] as const;
    for (const [regOrg, node] of cases) {
      const record = nationalLicence(40, regOrg);
      const { destinations } = await national.exchange.checkRecord({ record });
      expect([regOrg, provinces(destinations)]).toEqual([
        regOrg,
        [expect.stringMatching(new RegExp(`^${node} DOWN-`))],
      ]);
    }
  });

  it('R37 R38 D11 and its enterprises are attributed there, not in 新疆', async () => {
    const registration = await tickedRegistration(
      corps.catalog,
      { codes: [MEETINGS], zone: false },
      {
        regOrg: '659001',
        regOrgName: '石河子市市场监督管理局',
        domDistrict: '659001',
        dom: '石河子市北四路1号',
      },
      { number: 41, envelope: { sourceNode: '660000' } },
    );
    await corps.registration.submitRegistration({ registration });
    await national.exchange.submitRecord({ record: nationalLicence(41, '659001') });
    await eventually(async () => {
      const { licences } = await national.dataCenter.getDisclosure({ uscc: testUscc(41) });
      expect(licences.map((one) => one.attributedByNode)).toEqual(['660000']);
    });
    const down = await national.sql<{ destination: string }>(
      `select distinct d.destination from deliveries d
         join messages m on m.seq = d.message_seq where m.entity = ?`,
      [testUscc(41)],
    );
    expect(down).toEqual([{ destination: '660000' }]);
  });

  it('R22 D11 tells the departments of the 兵团 of its enterprises in a district of 新疆', async () => {
    const registration = await tickedRegistration(
      corps.catalog,
      { codes: [FOOD], zone: false },
      {
        regOrg: '660100',
        regOrgName: '新疆生产建设兵团市场监督管理局',
        domDistrict: '650102',
        dom: '乌鲁木齐市天山区光明路196号',
      },
      { number: 43, envelope: { sourceNode: '660000' } },
    );
    const [item] = (
      await corps.catalog.resolveScope({
        regionCode: '650102',
        scopeEntryCodes: [FOOD],
        onDate: registration.apprDate,
      })
    ).items;
    expect(item?.receivingDepartments.map((one) => one.orgCode)).toEqual(['TMP-660000-01']);
    const named = item!.receivingDepartments[0]!;
    const permitItems = [
      foodPermitItem({ receivingDeptCode: named.orgCode, receivingDeptName: named.orgName }),
    ];
    const { findings } = await corps.registration.checkRegistration({
      registration: { ...registration, permitItems },
    });
    expect(findings.filter(({ rule }) => rule === 'VR15')).toEqual([]);
    const { items } = await zhejiang.catalog.resolveScope({
      regionCode: '650102',
      scopeEntryCodes: [FOOD],
      onDate: registration.apprDate,
    });
    expect(items[0]?.receivingDepartments.map((one) => one.orgCode)).toEqual(['TMP-650000-01']);
  });

  it('R53 D4 what 总局 itself registered belongs to the province of the domicile', async () => {
    const registration = await tickedRegistration(
      zhejiang.catalog,
      { codes: [MEETINGS], zone: false },
      { regOrg: '100000', regOrgName: '国家市场监督管理总局' },
      { number: 42 },
    );
    const { receipt } = await zhejiang.registration.submitRegistration({ registration });
    expect(receipt?.node).toBe('330000');
    await eventually(async () => {
      const { enterprise } = await national.registration.getEnterprise({ uscc: testUscc(42) });
      expect(enterprise?.homeNode).toBe('330000');
    });
    await national.exchange.submitRecord({ record: nationalLicence(42, '100000') });
    await eventually(async () => {
      const [record] = await zhejiang.sql<{ naming: number }>(
        "select naming from records where business_key = 'LIC-42'",
      );
      expect(record?.naming).toBe(NamingState.NAMED);
    });
    const elsewhere = { ...registration, domDistrict: '440106', dom: '广州市天河区天河路1号' };
    const { findings } = await zhejiang.registration.checkRegistration({ registration: elsewhere });
    expect(findings.map((one) => one.code)).toContain('NATIONAL_REGISTRATION_ELSEWHERE');
  });

  it('D3 a record without a hint waits; digits of the credit code are no hint', async () => {
    const { destinations } = await national.exchange.checkRecord({
      record: nationalLicence(43, ''),
    });
    expect(provinces(destinations)).toEqual([' DOWN-PARKED']);
  });
});
