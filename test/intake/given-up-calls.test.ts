import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openDatabase } from '../../server/storage/database.js';
import { validRegistration } from '../support/builders.js';
import { eventually, startTestNode, type TestNode } from '../support/nodes.js';
import { heldTransaction } from '../support/database.js';

/** A province whose database is held up by a lock, so that calls wait before they are begun. */
describe('a call whose caller gives up', () => {
  let province: TestNode;
  let knex: Knex;
  beforeAll(async () => {
    province = await startTestNode({ HUB_REGION: '330000' });
    const { schema } = province;
    knex = openDatabase({ url: inject('databaseUrl'), schema, poolSize: 1 });
  });
  afterAll(async () => {
    await knex.destroy();
    await province.stop();
  });

  const batch = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) =>
      validRegistration({ catalogVersion: '2019.12-prov' }, { number: from + index }),
    );

  /** What was sent on the connection before has come to the node when a later call is answered. */
  const reached = () => province.registration.checkRegistration({ registration: batch(1, 1)[0] });

  async function messages(): Promise<number> {
    const [row] = await province.sql<{ n: number }>('select count(*) as n from messages');
    return Number(row?.n);
  }

  it('is not begun any more when its turn comes, and can be sent again', async () => {
    const hold = await heldTransaction(knex);
    // In the way of writers only: others read the messages now and then, and are not counted below.
    await hold.raw('lock table messages in share row exclusive mode');
    const first = province.registration.batchSubmitRegistrations({ registrations: batch(1, 200) });
    const second = province.registration.batchSubmitRegistrations({
      registrations: batch(201, 200),
    });
    await eventually(async () => {
      // Both connections of the group commit wait for the lock, so what comes now waits for them.
      const [row] = await province.sql<{ n: number }>(
        "select count(*) as n from pg_locks where not granted and relation = 'messages'::regclass",
      );
      expect(Number(row?.n)).toBe(2);
    });
    const givingUp = new AbortController();
    const third = province.registration.batchSubmitRegistrations(
      { registrations: batch(401, 50) },
      { signal: givingUp.signal },
    );
    const late = expect(third).rejects.toMatchObject({ codeName: 'CANCELLED' });
    await reached();
    givingUp.abort();
    await late;
    await reached();
    await hold.rollback();
    await Promise.all([first, second]);
    const fourth = await province.registration.batchSubmitRegistrations({
      registrations: batch(401, 1),
    });
    expect(fourth.results[0]?.outcome).toMatchObject({ value: { duplicate: false } });
    expect(await messages()).toBe(401);
  });
});
