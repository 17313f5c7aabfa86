import { createHash } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessageKind, NamingState } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { DeliveryAction, DeliveryOutcome } from '#gen/zhengzhao/v1/exchange_pb.js';
import { RecordSchema, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import {
  AUTHORITY,
  testCounterpart,
  testMessageId,
  testUscc,
  validLicence,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { eventually, startTrio, type TestNode, type Trio } from '../support/nodes.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
const SAMR = '11100000MB0143028R';

let trio: Trio;
beforeAll(async () => {
  trio = await startTrio();
  await trio.zhejiang.registration.batchSubmitRegistrations({
    registrations: [1, 2, 3, 4].map((number) => validRegistration(CATALOGUE, { number })),
  });
});
afterAll(() => trio.stop());

const licence = (number: number): Record => validLicence({}, { number });

/** A licence of the national level about an enterprise of 330000. */
const nationalLicence = (number: number, nonPublic = false): Record =>
  validLicence(
    {
      counterpart: testCounterpart(number, { regOrg: '330902' }),
      licAuthorityCode: SAMR,
      licAuthorityName: '国家市场监督管理总局',
    },
    {
      number,
      nonPublic,
      nonPublicBasis: nonPublic ? '涉及商业秘密' : '',
      envelope: { sourceNode: '100000', sourceOrg: SAMR },
    },
  );

async function licencesAt(node: TestNode, number: number): Promise<string[]> {
  const { licences } = await node.dataCenter.getDisclosure({ uscc: testUscc(number) });
  return licences.map((one) => one.record?.envelope?.businessKey ?? '');
}

interface Said {
  readonly rule?: string;
  readonly revision?: bigint;
  readonly redacted?: boolean;
  readonly attributedBy?: string;
}

/** A record as a province hands it over. */
function carried(record: Record, said: Said = {}) {
  const payload = toBinary(RecordSchema, record);
  const { messageId = '', sourceNode = '' } = record.envelope ?? {};
  return {
    messageId,
    sourceNode,
    kind: MessageKind.LICENCE,
    action: DeliveryAction.CARRY,
    rule: said.rule ?? 'UP-NAMED',
    payload,
    digest: createHash('sha256').update(payload).digest(),
    redacted: said.redacted ?? false,
    publicityRevision: said.revision ?? 0n,
    ...(said.attributedBy !== undefined && {
      attribution: {
        state: NamingState.NAMED,
        uscc: testUscc(1),
        node: said.attributedBy,
        method: 'uscc+name',
      },
    }),
  };
}

function withdrawal(number: number, ownerOrg: string, sourceNode: string, said: Said = {}) {
  return {
    messageId: testMessageId(70, number),
    sourceNode,
    kind: MessageKind.PUBLICITY_CHANGE,
    action: DeliveryAction.WITHDRAW,
    rule: said.rule ?? 'UP-HELD-BACK',
    publicityRevision: said.revision ?? 1n,
    record: { kind: MessageKind.LICENCE, ownerOrg, businessKey: `LIC-${number}` },
  };
}

type Sent = ReturnType<typeof carried> | ReturnType<typeof withdrawal>;

async function say(fromNode: string, ...deliveries: Sent[]) {
  const { results } = await trio.national.exchange.deliver({
    fromNode,
    toNode: '100000',
    deliveries,
  });
  return results.map(({ outcome, refusal }) => [outcome, refusal?.reason]);
}

const NOT_BELIEVED = [DeliveryOutcome.REFUSED, ErrorReason.WRONG_NODE];

describe('what the national node believes of a province', () => {
  it('D7 a province withdraws no record of another one, however high its revision', async () => {
    const { zhejiang, national } = trio;
    await zhejiang.exchange.submitRecord({ record: licence(1) });
    await eventually(async () => {
      expect(await licencesAt(national, 1)).toEqual(['LIC-1']);
    });
    for (const revision of [1n, 2n ** 40n])
      expect(await say('440000', withdrawal(1, AUTHORITY.code, '440000', { revision }))).toEqual([
        NOT_BELIEVED,
      ]);
    expect(
      await say('330000', withdrawal(1, AUTHORITY.code, '330000', { revision: 2n ** 53n - 1n })),
    ).toEqual([[DeliveryOutcome.REFUSED, ErrorReason.UNDECODABLE]]);
    expect(await licencesAt(national, 1)).toEqual(['LIC-1']);
  });

  it('D7 a withdrawal of what has not come yet holds against its sender, not against the province that has it', async () => {
    const { zhejiang, national } = trio;
    expect(
      await say('440000', withdrawal(2, AUTHORITY.code, '440000', { revision: 2n ** 40n })),
    ).toEqual([[DeliveryOutcome.ACCEPTED, undefined]]);
    await zhejiang.exchange.submitRecord({ record: licence(2) });
    await eventually(async () => {
      expect(await licencesAt(national, 2)).toEqual(['LIC-2']);
    });
    // Its own withdrawal that overtakes it holds.
    expect(await say('330000', withdrawal(900, AUTHORITY.code, '330000'))).toEqual([
      [DeliveryOutcome.ACCEPTED, undefined],
    ]);
    await say('330000', carried(licence(900)));
    expect(await national.sql("select state from records where business_key = 'LIC-900'")).toEqual([
      { state: 3 },
    ]);
  });

  it('D5 the mark of a national record is neither set nor cleared by a province that has not got it', async () => {
    const { national, zhejiang } = trio;
    await national.exchange.submitRecord({ record: nationalLicence(3) });
    await eventually(async () => {
      expect(await licencesAt(national, 3)).toEqual(['LIC-3']);
    });
    expect(await say('440000', withdrawal(3, SAMR, '440000'))).toEqual([NOT_BELIEVED]);
    expect(await licencesAt(national, 3)).toEqual(['LIC-3']);

    await national.exchange.setRecordPublicity({
      change: validPublicityChange(
        { record: { kind: MessageKind.LICENCE, ownerOrg: SAMR, businessKey: 'LIC-3' } },
        { number: 3, envelope: { sourceNode: '100000', sourceOrg: SAMR } },
      ),
    });
    await eventually(async () => {
      expect(await licencesAt(zhejiang, 3)).toEqual([]);
    });
    const cleared = { redacted: true, revision: 9n };
    const from = (node: string) => carried(nationalLicence(3), { ...cleared, attributedBy: node });
    expect(await say('440000', from('440000'))).toEqual([NOT_BELIEVED]);
    // Nor by the one that has it: only the authority clears it, where it reported the record.
    await say('330000', from('330000'));
    for (const node of [national, zhejiang]) expect(await licencesAt(node, 3)).toEqual([]);
    expect(
      await national.sql("select non_public from records where business_key = 'LIC-3'"),
    ).toEqual([{ non_public: true }]);
  });

  it('D2 R29 a province says only what it attributed itself', async () => {
    const record = validLicence({}, { number: 901, envelope: { sourceNode: '440000' } });
    expect(await say('440000', carried(record, { attributedBy: '330000' }))).toEqual([
      NOT_BELIEVED,
    ]);
    expect(await say('440000', carried(record, { attributedBy: '440000' }))).toEqual([
      [DeliveryOutcome.ACCEPTED, undefined],
    ]);
  });

  it('R18 a registration is reported by its own node and by the province of its authority', async () => {
    const registration = (number: number, sourceNode: string) => {
      const event = validRegistration(CATALOGUE, { number, envelope: { sourceNode } });
      const payload = toBinary(RegistrationEventSchema, event);
      return {
        ...carried(licence(number)),
        messageId: event.envelope?.messageId ?? '',
        sourceNode,
        kind: MessageKind.REGISTRATION,
        payload,
        digest: createHash('sha256').update(payload).digest(),
      };
    };
    expect(await say('440000', registration(902, '330000'))).toEqual([NOT_BELIEVED]);
    expect(await say('440000', registration(903, '440000'))).toEqual([NOT_BELIEVED]);
    expect(await say('330000', registration(904, '330000'))).toEqual([
      [DeliveryOutcome.ACCEPTED, undefined],
    ]);
  });

  it('F21 nothing is given back to a node that was never restored', async () => {
    const { national, zhejiang } = trio;
    const record = nationalLicence(905);
    expect(await say('440000', carried(record, { rule: 'GIVEN-BACK' }))).toEqual([NOT_BELIEVED]);
    expect(await say('440000', withdrawal(4, SAMR, '100000', { rule: 'GIVEN-BACK' }))).toEqual([
      NOT_BELIEVED,
    ]);
    const { results } = await zhejiang.exchange.deliver({
      fromNode: '100000',
      toNode: '330000',
      deliveries: [carried(licence(906), { rule: 'GIVEN-BACK' })],
    });
    expect(results.map(({ refusal }) => refusal?.reason)).toEqual([ErrorReason.WRONG_NODE]);
    for (const node of [national, zhejiang])
      expect(
        await node.sql("select 1 from records where business_key in ('LIC-905', 'LIC-906')"),
      ).toEqual([]);
  });
});
