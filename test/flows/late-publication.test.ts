import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { civilDateIn } from '../../server/domain/identifiers/civil-date.js';
import {
  testMessageId,
  validChange,
  validFiling,
  validInspection,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { eventually, freePort, startTrio, type Trio } from '../support/nodes.js';
import { onItsWay } from '../support/on-its-way.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
const HIDDEN = { nonPublic: true, nonPublicBasis: '涉及商业秘密' };
const CODE = 'PUBLISHED_LATE';

/** The records of the builders are of 2019: at the national node each of them is years late. */
describe('what the national node publishes late', () => {
  let trio: Trio;
  let metricsPort: number;
  beforeAll(async () => {
    metricsPort = await freePort();
    trio = await startTrio('', { nationalEnv: { HUB_METRICS: `127.0.0.1:${metricsPort}` } });
    await trio.zhejiang.registration.batchSubmitRegistrations({
      registrations: [1, 2, 3, 4, 5, 6].map((number) => validRegistration(CATALOGUE, { number })),
    });
    await quiet();
  });
  afterAll(() => trio.stop());

  async function quiet(): Promise<void> {
    await eventually(async () => {
      expect(await onItsWay([trio.national, trio.zhejiang, trio.guangdong])).toEqual([]);
    });
  }

  const warnedAt = async (messageId: string, sourceNode = '330000') => {
    const { warnings } = await trio.national.exchange.getMessage({ messageId, sourceNode });
    return warnings.filter(({ code }) => code === CODE).map(({ rule, field }) => [rule, field]);
  };
  const counted = async (node = trio.national): Promise<Record<string, bigint>> => {
    // Since yesterday: at midnight the report of a day begins anew.
    const { latePublications } = await node.dataCenter.getExchangeReport({
      fromDate: civilDateIn(Date.now() - 86_400_000),
    });
    return Object.fromEntries(
      latePublications.map(({ province, kind, count }) => [
        `${province} ${MessageKind[kind]}`,
        count,
      ]),
    );
  };

  it('VR31 R17 R38 warns of a record of every class that is published more than 20 working days after it was formed', async () => {
    const { zhejiang } = trio;
    const today = civilDateIn(Date.now());
    const intime = validLicence(
      { licId: 'LIC-NOW', decisionDate: today, valFrom: today, valTo: '', longTerm: true },
      { envelope: { messageId: testMessageId(70, 1) } },
    );
    const records = [validLicence(), validFiling(), validInspection(), validPenalty(), intime];
    const { results } = await zhejiang.exchange.batchSubmitRecords({ records });
    expect(results.map(({ outcome }) => outcome.case)).toEqual(records.map(() => 'receipt'));
    await quiet();
    expect(await warnedAt(testMessageId(4, 1))).toEqual([['VR31', 'licence.decision_date']]);
    expect(await warnedAt(testMessageId(5, 1))).toEqual([['VR31', 'filing.filing_date']]);
    expect(await warnedAt(testMessageId(6, 1))).toEqual([['VR31', 'inspection.insp_date']]);
    expect(await warnedAt(testMessageId(7, 1))).toEqual([['VR31', 'penalty.dec_date']]);
    expect(await warnedAt(testMessageId(70, 1))).toEqual([]);
    expect(await counted()).toEqual({
      '330000 REGISTRATION': 6n,
      '330000 LICENCE': 1n,
      '330000 FILING': 1n,
      '330000 INSPECTION': 1n,
      '330000 PENALTY': 1n,
    });
    // It is the national publicity that has the twenty days.
    expect(await counted(zhejiang)).toEqual({});
    const { warnings } = await zhejiang.exchange.getMessage({
      messageId: testMessageId(4, 1),
      sourceNode: '330000',
    });
    expect(warnings.map(({ code }) => code)).not.toContain(CODE);
  });

  it('VR31 R17 R34 warns of a registration that is published more than 20 working days after its approval', async () => {
    const { zhejiang } = trio;
    const before = (await counted())['330000 REGISTRATION'] ?? 0n;
    const today = civilDateIn(Date.now());
    await zhejiang.registration.batchSubmitRegistrations({
      registrations: [
        validRegistration({ ...CATALOGUE, apprDate: today }, { number: 40 }),
        validRegistration(CATALOGUE, { number: 41 }),
        // It corrects the one before, and is not shown for the first time.
        validRegistration(
          { ...CATALOGUE, lerep: '欧阳海' },
          { number: 41, envelope: { messageId: testMessageId(73, 41), recordVersion: 2n } },
        ),
        // A change is an event of its own, also where all events have one key.
        validChange(
          { ...CATALOGUE, apprDate: '2019-12-19' },
          { number: 41, envelope: { messageId: testMessageId(74, 41), recordVersion: 3n } },
        ),
        // What comes too late to be shown is history.
        validChange(
          { ...CATALOGUE, apprDate: '2019-12-18' },
          { number: 41, envelope: { messageId: testMessageId(75, 41), businessKey: 'PAST' } },
        ),
      ],
    });
    await quiet();
    expect(await warnedAt(testMessageId(1, 40))).toEqual([]);
    expect(await warnedAt(testMessageId(1, 41))).toEqual([['VR31', 'appr_date']]);
    expect(await warnedAt(testMessageId(73, 41))).toEqual([]);
    expect(await warnedAt(testMessageId(74, 41))).toEqual([['VR31', 'appr_date']]);
    expect(await warnedAt(testMessageId(75, 41))).toEqual([]);
    expect((await counted())['330000 REGISTRATION']).toBe(before + 2n);
    const told = await zhejiang.exchange.getMessage({
      messageId: testMessageId(1, 41),
      sourceNode: '330000',
    });
    expect(told.warnings.map(({ code }) => code)).not.toContain(CODE);
  });

  it('VR31 R38 counts a national record for the province that attributed it, once', async () => {
    const { national } = trio;
    const before = (await counted())['330000 INSPECTION'] ?? 0n;
    const messageId = testMessageId(71, 1);
    const record = validInspection(
      { inspId: 'INSP-HQ' },
      { number: 2, envelope: { messageId, sourceNode: '100000' } },
    );
    const { receipt } = await national.exchange.submitRecord({ record });
    await quiet();
    expect(await warnedAt(messageId, '100000')).toEqual([['VR31', 'inspection.insp_date']]);
    expect((await counted())['330000 INSPECTION']).toBe(before + 1n);
    // The receipt stays what it was, and the sender is not judged by how long the others took.
    const again = await national.exchange.submitRecord({ record });
    expect(again.receipt).toEqual({ ...receipt!, duplicate: true });
    expect(again.warnings).toEqual([]);
    const { senders } = await national.dataCenter.getExchangeReport({});
    expect(senders.flatMap(({ quality }) => quality)).toEqual([]);
  });

  it('VR31 says nothing of a later version', async () => {
    const messageId = testMessageId(72, 1);
    const first = validPenalty({}, { number: 3 });
    await trio.zhejiang.exchange.submitRecord({ record: first });
    await quiet();
    const before = await counted();
    const later = validPenalty({}, { number: 3, envelope: { messageId, recordVersion: 2n } });
    await trio.zhejiang.exchange.submitRecord({ record: later });
    await quiet();
    expect(await warnedAt(messageId)).toEqual([]);
    expect(await counted()).toEqual(before);
  });

  it('VR31 R55 never counts what is not public, was not before, or is not any more', async () => {
    const { zhejiang, national } = trio;
    const before = await counted();
    await zhejiang.exchange.submitRecord({ record: validLicence({}, { number: 4, ...HIDDEN }) });
    await quiet();
    expect(await counted()).toEqual(before);

    await zhejiang.exchange.setRecordPublicity({
      change: validPublicityChange({ nonPublic: false }, { number: 4 }),
    });
    await quiet();
    const [held] = await national.sql<{ published: boolean }>(
      `select published_at is not null as published from records where business_key = 'LIC-4'`,
    );
    expect(held).toEqual({ published: true });
    expect(await warnedAt(testMessageId(4, 4))).toEqual([]);
    expect(await counted()).toEqual(before);

    await zhejiang.exchange.submitRecord({ record: validLicence({}, { number: 5 }) });
    await quiet();
    expect(await counted()).not.toEqual(before);
    await zhejiang.exchange.setRecordPublicity({ change: validPublicityChange({}, { number: 5 }) });
    await quiet();
    expect(await counted()).toEqual(before);
  });

  it('VR31 is counted by province and class in the metrics, and no other node is told', async () => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    expect(text).toMatch(/^hub_published_late_total\{province="330000",kind="FILING"\} 1$/m);
    const messageId = testMessageId(4, 1);
    const { steps } = await trio.national.exchange.getMessage({ messageId, sourceNode: '330000' });
    expect(steps[0]?.textEn).toContain(', 0 warning(s)');
  });
});
