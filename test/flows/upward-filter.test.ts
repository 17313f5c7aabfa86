import { createHash } from 'node:crypto';
import { Writable } from 'node:stream';
import { toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { DeliveryAction, DeliveryOutcome, DeliveryState } from '#gen/zhengzhao/v1/exchange_pb.js';
import { RecordSchema, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import { civilDateIn } from '../../server/domain/identifiers/civil-date.js';
import { createLog } from '../../server/log.js';
import {
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

function delivery(record: Record, revision = 0n) {
  const payload = toBinary(RecordSchema, record);
  return {
    messageId: record.envelope!.messageId,
    sourceNode: record.envelope!.sourceNode,
    kind: MessageKind.LICENCE,
    action: DeliveryAction.CARRY,
    payload,
    digest: createHash('sha256').update(payload).digest(),
    publicityRevision: revision,
  };
}

async function licencesAt(node: TestNode, number: number): Promise<string[]> {
  const { licences } = await node.dataCenter.getDisclosure({ uscc: testUscc(number) });
  return licences.map((one) => one.record?.envelope?.businessKey ?? '');
}

describe('the upward filter over three nodes', () => {
  let trio: Trio;
  beforeAll(async () => {
    trio = await startTrio();
    await trio.zhejiang.registration.batchSubmitRegistrations({
      registrations: [1, 2, 3, 4, 5, 6].map((number) => validRegistration(CATALOGUE, { number })),
    });
  });
  afterAll(() => trio.stop());

  async function quiet(): Promise<void> {
    await eventually(async () => {
      expect(await onItsWay([trio.national, trio.zhejiang, trio.guangdong])).toEqual([]);
    });
  }

  it('R55 VR24 refuses at the national door what is not public, and keeps nothing of it', async () => {
    const { national } = trio;
    const record = validLicence({ licItem: '绝密内容丙' }, { number: 600, ...HIDDEN });
    const { results } = await national.exchange.deliver({
      fromNode: '330000',
      toNode: '100000',
      deliveries: [delivery(record)],
    });
    expect(results[0]?.outcome).toBe(DeliveryOutcome.REFUSED);
    expect(results[0]?.refusal?.reason).toBe(ErrorReason.NON_PUBLIC_UPWARD);
    // Who is refused does not wait for the note of it.
    await eventually(async () => {
      const { refusals } = await national.dataCenter.getExchangeReport({
        fromDate: civilDateIn(Date.now() - 86_400_000),
      });
      expect(refusals).toContainEqual(
        expect.objectContaining({ reason: 'NON_PUBLIC_UPWARD', count: 1n }),
      );
    });
    expect(await searchNode(national, '绝密内容丙')).toEqual([]);
    expect(await searchNode(national, 'LIC-600')).toEqual([]);
    expect(await searchNode(national, record.envelope!.messageId)).toEqual([]);
  });

  it('R18 R52 takes deliveries only from a node with a link, meant for this one', async () => {
    const ask = (node: TestNode, fromNode: string, toNode: string) =>
      node.exchange.deliver({
        fromNode,
        toNode,
        deliveries: [delivery(validLicence({}, { number: 601 }))],
      });
    await expect(ask(trio.zhejiang, '440000', '330000')).rejects.toMatchObject({
      reason: 'WRONG_NODE',
    });
    await expect(ask(trio.national, '330000', '440000')).rejects.toMatchObject({
      reason: 'WRONG_NODE',
    });
    await expect(ask(trio.national, '999999', '100000')).rejects.toMatchObject({
      reason: 'WRONG_NODE',
    });
    expect(await searchNode(trio.national, 'LIC-601')).toEqual([]);
  });

  it('R55 D7 an older delivery that arrives after the withdrawal brings nothing back', async () => {
    const { zhejiang, national } = trio;
    const record = validLicence({ licItem: '迟到的秘密' }, { number: 1 });
    await zhejiang.exchange.submitRecord({ record });
    await eventually(async () => {
      expect(await licencesAt(national, 1)).toEqual(['LIC-1']);
    });
    await zhejiang.exchange.setRecordPublicity({ change: validPublicityChange({}, { number: 1 }) });
    await eventually(async () => {
      expect(await searchNode(national, '迟到的秘密')).toEqual([]);
    });
    const { results } = await national.exchange.deliver({
      fromNode: '330000',
      toNode: '100000',
      deliveries: [delivery(record)],
    });
    expect(results[0]?.outcome).toBe(DeliveryOutcome.DUPLICATE);
    expect(await searchNode(national, '迟到的秘密')).toEqual([]);
    expect(await licencesAt(national, 1)).toEqual([]);
  });

  it('R55 a new version that carries the mark takes the public ones back; one without it does not clear it', async () => {
    const { zhejiang, national } = trio;
    const version = (number: bigint, options = {}) =>
      validLicence(
        { licItem: `第${number}版内容` },
        {
          number: 2,
          envelope: { messageId: testMessageId(20, Number(number)), recordVersion: number },
          ...options,
        },
      );
    await zhejiang.exchange.submitRecord({ record: version(1n) });
    await eventually(async () => {
      expect(await licencesAt(national, 2)).toEqual(['LIC-2']);
    });
    await zhejiang.exchange.submitRecord({ record: version(2n, HIDDEN) });
    await eventually(async () => {
      expect(await searchNode(national, '第1版内容')).toEqual([]);
    });
    const { warnings } = await zhejiang.exchange.submitRecord({ record: version(3n) });
    expect(warnings.map((one) => one.code)).toContain('STILL_NOT_PUBLIC');
    await quiet();
    for (const text of ['第1版内容', '第2版内容', '第3版内容'])
      expect(await searchNode(national, text)).toEqual([]);
    expect(await licencesAt(zhejiang, 2)).toEqual([]);

    await zhejiang.exchange.setRecordPublicity({
      change: validPublicityChange(
        { nonPublic: false },
        { number: 2, envelope: { messageId: testMessageId(21, 2), recordVersion: 1n } },
      ),
    });
    await eventually(async () => {
      expect(await licencesAt(national, 2)).toEqual(['LIC-2']);
      expect(await searchNode(national, '第3版内容')).toEqual(['messages.payload']);
    });
  });

  it('R55 a record marked in its own content goes up without the mark once it is cleared', async () => {
    const { zhejiang, national } = trio;
    await zhejiang.exchange.submitRecord({ record: validLicence({}, { number: 3, ...HIDDEN }) });
    await zhejiang.exchange.setRecordPublicity({
      change: validPublicityChange({ nonPublic: false }, { number: 3 }),
    });
    await eventually(async () => {
      expect(await licencesAt(national, 3)).toEqual(['LIC-3']);
    });
    expect(await searchNode(national, HIDDEN.nonPublicBasis)).toEqual([]);
  });

  it('D5 blanks the citation of a licence that is not public in what goes up', async () => {
    const { zhejiang, national } = trio;
    const secretNo = 'JY3330902000004';
    await zhejiang.exchange.submitRecord({
      record: validLicence({ licNo: secretNo }, { number: 4, ...HIDDEN }),
    });
    await zhejiang.exchange.batchSubmitRecords({
      records: [
        validInspection({ relatedLicenceNo: secretNo }, { number: 4 }),
        validPenalty(
          {
            publicityTo: '',
            penTypes: ['1', '5'],
            penContent: '警告；暂扣许可证',
            fineFen: 0n,
            licenceNameNo: `食品经营许可证 ${secretNo}`,
          },
          { number: 4 },
        ),
      ],
    });
    await eventually(async () => {
      const shown = await national.dataCenter.getDisclosure({ uscc: testUscc(4) });
      expect([shown.inspections.length, shown.penalties.length]).toEqual([1, 1]);
    });
    expect(await searchNode(national, secretNo)).toEqual([]);
    expect(await searchNode(zhejiang, secretNo)).toContain('messages.payload');
  });

  it('R54 F20 a national record marked late is unpublished at both levels, and published again when cleared', async () => {
    const { zhejiang, national } = trio;
    const samr = '11100000MB0143028R';
    const record = validLicence(
      { licId: 'LIC-N5', licAuthorityCode: samr, licAuthorityName: '国家市场监督管理总局' },
      { number: 5, envelope: { sourceNode: '100000', sourceOrg: samr } },
    );
    const change = (nonPublic: boolean, version: bigint) =>
      validPublicityChange(
        { nonPublic, record: { kind: MessageKind.LICENCE, ownerOrg: samr, businessKey: 'LIC-N5' } },
        {
          number: 5,
          envelope: {
            messageId: testMessageId(22, Number(version)),
            businessKey: 'LIC-N5',
            recordVersion: version,
            sourceNode: '100000',
            sourceOrg: samr,
          },
        },
      );
    const shownAtBoth = async (ids: string[]): Promise<void> => {
      await eventually(async () => {
        expect(await licencesAt(national, 5)).toEqual(ids);
        expect(await licencesAt(zhejiang, 5)).toEqual(ids);
      });
    };
    await national.exchange.submitRecord({ record });
    await shownAtBoth(['LIC-N5']);
    await national.exchange.setRecordPublicity({ change: change(true, 1n) });
    await shownAtBoth([]);
    await national.exchange.setRecordPublicity({ change: change(false, 2n) });
    await shownAtBoth(['LIC-N5']);
  });

  it('R55 a dead letter that became not public is held back, not replayed', async () => {
    const { zhejiang, national } = trio;
    const record = validLicence({ licItem: '死信里的秘密' }, { number: 6 });
    await zhejiang.exchange.submitRecord({ record });
    await quiet();
    await zhejiang.sql(
      `update deliveries set state = 3 where destination = '100000' and message_seq =
         (select seq from messages where message_id = ?)`,
      [record.envelope!.messageId],
    );
    await national.sql("delete from messages where business_key = 'LIC-6'");
    await national.sql("delete from records where business_key = 'LIC-6'");
    await zhejiang.exchange.setRecordPublicity({ change: validPublicityChange({}, { number: 6 }) });
    const retried = await zhejiang.exchange.retryDeliveries({
      destination: '100000',
      requestedBy: '值班员',
    });
    expect(retried.reopened).toBe(0);
    await quiet();
    expect(await searchNode(national, '死信里的秘密')).toEqual([]);
  });
});

describe('the second gate', () => {
  it('R55 a mark set while a delivery waits keeps it from ever leaving, and nothing is withdrawn', async () => {
    const province = await startTestNode({ HUB_REGION: '330000' });
    await province.registration.submitRegistration({ registration: validRegistration(CATALOGUE) });
    await province.exchange.submitRecord({ record: validLicence() });
    await province.exchange.setRecordPublicity({ change: validPublicityChange() });
    const { deliveries } = await province.exchange.listDeliveries({});
    const licence = deliveries.filter((one) => one.kind === MessageKind.LICENCE);
    expect(licence.every((one) => one.state === DeliveryState.HELD_BACK)).toBe(true);
    expect(licence.every((one) => one.action === DeliveryAction.CARRY)).toBe(true);
    await province.stop();
  });

  it('R55 D3 a record that is held back before its enterprise is known is noted as such once', async () => {
    const province = await startTestNode({ HUB_REGION: '330000' });
    await province.exchange.submitRecord({ record: validLicence({}, HIDDEN) });
    const heldBack = async (): Promise<[string, DeliveryState][]> => {
      const { deliveries } = await province.exchange.listDeliveries({});
      return deliveries
        .filter((one) => one.kind === MessageKind.LICENCE)
        .map((one) => [one.destination, one.state]);
    };
    const once = [['100000', DeliveryState.HELD_BACK]];
    expect(await heldBack()).toEqual(once);
    await province.registration.submitRegistration({ registration: validRegistration(CATALOGUE) });
    const [named] = await province.sql('select uscc, naming from records');
    expect(named).toMatchObject({ uscc: testUscc(1) });
    expect(await heldBack()).toEqual(once);
    await province.stop();
  });

  it('R55 holds back at send even what was opened by mistake', async () => {
    const port = await freePort();
    const province = await startTestNode({
      HUB_REGION: '330000',
      HUB_UPSTREAM_URL: `http://127.0.0.1:${port}`,
    });
    await province.registration.submitRegistration({ registration: validRegistration(CATALOGUE) });
    await province.exchange.submitRecord({
      record: validLicence({ licItem: '误开的投递' }, HIDDEN),
    });
    await province.sql('update deliveries set state = 1, settled_at = null where kind = 2');
    const national = await startTestNode({ HUB_LEVEL: 'national', HUB_PORT: String(port) });
    await eventually(async () => {
      await province.sql(
        'update deliveries set next_attempt_at = null where state = 1 and last_reason <> 0',
      );
      expect(await province.sql('select 1 from deliveries where state = 1')).toEqual([]);
    });
    const [row] = await province.sql<{ state: number }>(
      'select state from deliveries where kind = 2',
    );
    expect(row?.state).toBe(DeliveryState.HELD_BACK);
    expect(await searchNode(national, '误开的投递')).toEqual([]);
    await Promise.all([province.stop(), national.stop()]);
  });

  it('R55 refuses a basis without the mark, and lets none of those up that an earlier version took', async () => {
    const port = await freePort();
    const province = await startTestNode({
      HUB_REGION: '330000',
      HUB_UPSTREAM_URL: `http://127.0.0.1:${port}`,
    });
    await province.registration.submitRegistration({ registration: validRegistration(CATALOGUE) });
    const record = validLicence({}, { nonPublicBasis: '忘了标记的依据' });
    const { results } = await province.exchange.batchSubmitRecords({ records: [record] });
    expect(results[0]?.outcome).toMatchObject({
      case: 'refusal',
      value: { findings: [{ rule: 'R55', field: 'non_public_basis', code: 'BASIS_WITHOUT_MARK' }] },
    });
    await province.exchange.submitRecord({ record: validLicence() });
    const payload = Buffer.from(toBinary(RecordSchema, record));
    await province.sql('update messages set payload = ?, digest = ? where message_id = ?', [
      payload,
      createHash('sha256').update(payload).digest(),
      record.envelope?.messageId,
    ]);
    const national = await startTestNode({ HUB_LEVEL: 'national', HUB_PORT: String(port) });
    await eventually(async () => {
      await province.sql(
        'update deliveries set next_attempt_at = null where state = 1 and last_reason <> 0',
      );
      expect(await licencesAt(national, 1)).toEqual(['LIC-1']);
    });
    expect(await searchNode(national, '忘了标记的依据')).toEqual([]);
    expect(await searchNode(province, '忘了标记的依据')).toEqual(['messages.payload']);
    await Promise.all([province.stop(), national.stop()]);
  });

  it('R54 writes the alarm of the national door without any content', async () => {
    let written = '';
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString();
        done();
      },
    });
    const log = createLog('debug', '100000', sink);
    const national = await startTestNode({ HUB_LEVEL: 'national' }, log);
    const record = validLicence({ licItem: '绝密内容丁' }, { number: 7, ...HIDDEN });
    await national.exchange.deliver({
      fromNode: '330000',
      toNode: '100000',
      deliveries: [delivery(record)],
    });
    await national.stop();
    expect(written).toContain('VR24');
    for (const secret of ['绝密内容丁', 'LIC-7', testUscc(7), record.envelope!.messageId])
      expect(written).not.toContain(secret);
  });
});
