import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import {
  DeliveryAction,
  DeliveryOutcome,
  DeliverySchema,
  HopSchema,
  type Delivery,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { PublicityChangeSchema, RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import { admitDelivery } from '../../server/intake/admit-delivery.js';
import { Intake } from '../../server/intake/intake.js';
import { receive } from '../../server/services/exchange/reception.js';
import { validLicence, validPublicityChange } from '../support/builders.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { nodeContext, testSigner, validationAt } from '../support/intake.js';

const FROM_NATIONAL = { node: '100000', side: 'national' } as const;

function carry(
  kind: MessageKind,
  messageId: string,
  payload: Uint8Array,
  orderKey: string,
): Delivery {
  return create(DeliverySchema, {
    messageId,
    sourceNode: '330000',
    kind,
    action: DeliveryAction.CARRY,
    payload,
    digest: createHash('sha256').update(payload).digest(),
    orderKey,
  });
}

function licence(number: number, orderKey: string): Delivery {
  const record = validLicence({}, { number });
  const bytes = toBinary(RecordSchema, record);
  return carry(MessageKind.LICENCE, record.envelope!.messageId, bytes, orderKey);
}

/** The mark of a record that is not held here: refused, and not before the database is asked. */
function unknownRecord(number: number, orderKey: string): Delivery {
  const change = validPublicityChange({}, { number });
  const bytes = toBinary(PublicityChangeSchema, change);
  return carry(MessageKind.PUBLICITY_CHANGE, change.envelope!.messageId, bytes, orderKey);
}

describe('a refused delivery', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  it.each([
    { batches: 'one batch', batchSize: 50, number: 1 },
    { batches: 'several batches', batchSize: 1, number: 11 },
  ])(
    'D14 stops what follows of its enterprise in one call, in $batches',
    async ({ batchSize, number }) => {
      const log = pino({ level: 'silent' });
      const intake = new Intake({
        signer: testSigner(),
        knex: database.knex,
        log,
        wake: () => undefined,
        context: () => nodeContext(),
        limits: { connections: 2, batchSize, waiting: 100 },
      });
      const parts = { knex: database.knex, intake, log, validation: () => validationAt() };
      const deliveries = [
        unknownRecord(number + 5, 'a'),
        licence(number, 'a'),
        licence(number + 1, 'b'),
      ];
      const results = await receive(deliveries, FROM_NATIONAL, parts);
      expect(results.map((one) => [one.outcome, one.refusal?.reason])).toEqual([
        [DeliveryOutcome.RETRY, ErrorReason.BLOCKED_BY_EARLIER],
        [DeliveryOutcome.RETRY, ErrorReason.BLOCKED_BY_EARLIER],
        [DeliveryOutcome.ACCEPTED, undefined],
      ]);
      // In a call of its own it waits for nothing.
      const [again] = await receive([licence(number, 'a')], FROM_NATIONAL, parts);
      expect(again?.outcome).toBe(DeliveryOutcome.ACCEPTED);
      await intake.drained();
    },
  );

  it('is one whose path lacks a moment, as nobody could send it on', () => {
    const hops = [create(HopSchema, { node: '100000' })];
    const delivery = create(DeliverySchema, { ...licence(21, 'a'), hops });
    expect(() => admitDelivery(delivery, FROM_NATIONAL, validationAt(), Symbol('call'))).toThrow(
      expect.objectContaining({ reason: ErrorReason.UNDECODABLE }) as Error,
    );
  });
});
