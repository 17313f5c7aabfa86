import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import {
  DeliveryAction,
  DeliveryOutcome,
  DeliverySchema,
  type Delivery,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import {
  AUTHORITY,
  testMessageId,
  testUscc,
  validLicence,
  validRegistration,
} from '../support/builders.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

/**
 * What a province does with a licence: version 1 or 2 of it, or a withdrawal. That has an id of its own
 * when the mark changed, and the id of a version when it was that which was not public any more.
 */
type Step = 1 | 2 | 'withdraw' | 'withdraw 1' | 'withdraw 2';

function isWithdrawal(step: Step | undefined): boolean {
  return typeof step === 'string';
}

function messageIdOf(number: number, step: Step, revision: number): string {
  if (step === 'withdraw') return testMessageId(80 + revision, number);
  return testMessageId(70 + Number(String(step).slice(-1)), number);
}

function withPayload(kind: MessageKind, number: number, payload: Uint8Array, messageId: string) {
  const digest = createHash('sha256').update(payload).digest();
  const action = DeliveryAction.CARRY;
  return create(DeliverySchema, {
    ...{ kind, payload, messageId, digest, action, sourceNode: '330000' },
    orderKey: String(number),
  });
}

function registrationOf(number: number): Delivery {
  const event = validRegistration({ catalogVersion: '2019.12-prov' }, { number });
  const payload = toBinary(RegistrationEventSchema, event);
  return withPayload(MessageKind.REGISTRATION, number, payload, event.envelope!.messageId);
}

function deliveryOf(number: number, step: Step, revision: number): Delivery {
  const publicityRevision = BigInt(revision);
  const messageId = messageIdOf(number, step, revision);
  if (typeof step === 'string')
    return create(DeliverySchema, {
      messageId,
      sourceNode: '330000',
      kind: MessageKind.PUBLICITY_CHANGE,
      action: DeliveryAction.WITHDRAW,
      record: {
        kind: MessageKind.LICENCE,
        ownerOrg: AUTHORITY.code,
        businessKey: `LIC-${number}`,
      },
      publicityRevision,
    });
  const record = validLicence(
    { licItem: `第${step}版` },
    { number, envelope: { messageId, recordVersion: BigInt(step) } },
  );
  return {
    ...withPayload(MessageKind.LICENCE, number, toBinary(RecordSchema, record), messageId),
    publicityRevision,
    attribution: create(DeliverySchema, {
      attribution: { state: 2, uscc: testUscc(number), node: '330000', method: 'uscc+name' },
    }).attribution!,
  };
}

describe('withdrawals and what they withdraw, in one batch', () => {
  let national: TestNode;
  beforeAll(async () => {
    national = await startTestNode({ HUB_LEVEL: 'national' });
  });
  afterAll(() => national.stop());

  async function deliver(deliveries: Delivery[]): Promise<void> {
    const { results } = await national.exchange.deliver({
      fromNode: '330000',
      toNode: '100000',
      deliveries,
    });
    const taken = [DeliveryOutcome.ACCEPTED, DeliveryOutcome.DUPLICATE];
    for (const { outcome } of results) expect(taken).toContain(outcome);
  }

  /** What the node holds of a licence, and what it shows. */
  async function stateOf(number: number) {
    const messages = await national.sql<{ series: string; kept: boolean }>(
      `select left(message_id, 8) as series, payload is not null as kept, entity <> '' as entity,
              warnings from messages where business_key = ? order by message_id`,
      [`LIC-${number}`],
    );
    const records = await national.sql(
      `select state, non_public, record_version, publicity_revision, uscc is null as nobody
         from records where business_key = ?`,
      [`LIC-${number}`],
    );
    const { licences } = await national.dataCenter.getDisclosure({ uscc: testUscc(number) });
    const shown = licences.map((one) => (one.record?.body.value as { licItem: string }).licItem);
    return { messages, records, shown };
  }

  let number = 0;
  async function compare(steps: readonly Step[]): Promise<void> {
    number += 2;
    const [together, apart] = [number, number + 1];
    await deliver([registrationOf(together), registrationOf(apart)]);
    let revision = 0;
    const revisions = steps.map((step, index) => {
      // Each withdrawal, and the first carry after it, is a further change of the mark.
      if (isWithdrawal(step) || isWithdrawal(steps[index - 1])) revision += 1;
      return revision;
    });
    const all = (one: number): Delivery[] =>
      steps.map((step, index) => deliveryOf(one, step, revisions[index] ?? 0));
    await deliver(all(together));
    for (const one of all(apart)) await deliver([one]);
    expect(await stateOf(together)).toEqual(await stateOf(apart));
  }

  it('R55 D7 a licence that is carried again behind its withdrawal keeps its content', async () => {
    for (const steps of [
      ['withdraw', 1],
      [1, 'withdraw', 1],
      [1, 'withdraw', 1, 'withdraw'],
      ['withdraw', 1, 2],
    ] as const)
      await compare(steps);
    // The first of them, one apart from the other.
    expect((await stateOf(2)).shown).toEqual(['第1版']);
    expect((await stateOf(4)).shown).toEqual(['第1版']);
    expect((await stateOf(6)).shown).toEqual([]);
    expect((await stateOf(8)).shown).toEqual(['第2版']);
  });

  it('R55 D7 a version that was not public comes with the id of its withdrawal, and is taken', async () => {
    for (const steps of [
      [1, 'withdraw 2', 2],
      ['withdraw 1', 1],
      [1, 'withdraw 1', 1],
    ] as const)
      await compare(steps);
    expect((await stateOf(number)).shown).toEqual(['第1版']);
    expect((await stateOf(number - 4)).shown).toEqual(['第2版']);
  });

  it('R55 D7 a licence held already keeps it too, or loses it, as the last of the batch says', async () => {
    number += 2;
    await deliver([registrationOf(number), deliveryOf(number, 1, 0)]);
    await deliver([deliveryOf(number, 'withdraw', 1), deliveryOf(number, 1, 2)]);
    expect((await stateOf(number)).shown).toEqual(['第1版']);
    await deliver([deliveryOf(number, 'withdraw', 3)]);
    await deliver([deliveryOf(number, 1, 4), deliveryOf(number, 'withdraw', 5)]);
    expect(await stateOf(number)).toMatchObject({ shown: [], records: [{ state: 3 }] });
    expect((await stateOf(number)).messages.filter((message) => message.kept)).toEqual([]);
  });

  it('R55 D7 all at once or one after the other: the national node ends with the same', async () => {
    const steps = fc.array(fc.constantFrom<Step>(1, 2, 'withdraw', 'withdraw 1', 'withdraw 2'), {
      minLength: 1,
      maxLength: 6,
    });
    await fc.assert(fc.asyncProperty(steps, compare), { numRuns: 40 });
  });
});
