import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryState } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { PublicityChange, Record } from '#gen/zhengzhao/v1/record_pb.js';
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
  type RecordOptions,
} from '../support/builders.js';
import {
  eventually,
  freePort,
  startTestNode,
  startTrio,
  type TestNode,
  type Trio,
} from '../support/nodes.js';
import { onItsWay } from '../support/on-its-way.js';
import { searchNode } from '../support/search.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
const HIDDEN = { nonPublic: true, nonPublicBasis: '涉及商业秘密' };
const SAMR = '11100000MB0143028R';

interface Sender {
  readonly sourceNode: string;
  readonly sourceOrg: string;
}

const FROM_SAMR: Sender = { sourceNode: '100000', sourceOrg: SAMR };

/** A licence of the national level; without `regOrg` its province is not known beforehand. */
function nationalLicence(number: number, regOrg: string, options: RecordOptions = {}): Record {
  return validLicence(
    {
      counterpart: testCounterpart(number, { regOrg }),
      licAuthorityCode: SAMR,
      licAuthorityName: '国家市场监督管理总局',
    },
    { number, envelope: FROM_SAMR, ...options },
  );
}

/** The authority sets or clears the mark of the licence of a number; `version` counts its changes. */
function changeOf(
  number: number,
  nonPublic: boolean,
  version: number,
  from: Sender = { sourceNode: '330000', sourceOrg: AUTHORITY.code },
): PublicityChange {
  const businessKey = `LIC-${number}`;
  return validPublicityChange(
    { nonPublic, record: { kind: MessageKind.LICENCE, ownerOrg: from.sourceOrg, businessKey } },
    {
      number,
      envelope: {
        ...from,
        messageId: testMessageId(40 + version, number),
        recordVersion: BigInt(version),
      },
    },
  );
}

async function licencesAt(node: TestNode, number: number): Promise<string[]> {
  const { licences } = await node.dataCenter.getDisclosure({ uscc: testUscc(number) });
  return licences.map((one) => one.record?.envelope?.businessKey ?? '');
}

/** Nothing is on its way, and nothing stopped on it. */
async function quiet(...nodes: TestNode[]): Promise<void> {
  await eventually(async () => {
    for (const node of nodes)
      await node.sql(
        'update deliveries set next_attempt_at = null where state = 1 and attempts > 0 and last_reason > 0',
      );
    expect(await onItsWay(nodes, { dead: true })).toEqual([]);
  });
}

describe('marks of the national level that come before the record has reached its province', () => {
  const open: TestNode[] = [];
  afterEach(async () => {
    for (const node of open.splice(0).reverse()) await node.stop();
  });

  async function start(env: { [name: string]: string }): Promise<TestNode> {
    const node = await startTestNode(env);
    open.push(node);
    return node;
  }

  /** The national node, with a province that is not there yet. */
  async function nationalAlone() {
    const port = await freePort();
    const national = await start({
      HUB_LEVEL: 'national',
      HUB_NODES: `330000=http://127.0.0.1:${port}`,
    });
    const startProvince = (): Promise<TestNode> =>
      start({
        HUB_REGION: '330000',
        HUB_PORT: String(port),
        HUB_UPSTREAM_URL: `http://${national.address}`,
      });
    return { national, startProvince };
  }

  async function expectShown(nodes: TestNode[], ids: [number, string[]][]): Promise<void> {
    await eventually(async () => {
      for (const node of nodes)
        for (const [number, expected] of ids)
          expect(await licencesAt(node, number), `${node.code} ${number}`).toEqual(expected);
    });
  }

  it('R55 D10 F20 whatever is known of the record, the mark arrives with it or behind it', async () => {
    const { national, startProvince } = await nationalAlone();
    // 1 is on its way when it is marked, 2 is parked, 3 was marked from the beginning.
    await national.exchange.submitRecord({ record: nationalLicence(1, '330902') });
    await national.exchange.submitRecord({ record: nationalLicence(2, '') });
    await national.exchange.submitRecord({ record: nationalLicence(3, '330902', HIDDEN) });
    for (const number of [1, 2])
      await national.exchange.setRecordPublicity({ change: changeOf(number, true, 1, FROM_SAMR) });
    const province = await startProvince();
    await province.registration.batchSubmitRegistrations({
      registrations: [1, 2, 3].map((number) => validRegistration(CATALOGUE, { number })),
    });
    await eventually(async () => {
      const rows = await province.sql(
        'select 1 from records where naming = 2 and non_public and published_at is null',
      );
      expect(rows).toHaveLength(3);
    });
    await quiet(national, province);
    await expectShown(
      [national, province],
      [
        [1, []],
        [2, []],
        [3, []],
      ],
    );

    for (const number of [1, 2, 3])
      await national.exchange.setRecordPublicity({ change: changeOf(number, false, 2, FROM_SAMR) });
    await expectShown(
      [national, province],
      [
        [1, ['LIC-1']],
        [2, ['LIC-2']],
        [3, ['LIC-3']],
      ],
    );
    await quiet(national, province);
  });
});

