import { createHash } from 'node:crypto';
import { toBinary, type DescMessage } from '@bufbuild/protobuf';
import { timestampNow } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryAction, DeliveryOutcome } from '#gen/zhengzhao/v1/exchange_pb.js';
import { RecordSchema, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import {
  RegistrationEventSchema,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import {
  testMessageId,
  testUscc,
  validInspection,
  validLicence,
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
import { withUnknown } from '../support/unknown-field.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
const FROM_GUANGDONG = { sourceNode: '440000' };

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** A record as Guangdong, of a later version, reports it. */
function fromGuangdong(record: Record, kind: MessageKind) {
  const payload = toBinary(RecordSchema, record);
  return {
    messageId: record.envelope!.messageId,
    sourceNode: '440000',
    kind,
    action: DeliveryAction.CARRY,
    payload,
    digest: sha256(payload),
    hops: [{ node: '440000', acceptedAt: timestampNow() }],
  };
}

/** Makes of a stored message what a version that took unknown fields would have stored. */
async function storeAsBefore(
  node: TestNode,
  type: DescMessage,
  message: Record | RegistrationEvent,
): Promise<void> {
  const payload = Buffer.from(toBinary(type, message));
  await node.sql('update messages set payload = ?, digest = ? where message_id = ?', [
    payload,
    sha256(payload),
    message.envelope?.messageId,
  ]);
}

async function quiet(...nodes: readonly TestNode[]): Promise<void> {
  await eventually(async () => {
    expect(await onItsWay(nodes, { dead: true, recalls: true })).toEqual([]);
  });
}

describe('fields of a later contract, from node to node', () => {
  let trio: Trio;
  beforeAll(async () => {
    trio = await startTrio();
    await trio.zhejiang.registration.batchSubmitRegistrations({
      registrations: [validRegistration(CATALOGUE)],
    });
    await eventually(() => trio.national.registration.getEnterprise({ uscc: testUscc(1) }));
  });
  afterAll(() => trio.stop());

  /** The national node takes it, Zhejiang gets and attributes it, and reports it. */
  async function travel(record: Record, kind: MessageKind): Promise<void> {
    const { results } = await trio.national.exchange.deliver({
      fromNode: '440000',
      toNode: '100000',
      deliveries: [fromGuangdong(record, kind)],
    });
    expect(results.map(({ outcome }) => outcome)).toEqual([DeliveryOutcome.ACCEPTED]);
    await eventually(async () => {
      const rows = await trio.national.sql('select 1 from records where kind = ? and naming = 2', [
        kind,
      ]);
      expect(rows).toHaveLength(1);
    });
    await quiet(trio.national, trio.zhejiang);
  }

  it('R29 R52 go up, come down, are attributed and go back up as they came: the node above knows them', async () => {
    const { zhejiang, national } = trio;
    const text = '后续版本的字段甲';
    const record = validLicence(
      { licId: 'LIC-N1' },
      { envelope: { ...FROM_GUANGDONG, messageId: testMessageId(90, 1) } },
    );
    await travel(withUnknown(record, text), MessageKind.LICENCE);
    for (const node of [zhejiang, national])
      expect(await searchNode(node, text)).toEqual(['messages.payload']);
    expect(await zhejiang.sql('select 1 from sent_copies')).toEqual([]);
    const { licences } = await national.dataCenter.getDisclosure({ uscc: testUscc(1) });
    expect(licences.map((one) => one.record?.envelope?.businessKey)).toEqual(['LIC-N1']);
  });

  it('D5 D7 are not in the copy that replaces what an earlier version sent up', async () => {
    const { zhejiang, national } = trio;
    const secret = 'JY3330902700201';
    const record = validInspection({ relatedLicenceNo: secret });
    await zhejiang.exchange.submitRecord({ record });
    const shown = async (cited: string) => {
      const { inspections } = await national.dataCenter.getDisclosure({ uscc: testUscc(1) });
      expect(inspections.map((one) => one.record?.body.value)).toMatchObject([
        { relatedLicenceNo: cited },
      ]);
    };
    await eventually(() => shown(secret));
    await quiet(zhejiang, national);
    withUnknown(record, `另引 ${secret}`);
    for (const node of [zhejiang, national]) await storeAsBefore(node, RecordSchema, record);
    await zhejiang.exchange.submitRecord({
      record: validLicence(
        { licId: 'LIC-HIDDEN', licNo: secret },
        {
          nonPublic: true,
          nonPublicBasis: '涉及商业秘密',
          envelope: { messageId: testMessageId(90, 4) },
        },
      ),
    });
    await eventually(() => shown(''));
    await quiet(zhejiang, national);
    expect(await searchNode(national, secret)).toEqual([]);
    expect(await searchNode(zhejiang, secret)).toContain('messages.payload');
  });
});

describe('what a client sent in unknown fields to an earlier version, which took it', () => {
  it('R55 stays in the province when the message goes up', async () => {
    const text = '旧版本收下的内容丙';
    const port = await freePort();
    const province = await startTestNode({
      HUB_REGION: '330000',
      HUB_UPSTREAM_URL: `http://127.0.0.1:${port}`,
    });
    const registration = validRegistration(CATALOGUE);
    const record = validLicence();
    const inspection = validInspection();
    await province.registration.submitRegistration({ registration });
    await province.exchange.batchSubmitRecords({ records: [record, inspection] });
    withUnknown(registration.permitItems[0], text);
    await storeAsBefore(province, RegistrationEventSchema, registration);
    if (record.body.case === 'licence') withUnknown(record.body.value, text);
    await storeAsBefore(province, RecordSchema, record);
    withUnknown(inspection, text);
    await storeAsBefore(province, RecordSchema, inspection);

    const national = await startTestNode({ HUB_LEVEL: 'national', HUB_PORT: String(port) });
    await eventually(async () => {
      await province.sql(
        'update deliveries set next_attempt_at = null where state = 1 and last_reason <> 0',
      );
      const shown = await national.dataCenter.getDisclosure({ uscc: testUscc(1) });
      expect([shown.licences.length, shown.inspections.length]).toEqual([1, 1]);
      expect(await province.sql('select id from deliveries where state in (1, 3)')).toEqual([]);
    });
    expect(await searchNode(national, text)).toEqual([]);
    expect(await searchNode(province, text)).toEqual(['messages.payload']);
    const { registration: held } = await national.dataCenter.getDisclosure({ uscc: testUscc(1) });
    expect(held?.permitItems).toHaveLength(registration.permitItems.length);
    await Promise.all([province.stop(), national.stop()]);
  });
});
