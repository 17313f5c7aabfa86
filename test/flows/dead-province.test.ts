import { createHash } from 'node:crypto';
import { toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessageKind, type Envelope } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { DeliveryAction, DeliveryOutcome } from '#gen/zhengzhao/v1/exchange_pb.js';
import { RecordSchema, type Record } from '#gen/zhengzhao/v1/record_pb.js';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import {
  testCounterpart,
  testMessageId,
  testUscc,
  validLicence,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';

const NATIONAL = '100000';
const SAMR = '11100000MB0143028R';
const DEAD = '330000';
const LIVE = '440000';
const COUNTY: Readonly<{ [province: string]: string }> = { [DEAD]: '330902', [LIVE]: '440106' };
const THIRD = '530000';
const SHARE = 5;

/** Enterprises 1 to 40 are of the dead province, 41 to 80 of the other. */
function numbersOf(province: string): number[] {
  return Array.from({ length: 40 }, (_, index) => index + (province === DEAD ? 1 : 41));
}

function registration(number: number, province: string): Outgoing {
  const county = COUNTY[province] ?? '';
  const event = validRegistration(
    { regOrg: county, domDistrict: county },
    { number, envelope: { sourceNode: province } },
  );
  const payload = toBinary(RegistrationEventSchema, event);
  return { kind: MessageKind.REGISTRATION, envelope: event.envelope!, payload };
}

/** A licence of a province's own authority for the enterprise of a number. */
function licence(number: number): Outgoing {
  const record = validLicence(
    { counterpart: testCounterpart(number) },
    { number, envelope: { sourceNode: THIRD } },
  );
  const payload = toBinary(RecordSchema, record);
  return { kind: MessageKind.LICENCE, envelope: record.envelope!, payload };
}

interface Outgoing {
  readonly kind: MessageKind;
  readonly envelope: Envelope;
  readonly payload: Uint8Array;
}

/** A licence of the national level for the enterprise of a number. */
function nationalLicence(number: number): Record {
  return validLicence(
    {
      licAuthorityCode: SAMR,
      licAuthorityName: '国家市场监督管理总局',
      counterpart: testCounterpart(number, { regOrg: '' }),
    },
    { number, envelope: { sourceNode: NATIONAL, sourceOrg: SAMR } },
  );
}

describe('a province that is dead for long', () => {
  let national: TestNode;
  beforeAll(async () => {
    national = await startTestNode({
      HUB_LEVEL: 'national',
      HUB_NODES: `${DEAD}=http://127.0.0.1:${await freePort()}`,
      HUB_BACKLOG_PER_NODE: String(SHARE),
    });
    for (const province of [DEAD, LIVE])
      await deliver(
        province,
        numbersOf(province).map((number) => registration(number, province)),
      );
    for (let number = 1; number <= SHARE + 1; number += 1)
      await national.exchange.submitRecord({ record: nationalLicence(number) });
  });
  afterAll(() => national.stop());

  const submit = (number: number) =>
    national.exchange.submitRecord({ record: nationalLicence(number) });

  /** What a province sends up. */
  async function deliver(fromNode: string, messages: readonly Outgoing[]) {
    const deliveries = messages.map(({ kind, envelope, payload }) => ({
      messageId: envelope.messageId,
      sourceNode: fromNode,
      kind,
      action: DeliveryAction.CARRY,
      orderKey: envelope.messageId,
      payload,
      digest: createHash('sha256').update(payload).digest(),
    }));
    const { results } = await national.exchange.deliver({
      fromNode,
      toNode: NATIONAL,
      deliveries,
    });
    return results;
  }

  it('fills its own share of the backlog and no other; its senders are told when to come again', async () => {
    // A count that began before the last was committed does not know it: one more may be taken meanwhile.
    let number = SHARE + 1;
    await eventually(async () => {
      number += 1;
      await expect(submit(number)).rejects.toMatchObject({
        codeName: 'RESOURCE_EXHAUSTED',
        reason: 'BACKLOG_FULL',
        retryAfterMs: 10_000,
        metadata: { destination: DEAD },
      });
    });
    // Of those that were taken; at most one count is under way at a time.
    expect(number).toBeLessThanOrEqual(SHARE + 3);
    for (const live of [41, 42, 43]) expect((await submit(live)).receipt?.duplicate).toBe(false);
  });

  it('D13 spoils nothing for the others of a batch', async () => {
    const { results } = await national.exchange.batchSubmitRecords({
      records: [21, 46, 22].map(nationalLicence),
    });
    expect(results.map((one) => one.outcome.case)).toEqual(['refusal', 'receipt', 'refusal']);
    const [first] = results;
    expect(first?.outcome).toMatchObject({
      value: { reason: ErrorReason.BACKLOG_FULL, retryAfterMs: 10_000n },
    });
    // Nothing of a refused one is there: no message, no record.
    const held = await national.sql<{ n: number }>(
      'select count(*) as n from records where uscc = any(?)',
      [[21, 22].map(testUscc)],
    );
    expect(Number(held[0]?.n)).toBe(0);
  });

  it('keeps what other provinces have for it waiting at them, and takes the rest', async () => {
    const results = await deliver(THIRD, [licence(30), licence(50)]);
    expect(results.map((one) => one.outcome)).toEqual([
      DeliveryOutcome.RETRY,
      DeliveryOutcome.ACCEPTED,
    ]);
    expect(results[0]?.refusal).toMatchObject({
      reason: ErrorReason.BACKLOG_FULL,
      retryAfterMs: 10_000n,
    });
    const logged = await national.sql<{ n: number }>('select count(*) as n from refusals');
    expect(Number(logged[0]?.n)).toBe(0);
  });

  it('R55 D7 learns of a mark even then: what is not public never waits for room', async () => {
    const record = nationalLicence(1);
    const change = validPublicityChange(
      {
        record: {
          kind: MessageKind.LICENCE,
          ownerOrg: SAMR,
          businessKey: record.envelope!.businessKey,
        },
        nonPublic: true,
        basis: '涉及商业秘密',
      },
      { number: 1, envelope: { sourceNode: NATIONAL, sourceOrg: SAMR } },
    );
    const { receipt } = await national.exchange.setRecordPublicity({ change });
    expect(receipt?.receiptNo).not.toBe('');
    const open = await national.sql<{ kind: number }>(
      'select kind from deliveries where destination = ? and kind = ? and state = 1',
      [DEAD, MessageKind.PUBLICITY_CHANGE],
    );
    expect(open).toHaveLength(1);
  });

  it('R55 D7 learns of a mark that a version carries, and no new record passes with one', async () => {
    const hidden = (number: number): Record => {
      const record = nationalLicence(number);
      record.envelope!.messageId = testMessageId(71, number);
      record.envelope!.recordVersion = 2n;
      return { ...record, nonPublic: true, nonPublicBasis: '涉及商业秘密' };
    };
    const records = [hidden(2), hidden(23)];
    const { results } = await national.exchange.batchSubmitRecords({ records });
    expect(results.map((one) => one.outcome.case)).toEqual(['receipt', 'refusal']);
    const marked = await national.sql(
      `select d.destination from deliveries d join messages m on m.seq = d.message_seq
        where m.message_id = ? and d.state = 1`,
      [testMessageId(71, 2)],
    );
    expect(marked).toEqual([{ destination: DEAD }]);
  });

  it('takes new messages for it again as soon as it has worked off some of its share', async () => {
    await eventually(async () => {
      // Each time: an attempt that ends at this moment may be in its way.
      await national.sql('update deliveries set state = 2 where destination = ?', [DEAD]);
      expect((await submit(20)).receipt?.receiptNo).not.toBe('');
    });
  });
});