describe('versions that wait while the mark changes', () => {
  const open: TestNode[] = [];
  afterEach(async () => {
    for (const node of open.splice(0).reverse()) await node.stop();
  });

  it('R55 D5 each version leaves with its own mark and citations blanked, whichever is the newest', async () => {
    const port = await freePort();
    const province = await startTestNode({
      HUB_REGION: '330000',
      HUB_UPSTREAM_URL: `http://127.0.0.1:${port}`,
    });
    open.push(province);
    const { exchange } = province;
    await province.registration.batchSubmitRegistrations({
      registrations: [1, 2].map((number) => validRegistration(CATALOGUE, { number })),
    });
    const second = { recordVersion: 2n, messageId: testMessageId(50, 1) };
    // Marked in its content, cleared, and replaced by a version without the mark.
    await exchange.submitRecord({
      record: validLicence({ licItem: '首版' }, { number: 1, ...HIDDEN }),
    });
    await exchange.setRecordPublicity({ change: changeOf(1, false, 1) });
    await exchange.submitRecord({
      record: validLicence({ licItem: '次版' }, { number: 1, envelope: second }),
    });
    // Citations of a hidden licence, by either number, in a version that is no longer the newest.
    const [secretNo, secretDoc] = ['JY1330902009999', '浙密许〔2019〕77号'];
    await exchange.submitRecord({
      record: validLicence({ licNo: secretNo, licDocNo: secretDoc }, { number: 2, ...HIDDEN }),
    });
    await exchange.batchSubmitRecords({
      records: [
        validInspection({ relatedLicenceNo: secretNo }, { number: 2 }),
        validInspection(
          { relatedLicenceNo: '' },
          { number: 2, envelope: { recordVersion: 2n, messageId: testMessageId(51, 2) } },
        ),
        validPenalty(
          {
            publicityTo: '',
            penTypes: ['1', '5'],
            penContent: '警告；暂扣许可证',
            fineFen: 0n,
            relatedLicenceNo: secretDoc,
            licenceNameNo: `食品经营许可证 ${secretNo}`,
          },
          { number: 2 },
        ),
      ],
    });
    const national = await startTestNode({ HUB_LEVEL: 'national', HUB_PORT: String(port) });
    open.push(national);
    await quiet(province);
    const { deliveries } = await exchange.listDeliveries({ state: DeliveryState.DEAD });
    expect(deliveries).toEqual([]);
    const { licences } = await national.dataCenter.getDisclosure({ uscc: testUscc(1) });
    expect(licences.map((one) => (one.record?.body.value as { licItem: string }).licItem)).toEqual([
      '次版',
    ]);
    for (const secret of [secretNo, secretDoc, HIDDEN.nonPublicBasis])
      expect(await searchNode(national, secret)).toEqual([]);
    const shown = await national.dataCenter.getDisclosure({ uscc: testUscc(2) });
    expect([shown.inspections.length, shown.penalties.length]).toEqual([1, 1]);

    // The same once more, redacted as it is, changes nothing.
    const count = 'select count(*)::int as n, max(seq) as last from messages';
    const before = await national.sql(count);
    await province.sql('update deliveries set state = 1, next_attempt_at = null where state = 2');
    await quiet(province);
    expect(await national.sql(count)).toEqual(before);
    expect(await national.dataCenter.getDisclosure({ uscc: testUscc(2) })).toEqual(shown);
  });

  it('R55 D7 a mark after an attempt that may have arrived is followed by a withdrawal', async () => {
    const port = await freePort();
    const province = await startTestNode({
      HUB_REGION: '330000',
      HUB_UPSTREAM_URL: `http://127.0.0.1:${port}`,
    });
    open.push(province);
    await province.registration.submitRegistration({ registration: validRegistration(CATALOGUE) });
    await province.exchange.submitRecord({ record: validLicence({ licItem: '也许已到' }) });
    // As if the answer to the first attempt had been lost.
    await province.sql('update deliveries set attempts = 1 where kind = 2');
    await province.exchange.setRecordPublicity({ change: changeOf(1, true, 1) });
    const national = await startTestNode({ HUB_LEVEL: 'national', HUB_PORT: String(port) });
    open.push(national);
    await quiet(province);
    expect(await searchNode(national, '也许已到')).toEqual([]);
    const records = await national.sql('select state, entity, uscc, business_key from records');
    expect(records).toEqual([{ state: 3, entity: '', uscc: null, business_key: 'LIC-1' }]);
  });
});

