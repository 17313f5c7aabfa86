import { createHash } from 'node:crypto';
import { create, fromBinary } from '@bufbuild/protobuf';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Effect, MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import {
  DeliveryAction,
  DeliveryOutcome,
  DeliveryResultSchema,
  type Delivery,
  type DeliveryResult,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { RecordSchema } from '#gen/zhengzhao/v1/record_pb.js';
import { Breaker } from '../../server/delivery/breaker.js';
import { settlementOf } from '../../server/delivery/link.js';
import { deliverLane, type LaneWorkerParts } from '../../server/delivery/lane-worker.js';
import { LANES_IN_USE } from '../../server/domain/lane.js';
import { MAX_REQUEST_BYTES } from '../../server/doors/door.js';
import { MESSAGE_BYTES } from '../../server/intake/admission.js';
import { countInFlight, fetchedDeliveries } from '../../server/storage/claims-under-way.js';
import { lockNames, recordKeyName } from '../../server/storage/node-locks.js';
import { claimDeliveries, type ClaimedDelivery } from '../../server/storage/delivery-claims.js';
import { reopenDeliveries } from '../../server/storage/delivery-desk.js';
import { settleDeliveries } from '../../server/storage/delivery-outcomes.js';
import { dueLanes } from '../../server/storage/open-deliveries.js';
import { reopenWindow } from '../../server/storage/peer-restorations.js';
import { reopenAcknowledged } from '../../server/storage/reconciliations.js';
import { findRecords, upsertRecords } from '../../server/storage/records.js';
import {
  testCounterpart,
  testMessageId,
  testUscc,
  validChange,
  validLicence,
  validPenalty,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { heldTransaction } from '../support/database.js';
import { tend } from '../support/history.js';
import { eventually } from '../support/nodes.js';
import { openDataCenter, type TestDataCenter } from '../support/data-center.js';
import { LONGER_THAN_A_TEST_MS } from '../support/patience.js';

const NATIONAL = '100000';
const HIDDEN = { nonPublic: true, nonPublicBasis: '涉及商业秘密' };
/** What was claimed stays so, however slow the machine is. */
const LEASE_MS = LONGER_THAN_A_TEST_MS;

interface StoredDelivery {
  readonly entity: string;
  readonly state: number;
  readonly attempts: number;
  readonly last_reason: number;
}

describe('a lane', () => {
  let centre: TestDataCenter;
  const sent: string[][] = [];
  beforeEach(async () => {
    centre = await openDataCenter();
    sent.length = 0;
  });
  afterEach(() => centre.close());

  function answer(outcome: DeliveryOutcome): DeliveryResult {
    return create(DeliveryResultSchema, { outcome, refusal: { reason: ErrorReason.UNDECODABLE } });
  }

  /** Works every due lane once, with a far node that judges each delivery. */
  async function work(
    judge: (delivery: Delivery) => DeliveryOutcome,
    overrides: Partial<LaneWorkerParts> = {},
  ): Promise<void> {
    const parts: LaneWorkerParts = {
      knex: centre.knex,
      log: pino({ level: 'silent' }),
      node: '330000',
      nationalNode: NATIONAL,
      random: () => 0,
      // No time passes: else a slow machine would try a far node again that could not be reached.
      breaker: new Breaker(
        () => 0,
        () => 0,
      ),
      limits: { batchSize: 50, batchBytes: 1_000_000, leaseMs: LEASE_MS, batchesPerTurn: 10 },
      linkTo: () => ({
        deliver: (deliveries) => {
          sent.push(deliveries.map((one) => one.messageId));
          return Promise.resolve(deliveries.map((one) => answer(judge(one))));
        },
      }),
      ...overrides,
    };
    for (const lane of await dueLanes(centre.knex, [NATIONAL], LANES_IN_USE))
      await deliverLane(lane, parts);
  }

  async function stored(): Promise<StoredDelivery[]> {
    const { rows } = await centre.knex.raw<{ rows: StoredDelivery[] }>(
      `select entity, state, attempts, last_reason from deliveries where destination = ? order by id`,
      [NATIONAL],
    );
    return rows;
  }

  const ACCEPTED = DeliveryOutcome.ACCEPTED;

  it('D14 sends nothing more of an enterprise in the next call when the one before was refused', async () => {
    await centre.register(validRegistration({}, { number: 1 }));
    await centre.register(validChange({}, { number: 1 }));
    const refuseFirst = (): DeliveryOutcome =>
      sent.flat().length === 1 ? DeliveryOutcome.REFUSED : ACCEPTED;
    // So small that each delivery is a call of its own.
    const limits = { batchSize: 50, batchBytes: 600, leaseMs: LEASE_MS, batchesPerTurn: 10 };
    await work(refuseFirst, { limits });
    expect(sent).toHaveLength(1);
    expect((await stored()).map((one) => one.state)).toEqual([3, 1]);
  });

  it('D14 sends nothing more of an enterprise in the next call when another worker has what stands before', async () => {
    await centre.register(...[2, 1].map((number) => validRegistration({}, { number })));
    await centre.register(validChange({}, { number: 1 }));
    await centre.knex.raw('update deliveries set lane = 0');
    const claimedAnew = (deliveries: readonly Delivery[]) => {
      sent.push(deliveries.map((one) => one.messageId));
      return centre.knex
        .raw(
          `update deliveries set attempts = attempts + 1
            where id = (select min(id) from deliveries where entity = ?)`,
          [testUscc(1)],
        )
        .then(() => deliveries.map(() => answer(ACCEPTED)));
    };
    await work(() => ACCEPTED, {
      // So small that each delivery is a call of its own.
      limits: { batchSize: 50, batchBytes: 600, leaseMs: LEASE_MS, batchesPerTurn: 1 },
      linkTo: () => ({ deliver: claimedAnew }),
    });
    expect(sent).toHaveLength(1);
    expect((await stored()).map((one) => one.state)).toEqual([2, 1, 1]);
  });

  it('D14 content that the sender itself can not read stops its own enterprise and nobody else', async () => {
    await centre.register(...[1, 2].map((number) => validRegistration({}, { number })));
    for (const number of [1, 2]) await centre.record(validLicence({}, { number, ...HIDDEN }));
    for (const number of [1, 2])
      await centre.mark(validPublicityChange({ nonPublic: false }, { number }));
    await centre.knex.raw(`update messages set payload = '\\xffff' where kind = 2 and entity = ?`, [
      testUscc(1),
    ]);
    await centre.knex.raw('update deliveries set lane = 0');
    await work(() => ACCEPTED);
    const open = (await stored()).filter((one) => one.state !== 2 && one.state !== 4);
    expect(open).toEqual([
      expect.objectContaining({
        entity: testUscc(1),
        state: 3,
        last_reason: ErrorReason.UNDECODABLE,
      }),
    ]);
  });

  it('D13 D14 what no call can carry is a dead letter, and its neighbours go', async () => {
    await centre.register(...[1, 2].map((number) => validRegistration({}, { number })));
    await centre.register(validChange({}, { number: 1 }));
    // As a version before the limit of one message accepted it.
    await centre.knex.raw(
      `update messages set payload = convert_to(repeat('x', ?), 'UTF8')
        where kind = ${MessageKind.REGISTRATION} and seq = (select min(seq) from messages)`,
      [MAX_REQUEST_BYTES - 100],
    );
    await centre.knex.raw('update deliveries set lane = 0');
    const judge = (delivery: Delivery): DeliveryOutcome => {
      expect(delivery.payload.length).toBeLessThan(MESSAGE_BYTES);
      return ACCEPTED;
    };
    await work(judge);
    expect(await stored()).toMatchObject([
      { entity: testUscc(1), state: 3, last_reason: ErrorReason.VALIDATION_FAILED },
      { entity: testUscc(2), state: 2 },
      { entity: testUscc(1), state: 1 },
    ]);
  });

  it('D14 two workers that claim at the same moment do not overtake each other', async () => {
    const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
    await centre.register(...numbers.map((number) => validRegistration({}, { number })));
    await centre.register(...numbers.map((number) => validChange({}, { number })));
    await centre.knex.raw('update deliveries set lane = 0');
    const lane = { destination: NATIONAL, lane: 0 };
    const claims = await Promise.all(
      [1, 2, 3, 4].map(() => claimDeliveries(centre.knex, lane, { count: 7, leaseMs: LEASE_MS })),
    );
    for (const entity of numbers.map(testUscc)) {
      const takers = claims.filter((claim) => claim.some((one) => one.entity === entity));
      expect(takers.length).toBeLessThanOrEqual(1);
    }
  });

  it('D14 what an earlier version put into another lane goes before what follows it', async () => {
    await centre.register(validRegistration({}, { number: 1 }));
    await centre.register(validChange({}, { number: 1 }));
    await centre.knex.raw('update deliveries set lane = 0');
    await centre.knex.raw(
      'update deliveries set lane = ? where id = (select min(id) from deliveries)',
      [LANES_IN_USE - 1],
    );
    const claim = (lane: number): Promise<ClaimedDelivery[]> =>
      claimDeliveries(
        centre.knex,
        { destination: NATIONAL, lane },
        { count: 9, leaseMs: LEASE_MS },
      );
    expect(await claim(0)).toEqual([]);
    const earlier = await claim(LANES_IN_USE - 1);
    expect(earlier).toHaveLength(1);
    expect(await claim(0)).toEqual([]);
    await settleDeliveries(
      centre.knex,
      earlier.map(({ id }) => ({ id, state: 'acknowledged', effect: 1, naming: 0 })),
    );
    expect(await claim(0)).toHaveLength(1);
  });

  it('D14 to a node that pulls goes one of each enterprise at a time, and a retry takes no room', async () => {
    const lane = { destination: NATIONAL, lane: 0 };
    const limits = { count: 10, leaseMs: LEASE_MS, onePerEntity: true };
    await centre.register(...[1, 2].map((number) => validRegistration({}, { number })));
    await centre.register(...[1, 2].map((number) => validChange({}, { number })));
    await centre.knex.raw('update deliveries set lane = 0');
    const first = await claimDeliveries(centre.knex, lane, limits);
    expect(first.map((one) => one.entity)).toEqual([1, 2].map(testUscc));
    expect(await claimDeliveries(centre.knex, lane, limits)).toEqual([]);
    expect(await countInFlight(centre.knex, NATIONAL)).toBe(2);

    const [one, other] = first.map(({ id }) => id);
    await settleDeliveries(centre.knex, [
      {
        id: one ?? 0,
        attempts: 1,
        state: 'retry',
        reason: ErrorReason.UNAVAILABLE,
        error: '',
        delayMs: 60_000,
      },
      { id: other ?? 0, state: 'acknowledged', effect: 1, naming: 0 },
    ]);
    expect(await countInFlight(centre.knex, NATIONAL)).toBe(0);
    const second = await claimDeliveries(centre.knex, lane, limits);
    expect(second.map((next) => next.entity)).toEqual([testUscc(2)]);
  });

  it('D14 shares a claim between what is old and what is fresh, each enterprise still in order', async () => {
    const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
    await centre.register(...numbers.map((number) => validRegistration({}, { number })));
    // The newest of all, of an enterprise that waits already: it may not overtake.
    await centre.register(validChange({}, { number: 3 }));
    await centre.knex.raw('update deliveries set lane = 0');
    const lane = { destination: NATIONAL, lane: 0 };
    const claim = async (): Promise<string[]> => {
      const claimed = await claimDeliveries(centre.knex, lane, { count: 4, leaseMs: LEASE_MS });
      await settleDeliveries(
        centre.knex,
        claimed.map(({ id }) => ({ id, state: 'acknowledged', effect: 1, naming: 0 })),
      );
      return claimed.map((one) => one.entity);
    };
    const claims = [await claim(), await claim(), await claim(), await claim()];
    expect(claims).toEqual([
      [1, 2, 11, 12].map(testUscc),
      [3, 4, 9, 10].map(testUscc),
      // Now nothing of it waits any more, so it counts as fresh.
      [5, 6, 7, 3].map(testUscc),
      [8].map(testUscc),
    ]);
  });

  it('D14 only the last attempt can fail a delivery, and any can have succeeded', async () => {
    await centre.register(...[1, 2, 3].map((number) => validRegistration({}, { number })));
    await centre.knex.raw('update deliveries set lane = 0');
    const lane = { destination: NATIONAL, lane: 0 };
    // The lease of the first attempt is over at once.
    const first = await claimDeliveries(centre.knex, lane, { count: 3, leaseMs: 0 });
    const second = await claimDeliveries(centre.knex, lane, { count: 3, leaseMs: LEASE_MS });
    expect(second.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
    const [one, two, three] = first.map(({ id, attempts }) => ({ id, attempts }));
    const { UNDECODABLE, UNAVAILABLE } = ErrorReason;
    const settled = await settleDeliveries(centre.knex, [
      { ...one!, state: 'dead', reason: UNDECODABLE, error: 'late' },
      { ...two!, state: 'retry', reason: UNAVAILABLE, error: 'late', delayMs: 0 },
      { id: three!.id, state: 'acknowledged', effect: 1, naming: 0 },
    ]);
    expect(settled).toHaveLength(1);
    expect((await stored()).map(({ state }) => state)).toEqual([1, 1, 2]);
    // The second attempt still holds what it claimed.
    expect(await claimDeliveries(centre.knex, lane, { count: 3, leaseMs: 0 })).toEqual([]);
    await settleDeliveries(centre.knex, [
      { ...second[0]!, state: 'dead', reason: UNDECODABLE, error: '' },
    ]);
    expect((await stored()).map(({ state }) => state)).toEqual([3, 1, 2]);
  });

  describe('a record that was sent on to another region', () => {
    /** Waits in the work list, and its delivery goes up by UP-OTHER-REGION. */
    const record = () => validLicence({ counterpart: testCounterpart(1, { regOrg: '440305' }) });
    const APPLIED = Effect.APPLIED;
    const takeAll: LaneWorkerParts['linkTo'] = () => ({
      deliver: (deliveries) =>
        Promise.resolve(
          deliveries.map(() =>
            create(DeliveryResultSchema, { outcome: ACCEPTED, effect: APPLIED }),
          ),
        ),
    });

    async function waiting(): Promise<number> {
      const { rows } = await centre.knex.raw<{ rows: unknown[] }>(
        'select 1 from records where waiting_since is not null and naming_reason <> 0',
      );
      return rows.length;
    }

    it('R29 R52 leaves the work list with its delivery or not at all', async () => {
      await centre.record(record());
      expect(await waiting()).toBe(1);
      await centre.knex.raw(`
        create function fail() returns trigger language plpgsql as
          $$ begin raise exception 'killed'; end $$;
        create trigger fail before update on records for each row execute function fail();`);
      await expect(work(() => ACCEPTED, { linkTo: takeAll })).rejects.toThrow('killed');
      await centre.knex.raw('drop trigger fail on records');
      expect((await stored()).map(({ state }) => state)).toEqual([1]);
      await centre.knex.raw('update deliveries set next_attempt_at = null');
      await work(() => ACCEPTED, { linkTo: takeAll });
      expect((await stored()).map(({ state }) => state)).toEqual([2]);
      expect(await waiting()).toBe(0);
    });

    it('R29 R52 leaves the work list although it is written anew at the same moment', async () => {
      const [accepted] = await centre.record(record());
      const { key, entity } = accepted!.record!;
      const { knex } = centre;
      // As the accept path does: locks, a look, and the whole state written back.
      const other = await heldTransaction(knex);
      await lockNames(other, [recordKeyName(key), entity]);
      const before = await findRecords(other, [key], []);
      const working = work(() => ACCEPTED, { linkTo: takeAll });
      await eventually(async () => {
        const { rows } = await knex.raw<{ rows: unknown[] }>(
          `select 1 from pg_locks l join pg_stat_activity a using (pid)
            where l.locktype = 'advisory' and not l.granted
              and a.application_name = 'zhengzhao-hub/' || current_schema()`,
        );
        expect(rows).toHaveLength(1);
      });
      await upsertRecords(other, before, centre.nowMs);
      await other.commit();
      await working;
      expect(await waiting()).toBe(0);
    });

    it('R29 R55 stays in the work list when it was called back while it was on its way', async () => {
      await centre.record(record());
      const linkTo: LaneWorkerParts['linkTo'] = () => ({
        deliver: async (deliveries) => {
          await centre.mark(validPublicityChange({}, { number: 1 }));
          return takeAll('')!.deliver(deliveries);
        },
      });
      await work(() => ACCEPTED, { linkTo });
      expect((await stored()).map(({ state }) => state)).toContain(4);
      expect(await waiting()).toBe(1);
    });
  });

  it('R55 what is marked while an earlier call of its claim is made does not leave any more', async () => {
    await centre.register(...[1, 2, 3].map((number) => validRegistration({}, { number })));
    await centre.knex.raw('update deliveries set state = 2');
    const records = [1, 2, 3].map((number) => validLicence({}, { number }));
    await centre.record(...records);
    await centre.knex.raw('update deliveries set lane = 0');
    const linkTo: LaneWorkerParts['linkTo'] = () => ({
      deliver: async (deliveries) => {
        if (sent.length === 0) await centre.mark(validPublicityChange({}, { number: 2 }));
        sent.push(deliveries.map((one) => one.messageId));
        return deliveries.map(() => answer(ACCEPTED));
      },
    });
    // So small that each delivery is a call of its own.
    const limits = { batchSize: 50, batchBytes: 600, leaseMs: LEASE_MS, batchesPerTurn: 10 };
    await work(() => ACCEPTED, { limits, linkTo });
    const [one, two, three] = records.map(({ envelope }) => envelope?.messageId);
    expect(sent.flat()).toEqual([one, three]);
    expect(sent.flat()).not.toContain(two);
    expect((await stored()).map(({ state }) => state)).toEqual([2, 2, 2, 2, 4, 2, 1, 4]);
  });

  it('D5 a licence that is marked while an earlier call of its claim is made is not cited by a later one', async () => {
    await centre.register(...[1, 2, 3].map((number) => validRegistration({}, { number })));
    const licences = [1, 2, 3].map((number) => validLicence({}, { number }));
    await centre.record(...licences);
    await centre.knex.raw('update deliveries set state = 2');
    const numbers = licences.map(({ body }) => (body.case === 'licence' ? body.value.licNo : ''));
    await centre.record(
      ...numbers.map((relatedLicenceNo, index) =>
        validPenalty({ relatedLicenceNo }, { number: index + 1 }),
      ),
    );
    await centre.knex.raw('update deliveries set lane = 0');
    const cited: string[] = [];
    const digests: boolean[] = [];
    const linkTo: LaneWorkerParts['linkTo'] = () => ({
      deliver: async (deliveries) => {
        if (cited.length === 0) await centre.mark(validPublicityChange({}, { number: 2 }));
        for (const { payload, digest } of deliveries) {
          const { body } = fromBinary(RecordSchema, payload);
          cited.push(body.case === 'penalty' ? body.value.relatedLicenceNo : '?');
          digests.push(createHash('sha256').update(payload).digest().equals(digest));
        }
        return deliveries.map(() => answer(ACCEPTED));
      },
    });
    // So small that each delivery is a call of its own.
    const limits = { batchSize: 50, batchBytes: 600, leaseMs: LEASE_MS, batchesPerTurn: 1 };
    await work(() => ACCEPTED, { limits, linkTo });
    expect(cited).toEqual([numbers[0], '', numbers[2]]);
    // By the digest of the original the number could be found out by trying.
    expect(digests).toEqual([true, true, true]);
  });

  /** Puts all into one lane, and answers a claim of it as the actions and enterprises that it took. */
  async function claimInOneLane(count: number): Promise<ClaimedDelivery[]> {
    await centre.knex.raw('update deliveries set lane = 0');
    return claimDeliveries(
      centre.knex,
      { destination: NATIONAL, lane: 0 },
      { count, leaseMs: LEASE_MS },
    );
  }

  it.each([
    [
      'waits after a failed attempt',
      "next_attempt_at = now() + interval '5 minutes', last_reason = 12",
    ],
    ['is in flight', "next_attempt_at = now() + interval '5 minutes', last_reason = 0"],
    ['is a dead letter', 'state = 3'],
  ])(
    'R55 F20 a withdrawal passes what %s of its enterprise, and goes before a backlog',
    async (_, how) => {
      await centre.register(validRegistration({}, { number: 1 }));
      await centre.record(validLicence({}, { number: 1 }));
      await centre.knex.raw('update deliveries set state = 2, attempts = 1');
      await centre.register(validChange({}, { number: 1 }));
      await centre.knex.raw(`update deliveries set attempts = 1, ${how} where state = 1`);
      await centre.register(...[2, 3, 4, 5].map((number) => validRegistration({}, { number })));
      await centre.mark(validPublicityChange({}, { number: 1 }));
      const claimed = await claimInOneLane(2);
      expect(claimed.map(({ action, entity }) => [action, entity])).toEqual([
        [DeliveryAction.WITHDRAW, testUscc(1)],
        [DeliveryAction.CARRY, testUscc(5)],
      ]);
    },
  );

  it('R55 F20 a withdrawal that waits for its next attempt keeps nobody waiting', async () => {
    await centre.register(validRegistration({}, { number: 1 }));
    await centre.record(validLicence({}, { number: 1 }));
    await centre.knex.raw('update deliveries set state = 2, attempts = 1');
    await centre.mark(validPublicityChange({}, { number: 1 }));
    await centre.knex.raw(
      "update deliveries set next_attempt_at = now() + interval '1 minute', last_reason = 12 where state = 1",
    );
    await centre.register(validChange({}, { number: 1 }));
    expect((await claimInOneLane(9)).map(({ kind }) => kind)).toEqual([MessageKind.REGISTRATION]);
  });

  it('R55 what is sent again of a withdrawn message waits for its withdrawal', async () => {
    await centre.register(validRegistration({}, { number: 1 }));
    await centre.record(validLicence({}, { number: 1 }));
    // As a citation is called back: the withdrawal, and behind it the copy without it.
    await centre.knex.raw(`
      update deliveries set state = 2 where kind = ${MessageKind.REGISTRATION};
      update deliveries set action = ${DeliveryAction.WITHDRAW},
             next_attempt_at = now() + interval '1 minute', last_reason = 12 where state = 1;
      insert into deliveries (message_seq, destination, entity, lane, action, kind, rule, revision,
                              state, attempts, created_at)
      select message_seq, destination, entity, lane, ${DeliveryAction.CARRY}, kind, rule, revision + 1,
             1, 0, now() from deliveries where state = 1`);
    expect(await claimInOneLane(9)).toEqual([]);
    await centre.knex.raw(
      `update deliveries set state = 2 where action = ${DeliveryAction.WITHDRAW}`,
    );
    expect((await claimInOneLane(9)).map(({ action }) => action)).toEqual([DeliveryAction.CARRY]);
  });

  it('D14 many that wait behind such a withdrawal keep nobody else of their lane waiting', async () => {
    await centre.register(validRegistration({}, { number: 1 }));
    await centre.record(validLicence({}, { number: 1 }));
    await centre.knex.raw(`
      update deliveries set state = 2 where kind = ${MessageKind.REGISTRATION};
      update deliveries set action = ${DeliveryAction.WITHDRAW}, state = 3 where state = 1;
      insert into deliveries (message_seq, destination, entity, lane, action, kind, rule, revision,
                              state, attempts, created_at)
      select message_seq, destination, entity, lane, ${DeliveryAction.CARRY}, kind, rule, revision + 1,
             1, 0, now() from deliveries where state = 3`);
    const changes = Array.from({ length: 6 }, (_, index) =>
      validChange(
        {},
        {
          number: 1,
          envelope: { messageId: testMessageId(33, index), recordVersion: BigInt(index + 2) },
        },
      ),
    );
    await centre.register(...changes.slice(0, 3));
    await centre.register(validRegistration({}, { number: 2 }));
    await centre.register(...changes.slice(3));
    await centre.register(validChange({}, { number: 2 }));
    expect((await claimInOneLane(3)).map(({ entity }) => entity)).toEqual([2, 2].map(testUscc));
  });

  it('R55 F20 a withdrawal that was refused keeps nothing else of its enterprise waiting', async () => {
    await centre.register(validRegistration({}, { number: 1 }));
    await centre.record(validLicence({}, { number: 1 }));
    await centre.knex.raw('update deliveries set state = 2, attempts = 1');
    await centre.mark(validPublicityChange({}, { number: 1 }));
    await centre.knex.raw('update deliveries set state = 3 where state = 1');
    await centre.register(validChange({}, { number: 1 }));
    expect((await claimInOneLane(9)).map(({ kind }) => kind)).toEqual([MessageKind.REGISTRATION]);
  });

  it('D14 what follows a delivery that somebody holds locked does not overtake it', async () => {
    await centre.register(...[1, 2].map((number) => validRegistration({}, { number })));
    await centre.register(
      ...[1, 1].map((number, index) =>
        validChange(
          {},
          {
            number,
            envelope: { messageId: testMessageId(33, index), recordVersion: BigInt(index + 2) },
          },
        ),
      ),
    );
    await centre.knex.raw('update deliveries set lane = 0');
    // As an operator who stops a replay does, before the change is committed.
    const operator = await heldTransaction(centre.knex);
    await operator.raw(
      'select 1 from deliveries where id = (select min(id) from deliveries) for update',
    );
    const claimed = await claimDeliveries(
      centre.knex,
      { destination: NATIONAL, lane: 0 },
      { count: 9, leaseMs: LEASE_MS },
    );
    await operator.rollback();
    expect(claimed.map(({ entity }) => entity)).toEqual([testUscc(2)]);
    expect((await claimInOneLane(9)).map(({ entity }) => entity)).toEqual([1, 1, 1].map(testUscc));
  });

  it('D14 says of what was acknowledged before that it is sent again, however often that fails', async () => {
    await centre.register(validRegistration({}, { number: 1 }));
    const flags: boolean[] = [];
    const answers = (outcome: DeliveryOutcome): LaneWorkerParts['linkTo'] => {
      const result = create(DeliveryResultSchema, { outcome, effect: Effect.APPLIED });
      const deliver = (deliveries: readonly Delivery[]) => {
        flags.push(...deliveries.map((one) => one.sentAgain));
        return Promise.resolve(deliveries.map(() => result));
      };
      return () => ({ deliver });
    };
    const again = (): Promise<unknown> =>
      centre.knex.raw('update deliveries set state = 1, settled_at = null, next_attempt_at = null');
    for (const outcome of [DeliveryOutcome.RETRY, ACCEPTED, DeliveryOutcome.RETRY, ACCEPTED]) {
      await work(() => ACCEPTED, { linkTo: answers(outcome) });
      await again();
    }
    expect(flags).toEqual([false, false, true, true]);
  });

  /** Works the lanes once for each of these reasons, which the far node gives; states after each. */
  async function meet(...reasons: ErrorReason[]): Promise<number[]> {
    const states: number[] = [];
    for (const reason of reasons) {
      const refusal = { reason, messageEn: 'Not now.' };
      const result = create(DeliveryResultSchema, { outcome: DeliveryOutcome.RETRY, refusal });
      await work(() => ACCEPTED, { linkTo: () => ({ deliver: () => Promise.resolve([result]) }) });
      states.push(...(await stored()).map((one) => one.state));
      await centre.knex.raw('update deliveries set next_attempt_at = null where state = 1');
    }
    return states;
  }

  const { INTERNAL, UNAVAILABLE } = ErrorReason;
  const times = <Value>(count: number, value: Value): Value[] =>
    Array.from({ length: count }, () => value);

  it('D14 is not given up for defects of the far node that pass, however long an outage was', async () => {
    await centre.register(validRegistration({}, { number: 1 }));
    const states = await meet(...times(12, UNAVAILABLE), INTERNAL, INTERNAL, UNAVAILABLE, INTERNAL);
    expect(new Set(states)).toEqual(new Set([1]));
    await work(() => ACCEPTED);
    expect(await stored()).toMatchObject([{ state: 2, attempts: 17 }]);
  });

  it('D14 is a dead letter at the tenth defect of the far node, and again ten after it was opened', async () => {
    await centre.register(validRegistration({}, { number: 1 }));
    const upToTen = [...times(9, INTERNAL), UNAVAILABLE, INTERNAL];
    for (let opened = 0; opened < 2; opened += 1) {
      const states = await meet(...upToTen);
      expect(states).toEqual([...times(10, 1), 3]);
      const ids = (await centre.knex('deliveries').pluck('id')) as number[];
      const choice = { ids, destination: '', limit: 10, by: '张三', reason: '' };
      await reopenDeliveries(centre.knex, choice, NATIONAL);
    }
  });

  it.each(['a reconciliation', 'a restoration'])(
    'D14 counts defects anew of what was acknowledged and %s sends again, out of the history',
    async (whose) => {
      const event = validRegistration({}, { number: 1 });
      await centre.register(event);
      await meet(...times(9, INTERNAL));
      await work(() => ACCEPTED);
      await tend(centre.knex, { inDays: 40, afterDays: 30 });
      expect(await centre.knex('deliveries')).toEqual([]);
      expect(await centre.knex('all_deliveries').pluck('defects')).toEqual([9]);
      if (whose === 'a reconciliation') {
        const { sourceNode, messageId } = event.envelope!;
        await reopenAcknowledged(centre.knex, NATIONAL, [{ sourceNode, messageId }]);
      } else {
        const peer = {
          node: NATIONAL,
          restoredAt: new Date(),
          backupUntil: null,
          lastDelivery: 0,
          lastMessage: 0,
        };
        const window = { fromMs: 0, untilMs: Date.now() + 60_000, rows: 10 };
        await centre.knex.transaction((trx) => reopenWindow(trx, peer, window));
      }
      expect(await meet(...times(10, INTERNAL))).toEqual([...times(9, 1), 3]);
    },
  );

  it('stores in both languages why it was not taken, also when both texts are long', async () => {
    const { REFUSED, RETRY } = DeliveryOutcome;
    const long = { messageZh: '甲'.repeat(300), messageEn: 'x'.repeat(300) };
    const answers = [
      { outcome: REFUSED, refusal: { messageZh: '已拒收。', messageEn: 'Refused.' } },
      { outcome: REFUSED, refusal: long },
      // An earlier version may say it in one language.
      { outcome: REFUSED, refusal: { messageEn: 'Refused.' } },
      { outcome: RETRY, refusal: { messageZh: '请稍后。', messageEn: 'Later.' } },
      { outcome: RETRY },
    ];
    await centre.register(...answers.map((_, number) => validRegistration({}, { number })));
    await centre.knex.raw('update deliveries set lane = 0');
    const results = answers.map((one) => create(DeliveryResultSchema, one));
    await work(() => ACCEPTED, {
      linkTo: () => ({ deliver: () => Promise.resolve(results) }),
    });
    const { rows } = await centre.knex.raw<{ rows: { last_error: string }[] }>(
      'select last_error from deliveries order by id',
    );
    expect(rows.map((row) => row.last_error)).toEqual([
      '已拒收。 / Refused.',
      `${long.messageZh} / ${long.messageEn}`,
      'Refused.',
      '请稍后。 / Later.',
      '对方未给出结果 / no result',
    ]);
  });

  it('D14 counts a defect of a node that fetches once for each attempt, however often it tells of it', async () => {
    await centre.register(validRegistration({}, { number: 1 }));
    await centre.knex.raw('update deliveries set lane = 0, attempts = 50');
    const lane = { destination: NATIONAL, lane: 0 };
    const tells = async (id: number): Promise<string> => {
      const fetched = await fetchedDeliveries(centre.knex, [id], NATIONAL);
      const result = create(DeliveryResultSchema, {
        outcome: DeliveryOutcome.RETRY,
        refusal: { reason: INTERNAL, messageEn: 'Internal error.' },
      });
      const settlement = settlementOf(fetched.get(id)!, result, 0);
      await settleDeliveries(centre.knex, [settlement]);
      return settlement.state;
    };
    const told: string[] = [];
    for (let defect = 1; defect <= 10; defect += 1) {
      const [claimed] = await claimDeliveries(centre.knex, lane, { count: 1, leaseMs: LEASE_MS });
      told.push(await tells(claimed!.id));
      if (defect < 10) told.push(await tells(claimed!.id));
      await centre.knex.raw('update deliveries set next_attempt_at = null where state = 1');
    }
    expect(told).toEqual([...times(18, 'retry'), 'dead']);
  });

  it('leaves the rest alone while the far node can not be reached', async () => {
    const numbers = Array.from({ length: 10 }, (_, index) => index + 1);
    await centre.register(...numbers.map((number) => validRegistration({}, { number })));
    let calls = 0;
    const linkTo: LaneWorkerParts['linkTo'] = () => ({
      deliver: () => {
        calls += 1;
        return Promise.reject(new Error('connection refused'));
      },
    });
    await work(() => ACCEPTED, { linkTo });
    expect(calls).toBe(1);
    const tried = (await stored()).filter((one) => one.attempts > 0);
    expect(tried.length).toBeGreaterThan(0);
    expect(tried.length).toBeLessThan(numbers.length);
    expect(new Set(tried.map((one) => one.last_reason))).toEqual(
      new Set([ErrorReason.UNAVAILABLE]),
    );
  });
});
