import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { admitRegistration } from '../../server/intake/admission.js';
import type { Submission } from '../../server/intake/submission.js';
import { validRegistration } from '../support/builders.js';
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
});