describe('a redacted record that goes on to another province', () => {
  let trio: Trio;
  beforeAll(async () => {
    trio = await startTrio();
  });
  afterAll(() => trio.stop());

  it('R52 D5 D7 arrives there by two hops, is attributed and comes back named', async () => {
    const { zhejiang, national, guangdong } = trio;
    await zhejiang.registration.submitRegistration({ registration: validRegistration(CATALOGUE) });
    const party = { counterpart: testCounterpart(1, { regOrg: '' }) };
    const here = { envelope: { sourceNode: '440000' } };
    await eventually(() => national.registration.getEnterprise({ uscc: testUscc(1) }));
    const licence = validLicence({ ...party, licNo: 'JY4440000001' }, { ...here, ...HIDDEN });
    await guangdong.exchange.submitRecord({ record: licence });
    await guangdong.exchange.submitRecord({
      record: validInspection({ ...party, relatedLicenceNo: 'JY4440000001' }, here),
    });
    await eventually(async () => {
      const { inspections } = await national.dataCenter.getDisclosure({ uscc: testUscc(1) });
      expect(inspections).toHaveLength(1);
    });
    for (const node of [national, zhejiang])
      expect(await searchNode(node, 'JY4440000001')).toEqual([]);

    await guangdong.exchange.setRecordPublicity({
      change: changeOf(1, false, 1, { sourceNode: '440000', sourceOrg: AUTHORITY.code }),
    });
    await eventually(async () => {
      expect(await licencesAt(zhejiang, 1)).toEqual(['LIC-1']);
      expect(await licencesAt(national, 1)).toEqual(['LIC-1']);
    });
    await quiet(guangdong, national, zhejiang);
  });

  it('R55 D7 is called back from both by a late mark, and comes back each time it is cleared', async () => {
    const { zhejiang, national, guangdong } = trio;
    const from: Sender = { sourceNode: '440000', sourceOrg: AUTHORITY.code };
    const party = { counterpart: testCounterpart(1, { regOrg: '' }) };
    await guangdong.exchange.submitRecord({
      record: validLicence(party, { number: 7, envelope: { sourceNode: '440000' } }),
    });
    const shownIs = (shown: boolean) =>
      eventually(async () => {
        for (const node of [zhejiang, national])
          expect((await licencesAt(node, 1)).includes('LIC-7')).toBe(shown);
      });
    await shownIs(true);
    for (const [index, nonPublic] of [true, false, true, false].entries()) {
      await guangdong.exchange.setRecordPublicity({
        change: changeOf(7, nonPublic, index + 1, from),
      });
      await shownIs(!nonPublic);
    }
    await quiet(guangdong, national, zhejiang);
  });
});
