import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { admitRecord, admitRegistration } from '../../server/intake/admission.js';
import type { Submission } from '../../server/intake/submission.js';
import { testMessageId, validLicence, validRegistration } from '../support/builders.js';
import { freshDatabase, readOnlyPool, type TestDatabase } from '../support/database.js';
import { openIntake, validationAt } from '../support/intake.js';

const submission = (event: RegistrationEvent): Submission =>
  admitRegistration(event, validationAt()).submission(Symbol('test'));

describe('what passes by itself', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  it('a database that may only be read refuses no message for good', async () => {
    const readOnly = readOnlyPool(database);
    const sent = openIntake(readOnly).accept([submission(validRegistration({}, { number: 1 }))]);
    await expect(sent).rejects.toMatchObject({
      reason: ErrorReason.UNAVAILABLE,
      details: { retryAfterMs: 1000 },
    });
    await readOnly.destroy();
  });

  it.each(['40001', '40P01', '55P03'])(
    'a message that meets %s every time is asked for again, and spoils no neighbour',
    async (state) => {
      const { knex } = database;
      await knex.raw(`
        create or replace function collide() returns trigger language plpgsql as
          $$ begin
            if new.business_key = 'REG-2' then
              raise exception 'in the way' using errcode = '${state}';
            end if;
            return new;
          end $$;
        create trigger collide before insert on messages for each row execute function collide();`);
      const [first, second] = [1, 2].map((number) => submission(validRegistration({}, { number })));
      const results = await openIntake(knex).accept([first!, second!]);
      await knex.raw('drop trigger collide on messages');
      expect(results).toMatchObject([
        { ok: true },
        { ok: false, error: { reason: ErrorReason.UNAVAILABLE, details: { retryAfterMs: 1000 } } },
      ]);
    },
  );

  it('D13 a record that can not be read is told as such, and spoils no neighbour', async () => {
    const { knex } = database;
    const version = (number: number, recordVersion: bigint): Submission =>
      admitRecord(
        validLicence(
          {},
          {
            number,
            envelope: {
              messageId: testMessageId(80 + Number(recordVersion), number),
              recordVersion,
            },
          },
        ),
        validationAt(),
      ).submission(Symbol('test'));
    const intake = openIntake(knex);
    expect(await intake.accept([version(1, 1n), version(2, 1n)])).toMatchObject([
      { ok: true },
      { ok: true },
    ]);
    // As of a row in a damaged page.
    await knex.raw(`
      create function readable(key text) returns boolean language plpgsql as
        $$ begin
          if key = 'LIC-2' then raise exception 'damaged' using errcode = 'XX001'; end if;
          return true;
        end $$;
      alter table records rename to stored_records;
      create view records as select * from stored_records where readable(business_key);`);
    const results = await intake.accept([version(1, 2n), version(2, 2n)]);
    expect(results).toMatchObject([
      { ok: true },
      { ok: false, error: { reason: ErrorReason.INTERNAL, cause: { code: 'XX001' } } },
    ]);
  });
});
