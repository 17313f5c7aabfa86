import { createHash } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { admitRegistration } from '../../server/intake/admission.js';
import { admitDelivery } from '../../server/intake/admit-delivery.js';
import { Intake } from '../../server/intake/intake.js';
import type { IntakeResult, Submission } from '../../server/intake/submission.js';
import { receive } from '../../server/services/exchange/reception.js';
import {
  testMessageId,
  testUscc,
  validChange,
  validLicence,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
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

/** One after the other or all together, on two connections. */
const BATCHES = [
  { batches: 'one batch', batchSize: 50 },
  { batches: 'several batches', batchSize: 1 },
] as const;

describe('registrations of a client, in one call', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await freshDatabase();
  });
  afterEach(() => database.drop());

  /** `fullFor`: how often there is no room, before there is. */
  function open(batchSize: number, fullFor = 0): Intake {
    let asked = 0;
    return new Intake({
      signer: testSigner(),
      knex: database.knex,
      log: pino({ level: 'silent' }),
      wake: () => undefined,
      context: () => nodeContext(),
      // One at a time where room is counted: it is the first event that there is none for.
      limits: { connections: fullFor > 0 ? 1 : 2, batchSize, waiting: 100 },
      backlog: {
        isFull: false,
        limits: { total: Infinity, perDestination: Infinity },
        hasFullDestination: true,
        isFullFor: () => (asked += 1) <= fullFor,
        opened: () => undefined,
      },
    });
  }

  const call = (events: readonly RegistrationEvent[]): Submission[] => {
    const symbol = Symbol('call');
    return events.map((event) => admitRegistration(event, validationAt()).submission(symbol));
  };
  const change = (businessKey: string, message: number): RegistrationEvent =>
    validChange({}, { envelope: { businessKey, messageId: testMessageId(5, message) } });
  const told = (results: readonly IntakeResult[]): (ErrorReason | 'taken')[] =>
    results.map((one) => (one.ok ? 'taken' : one.error.reason));
  /** Business key of the current event. */
  async function current(): Promise<string | undefined> {
    const { rows } = await database.knex.raw<{ rows: { key: string }[] }>(
      `select m.business_key as key from enterprises e join messages m on m.seq = e.message_seq
        where e.uscc = ?`,
      [testUscc(1)],
    );
    return rows[0]?.key;
  }

  it.each(BATCHES)(
    'D14 wait for one of their enterprise that there is no room for, in $batches',
    async ({ batchSize }) => {
      const intake = open(batchSize, 1);
      const other = validRegistration({}, { number: 2 });
      const events = [validRegistration(), other, change('P-2', 2), change('P-3', 3)];
      const results = await intake.accept(call(events));
      const { BACKLOG_FULL, BLOCKED_BY_EARLIER } = ErrorReason;
      expect(told(results)).toEqual([
        ...[BACKLOG_FULL, 'taken'],
        ...[BLOCKED_BY_EARLIER, BLOCKED_BY_EARLIER],
      ]);
      for (const one of results)
        if (!one.ok) expect(one.error.details.retryAfterMs).toBeGreaterThan(0);
      // What waits is not among what was refused.
      expect(await database.knex('refusals')).toEqual([]);
      const again = events.filter((event) => event !== other);
      expect(told(await intake.accept(call(again)))).toEqual(['taken', 'taken', 'taken']);
      expect(await current()).toBe('P-3');
    },
  );

  it.each(['57P01', '40001'])('D14 wait for one of their enterprise that met %s', async (state) => {
    const { knex } = database;
    const intake = open(1);
    await intake.accept(call([validRegistration()]));
    await knex.raw(`
        create function fail() returns trigger language plpgsql as
          $$ begin raise exception 'away' using errcode = '${state}'; end $$;
        create trigger fail before insert on messages for each row
          when (new.business_key = 'P-2') execute function fail();`);
    const events = [change('P-2', 2), change('P-3', 3)];
    // Of an outage the call as a whole is told.
    const results = await intake.accept(call(events)).catch(() => []);
    await intake.drained();
    const { UNAVAILABLE, BLOCKED_BY_EARLIER } = ErrorReason;
    expect(told(results)).toEqual(state === '57P01' ? [] : [UNAVAILABLE, BLOCKED_BY_EARLIER]);
    expect(await knex('messages')).toHaveLength(1);
    await knex.raw('drop trigger fail on messages');
    expect(told(await intake.accept(call(events)))).toEqual(['taken', 'taken']);
    expect(await current()).toBe('P-3');
  });

  it.each(BATCHES)(
    'D13 do not wait for one that was refused for good, in $batches',
    async ({ batchSize }) => {
      const results = await open(batchSize).accept(call([change('P-2', 2), validRegistration()]));
      expect(told(results)).toEqual([ErrorReason.ENTITY_NOT_FOUND, 'taken']);
    },
  );
});

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
