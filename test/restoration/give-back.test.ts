import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { giveBack } from '../../server/restoration/give-back.js';
import { notePeerRestoration } from '../../server/storage/peer-restorations.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

describe('giving back to neighbours that were restored', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  it('R52 one that is down again, with a full queue, keeps no other waiting', async () => {
    const { knex } = database;
    const at = (hour: number) => ({
      restoredAt: new Date(Date.UTC(2019, 11, 20, hour)),
      backupUntil: new Date(Date.UTC(2019, 11, 20)),
    });
    await notePeerRestoration(knex, '330000', at(1));
    await notePeerRestoration(knex, '440000', at(2));
    await knex.raw(
      `insert into deliveries (message_seq, destination, entity, lane, action, kind, rule, revision,
                               state, created_at)
       select n, '330000', 'E' || n, 0, 1, 1, 'DOWN-HOME', 0, 1, now() from generate_series(1, 20000) n`,
    );
    const parts = {
      knex,
      log: pino({ level: 'silent' }),
      wake: () => undefined,
      nationalNode: '100000',
    };
    for (let turn = 0; turn < 5 && (await giveBack(parts)); turn += 1);
    const { rows } = await knex.raw<{ rows: { node: string }[] }>(
      'select node from peer_restorations where finished_at is not null',
    );
    expect(rows).toEqual([{ node: '440000' }]);
    // Once its queue has room, it has its turn.
    await knex.raw('update deliveries set state = 4');
    for (let turn = 0; turn < 5 && (await giveBack(parts)); turn += 1);
    expect(await knex('peer_restorations').whereNull('finished_at')).toEqual([]);
  });
});
