import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Effect, MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import {
  admitPublicityChange,
  admitRecord,
  admitRegistration,
} from '../../server/intake/admission.js';
import type { Intake } from '../../server/intake/intake.js';
import type { IntakeResult, Submission } from '../../server/intake/submission.js';
import { openDatabase } from '../../server/storage/database.js';
import {
  AUTHORITY,
  testMessageId,
  testName,
  testUscc,
  validChange,
  validLicence,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { openIntake, validationAt } from '../support/intake.js';

const validation = validationAt();

function submission(event: RegistrationEvent): Submission {
  return admitRegistration(event, validation).submission(Symbol('test'));
}

function licence(number: number, overrides = {}): Submission {
  const record = validLicence(overrides, { number });
  return admitRecord(record, validation).submission(Symbol('test'));
}

describe('accepting once', () => {
  let database: TestDatabase;
  let intakes: Intake[];
  const pools: { destroy(): Promise<void> }[] = [];
  beforeAll(async () => {
    database = await freshDatabase();
    // Three processes of one node: pools of their own, nothing in common but the tables.
    intakes = [0, 1, 2].map(() => {
      const knex = openDatabase({ ...database, poolSize: 4 });
      pools.push(knex);
      return openIntake(knex);
    });
  });
  beforeEach(async () => {
    await database.knex.raw(
      'truncate messages, enterprises, records, deliveries, packages, package_steps, refusals',
    );
  });
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.destroy()));
    await database.drop();
  });

  const accept = async (intake: number, ...all: Submission[]): Promise<IntakeResult[]> =>
    (intakes[intake] as Intake).accept(all);
  const count = async (table: string): Promise<number> =>
    Number((await database.knex(table).count({ n: '*' }).first())?.['n']);

  it('stores a message, its effect, its deliveries and its packages together', async () => {
    const [result] = await accept(0, submission(validRegistration()));
    expect(result).toMatchObject({
      ok: true,
      duplicate: false,
      decision: { effect: Effect.APPLIED },
    });
    const tables = ['messages', 'enterprises', 'deliveries', 'packages', 'package_steps'];
    expect(await Promise.all(tables.map(count))).toEqual([1, 1, 1, 1, 1]);
  });

  it('stores nothing at all, and gives no receipt, when any part of it can not be written', async () => {
    await database.knex.raw(`
      create or replace function refuse() returns trigger language plpgsql as
        $$ begin raise exception 'full'; end $$;
      create trigger full_table before insert on packages execute function refuse();`);
    const [result] = await accept(0, submission(validRegistration()));
    await database.knex.raw('drop trigger full_table on packages');
    expect(result?.ok).toBe(false);
    expect(await Promise.all(['messages', 'enterprises', 'deliveries'].map(count))).toEqual([
      0, 0, 0,
    ]);
    const [again] = await accept(0, submission(validRegistration()));
    expect(again).toMatchObject({ ok: true, duplicate: false });
  });

  it('answers a repeated submission with the same receipt and applies it once, from three processes at once', async () => {
    const copies = Array.from({ length: 30 }, () => submission(validRegistration()));
    const answers = await Promise.all(
      copies.map(async (copy, index) => (await accept(index % 3, copy))[0]),
    );
    const seqs = new Set(answers.map((answer) => (answer?.ok ? answer.seq : undefined)));
    expect(seqs.size).toBe(1);
    expect(answers.filter((answer) => answer?.ok && !answer.duplicate)).toHaveLength(1);
    expect(await Promise.all(['messages', 'deliveries', 'packages'].map(count))).toEqual([1, 1, 1]);
  });

  it('refuses an id that was used for other content, and keeps what it has', async () => {
    await accept(0, submission(validRegistration()));
    const other = validRegistration({ dom: '舟山市定海区另一条路1号' });
    const [result] = await accept(1, submission(other));
    expect(result).toMatchObject({ ok: false, error: { reason: 2 } });
    expect(await count('messages')).toBe(1);
  });

  it('D13 a message that can not be accepted spoils none of its neighbours', async () => {
    const results = await accept(
      0,
      submission(validRegistration({}, { number: 1 })),
      submission(validChange({}, { number: 2 })),
      submission(validRegistration({}, { number: 3 })),
    );
    expect(results.map((result) => result.ok)).toEqual([true, false, true]);
    expect(await count('messages')).toBe(2);
    expect(await database.knex('refusals').pluck('rules')).toEqual([['VR17']]);
  });

  it('VR16 VR17 VR18 judges an event by what is held', async () => {
    const [change] = await accept(0, submission(validChange()));
    expect(change).toMatchObject({ ok: false, error: { reason: 3 } });
    await accept(0, submission(validRegistration()));
    const twice = validRegistration(
      {},
      { envelope: { messageId: '0000000a-0000-4000-8000-000000000001', businessKey: 'REG-other' } },
    );
    const [established] = await accept(0, submission(twice));
    expect(established).toMatchObject({ ok: false, error: { reason: 4 } });
  });

  it('D14 keeps the events of an enterprise in the order they came, whatever else goes on', async () => {
    const many = Array.from({ length: 40 }, (_, index) => index + 1);
    await accept(0, ...many.map((number) => submission(validRegistration({}, { number }))));
    const changes = many.map((number) => submission(validChange({}, { number })));
    await Promise.all(changes.map((change, index) => accept(index % 3, change)));
    const names = await database.knex('enterprises').orderBy('uscc').pluck('ent_name');
    expect(names).toEqual(many.map((number) => `${testName(number)}（更名）`));
    expect(await count('deliveries')).toBe(80);
  });

  it('a lower version never replaces a higher one, in any order of arrival', async () => {
    await accept(0, submission(validRegistration()));
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 5 }), async (order) => {
        await database.knex('records').delete();
        await database.knex('messages').where({ kind: 2 }).delete();
        for (const version of order) {
          const record = validLicence(
            { licItem: `第${version}版` },
            {
              envelope: {
                messageId: `0000000b-0000-4000-8000-00000000000${version}`,
                recordVersion: BigInt(version),
              },
            },
          );
          await accept(version % 3, admitRecord(record, validation).submission(Symbol('test')));
        }
        const [held] = await database.knex('records').select('record_version');
        expect(held).toEqual({ record_version: 5 });
        expect(await count('messages')).toBe(6);
      }),
      { numRuns: 8 },
    );
  });

  it('R55 a mark and the attribution of the same record never undo each other', async () => {
    for (let number = 1; number <= 25; number += 1) {
      await accept(0, licence(number));
      const change = validPublicityChange({}, { number });
      await Promise.all([
        accept(1, submission(validRegistration({}, { number }))),
        accept(2, admitPublicityChange(change, validation).submission(Symbol('test'))),
      ]);
    }
    const states = await database.knex('records').distinct('naming', 'non_public', 'published_at');
    expect(states).toEqual([{ naming: 2, non_public: true, published_at: null }]);
  });

  it('D14 a version that names another enterprise outlives the registration of the one before', async () => {
    for (let number = 1; number <= 25; number += 1) {
      await accept(0, licence(number));
      const other = number + 500;
      const renamed = validLicence(
        { counterpart: { uscc: testUscc(other), entName: testName(other) } },
        { number, envelope: { messageId: testMessageId(90, number), recordVersion: 2n } },
      );
      await Promise.all([
        accept(1, submission(validRegistration({}, { number }))),
        accept(2, admitRecord(renamed, validation).submission(Symbol('test'))),
      ]);
    }
    const states = await database.knex('records').distinct('record_version', 'naming', 'uscc');
    expect(states).toEqual([{ record_version: 2, naming: 1, uscc: null }]);
  });

  it('R55 a version that came back as its withdrawal only, as after a restore, is taken when it is sent again', async () => {
    await accept(0, licence(1));
    const hidden = validLicence(
      { licItem: '第2版' },
      {
        envelope: {
          ...{ messageId: testMessageId(91, 1), recordVersion: 2n },
          ...{ nonPublic: true, nonPublicBasis: '涉及商业秘密' },
        },
      },
    );
    const key = {
      kind: MessageKind.LICENCE as const,
      ownerOrg: AUTHORITY.code,
      businessKey: 'LIC-1',
    };
    const again = admitRecord(hidden, validation).submission(Symbol('test'));
    const givenBack: Submission = {
      ...again,
      ...{
        message: undefined,
        withdrawn: key,
        digest: new Uint8Array(),
        payload: new Uint8Array(),
      },
      arrival: { ...again.arrival, side: 'national', origin: '100000', revision: 1 },
    };
    expect(await accept(0, givenBack)).toMatchObject([{ ok: true }]);
    expect(await accept(1, again)).toMatchObject([{ ok: true, duplicate: false }]);
    const [held] = await database
      .knex('records')
      .join('messages', 'messages.seq', 'records.message_seq')
      .select('records.record_version', 'non_public', 'messages.message_id');
    expect(held).toEqual({
      record_version: 2,
      non_public: true,
      message_id: testMessageId(91, 1),
    });
    expect(await accept(2, again)).toMatchObject([{ ok: true, duplicate: true }]);
  });

  it('any interleaving of repeated submissions in any processes leaves one message each', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 2 })), {
          minLength: 1,
          maxLength: 25,
        }),
        async (calls) => {
          await database.knex.raw('truncate messages, enterprises, records, deliveries, packages');
          const answers = await Promise.all(
            calls.map(([number, intake]) =>
              accept(intake, submission(validRegistration({}, { number })), licence(number)),
            ),
          );
          expect(answers.flat().every((answer) => answer.ok)).toBe(true);
          const distinct = new Set(calls.map(([number]) => number)).size;
          expect(await count('messages')).toBe(2 * distinct);
          expect(await count('deliveries')).toBe(2 * distinct);
        },
      ),
      { numRuns: 15 },
    );
  });
});
