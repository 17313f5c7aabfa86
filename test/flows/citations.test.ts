import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  testCounterpart,
  testMessageId,
  testUscc,
  validInspection,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import {
  eventually,
  startTestNode,
  startTrio,
  type TestNode,
  type Trio,
} from '../support/nodes.js';
import { onItsWay } from '../support/on-its-way.js';
import { searchNode } from '../support/search.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
const HIDDEN = { nonPublic: true, nonPublicBasis: '涉及商业秘密' };

/**
 * What a page shows of inspections and penalties: a line each, with what is cited. Sorted, for two that were
 * published at one moment are in no order.
 */
async function shownAt(node: TestNode, number: number): Promise<string[]> {
  const { inspections, penalties } = await node.dataCenter.getDisclosure({
    uscc: testUscc(number),
  });
  const lines = [...inspections, ...penalties].map(({ record }) => {
    const body = record?.body;
    const cited =
      body?.case === 'inspection' || body?.case === 'penalty' ? body.value.relatedLicenceNo : '?';
    return `${record?.envelope?.businessKey}:${cited}`;
  });
  return lines.sort();
}

describe('what went up before a licence that it cites became not public', () => {
  let trio: Trio;
  beforeAll(async () => {
    trio = await startTrio();
    await trio.zhejiang.registration.batchSubmitRegistrations({
      registrations: [1, 2, 3, 4].map((number) => validRegistration(CATALOGUE, { number })),
    });
    await eventually(() => trio.national.registration.getEnterprise({ uscc: testUscc(4) }));
  });
  afterAll(() => trio.stop());

  async function quiet(): Promise<void> {
    await eventually(async () => {
      const nodes = [trio.national, trio.zhejiang, trio.guangdong];
      expect(await onItsWay(nodes, { dead: true, recalls: true })).toEqual([]);
    });
  }

  const shown = (node: TestNode, number: number, lines: string[]): Promise<void> =>
    eventually(async () => {
      expect(await shownAt(node, number)).toEqual([...lines].sort());
    });

  it('D5 D7 is called back by a late mark and comes again without the citation', async () => {
    const { zhejiang, national } = trio;
    const secret = 'JY3330902700001';
    await zhejiang.exchange.batchSubmitRecords({
      records: [
        validLicence({ licNo: secret }),
        validInspection({ relatedLicenceNo: secret }),
        validPenalty({ publicityTo: '', relatedLicenceNo: secret }),
        validPenalty(
          { caseId: 'CASE-OTHER', publicityTo: '', relatedLicenceNo: 'JY3330902700009' },
          { envelope: { messageId: testMessageId(60, 1) } },
        ),
      ],
    });
    await shown(national, 1, [
      `INSP-1:${secret}`,
      `CASE-1:${secret}`,
      'CASE-OTHER:JY3330902700009',
    ]);
    await quiet();
    await zhejiang.exchange.setRecordPublicity({ change: validPublicityChange() });
    await shown(national, 1, ['INSP-1:', 'CASE-1:', 'CASE-OTHER:JY3330902700009']);
    await quiet();
    expect(await searchNode(national, secret)).toEqual([]);
    // Nothing else was touched, and nothing is sent once more.
    const withdrawn = await zhejiang.sql<{ key: string }>(
      `select m.business_key as key from deliveries d join messages m on m.seq = d.message_seq
        where d.action = 2 order by 1`,
    );
    expect(withdrawn.map((one) => one.key)).toEqual(['CASE-1', 'INSP-1', 'LIC-1']);
  });

  it('D5 is called back when the licence comes after what cites it, also each older version', async () => {
    const { zhejiang, national } = trio;
    const secret = 'JY3330902700002';
    const version = (relatedLicenceNo: string, recordVersion: bigint) =>
      validInspection(
        { relatedLicenceNo },
        {
          number: 2,
          envelope: { recordVersion, messageId: testMessageId(61, Number(recordVersion)) },
        },
      );
    await zhejiang.exchange.submitRecord({ record: version(secret, 1n) });
    await zhejiang.exchange.submitRecord({ record: version('', 2n) });
    await shown(national, 2, ['INSP-2:']);
    await quiet();
    expect(await searchNode(national, secret)).toEqual(['messages.payload']);
    await zhejiang.exchange.submitRecord({
      record: validLicence({ licNo: secret }, { number: 2, ...HIDDEN }),
    });
    await eventually(async () => {
      expect(await searchNode(national, secret)).toEqual([]);
    });
    await shown(national, 2, ['INSP-2:']);
    await quiet();
  });

  it('R52 D5 is called back from another province, which attributes it again', async () => {
    const { zhejiang, national, guangdong } = trio;
    const secret = 'JY4440000700003';
    const party = { counterpart: testCounterpart(3, { regOrg: '' }) };
    const here = { number: 3, envelope: { sourceNode: '440000' } };
    await guangdong.exchange.submitRecord({
      record: validInspection({ ...party, relatedLicenceNo: secret }, here),
    });
    for (const node of [zhejiang, national]) await shown(node, 3, [`INSP-3:${secret}`]);
    await quiet();
    await guangdong.exchange.submitRecord({
      record: validLicence({ ...party, licNo: secret }, { ...here, ...HIDDEN }),
    });
    for (const node of [zhejiang, national]) await shown(node, 3, ['INSP-3:']);
    await quiet();
    for (const node of [zhejiang, national]) expect(await searchNode(node, secret)).toEqual([]);
  });
});

describe('a licence that was marked under an earlier version of the program', () => {
  it('D5 its numbers are gathered after the start, and what cites it is called back', async () => {
    const env = { HUB_REGION: '330000' };
    const before = await startTestNode(env);
    const secret = 'JY3330902700005';
    await before.registration.submitRegistration({ registration: validRegistration(CATALOGUE) });
    await before.exchange.batchSubmitRecords({
      records: [
        validInspection({ relatedLicenceNo: secret }),
        validLicence({ licNo: secret }, HIDDEN),
        validLicence(
          { licNo: 'JY3330902700006' },
          { ...HIDDEN, envelope: { recordVersion: 2n, messageId: testMessageId(62, 1) } },
        ),
      ],
    });
    await before.sql('delete from hidden_numbers');
    await before.sql('delete from citations');
    await before.sql('delete from citation_recalls');
    await before.sql('update deliveries set attempts = 1, state = 2 where kind = 4');
    const { schema } = before;
    await before.stop();
    const after = await startTestNode({ ...env, HUB_DATABASE_SCHEMA: schema });
    await eventually(async () => {
      const rows = await after.sql(
        'select action, state from deliveries where kind = 4 order by id',
      );
      expect(rows).toEqual([
        { action: 1, state: 2 },
        { action: 2, state: 1 },
        { action: 1, state: 1 },
      ]);
    });
    await after.stop();
  });
});
