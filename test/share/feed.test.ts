import { toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { projectShared } from '../../server/share/project.js';
import { FEED } from '../../server/share/tables.js';
import { testUscc, validRegistration } from '../support/builders.js';
import { openShare, type Reader, type TestShare } from './share.js';
import { heldTransaction } from '../support/database.js';

describe('change feed of the shared library', () => {
  let shared: TestShare;
  let reader: Reader;
  beforeAll(async () => {
    shared = await openShare();
    reader = await shared.reader('SYS-ALL', 'all');
    for (const number of [1, 2, 3]) await shared.centre.register(validRegistration({}, { number }));
    await shared.catchUp(3);
  });
  afterAll(() => shared.close());

  /** What a business system does: everything after the highest number it has seen. */
  function readAfter(sequence: number): Promise<{ sequence: number; uscc: string }[]> {
    return reader.read(
      `select sequence, uscc from ${shared.share}.${FEED.name}
        where sequence > $1 order by sequence limit 1000`,
      [sequence],
    );
  }

  it('R47 numbers events without a gap, in the order in which they came', async () => {
    expect(await readAfter(0)).toEqual(
      [1, 2, 3].map((number) => ({ sequence: number, uscc: testUscc(number) })),
    );
    expect(await readAfter(3)).toEqual([]);
  });

  it('R47 never skips an event whose transaction commits late', async () => {
    const { knex } = shared.centre;
    const slow = await heldTransaction(knex);
    // The slow one has the lower number and is not there yet; the quick one is committed.
    await slow.raw(
      `insert into messages
       select (jsonb_populate_record(m, jsonb_build_object('seq', nextval(
                pg_get_serial_sequence('messages', 'seq')), 'message_id', 'slow',
                'txid', pg_current_xact_id()))).* from messages m where seq = 1`,
    );
    await shared.centre.register(validRegistration({}, { number: 4 }));
    await projectShared(knex, shared.share);
    const meanwhile = await readAfter(3);
    await slow.commit();
    await shared.catchUp(5);
    const seen = meanwhile.at(-1)?.sequence ?? 3;
    expect([...meanwhile, ...(await readAfter(seen))].map(({ uscc }) => uscc)).toEqual(
      [1, 4].map(testUscc),
    );
    const current = await reader.read<{ uscc: string; sequence: number }>(
      `select uscc, sequence from ${shared.share}.registrations order by sequence`,
    );
    expect(current.map(({ sequence }) => sequence)).toEqual([2, 3, 4, 5]);
  });

  it('R47 takes each event in once, however many processes do it at a time', async () => {
    const { knex } = shared.centre;
    for (let number = 10; number < 20; number += 1)
      await shared.centre.register(validRegistration({}, { number }));
    await Promise.all([1, 2, 3].map(() => projectShared(knex, shared.share)));
    await shared.catchUp(15);
    const events = await readAfter(0);
    expect(events.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 15 }, (_, index) => index + 1),
    );
    expect(events.slice(5).map(({ uscc }) => uscc)).toEqual(
      Array.from({ length: 10 }, (_, index) => testUscc(10 + index)),
    );
  });

  it('R47 keeps rows and progress together when a batch fails half-way', async () => {
    const { knex } = shared.centre;
    await shared.centre.register(validRegistration({}, { number: 30 }));
    await knex.raw('alter table ??.feed_permit_items rename to away', [shared.share]);
    await expect(projectUntilFailure(shared)).rejects.toThrow(/feed_permit_items/);
    await knex.raw('alter table ??.away rename to feed_permit_items', [shared.share]);
    expect((await readAfter(15)).length).toBe(0);
    await shared.catchUp(16);
    expect((await readAfter(15)).map(({ uscc }) => uscc)).toEqual([testUscc(30)]);
  });

  it('R47 is not stopped by a value that another node let in and no column can hold', async () => {
    const { knex } = shared.centre;
    const [accepted] = await shared.centre.register(validRegistration({}, { number: 31 }));
    const strange = validRegistration(
      { estDate: '2019-99-99', dom: '港口\0路18号' },
      { number: 31 },
    );
    await knex('messages')
      .where({ seq: accepted!.seq })
      .update({ payload: Buffer.from(toBinary(RegistrationEventSchema, strange)) });
    await shared.catchUp(17);
    const [row] = await reader.read<Record<string, unknown>>(
      `select * from ${shared.share}.registrations where uscc = '${testUscc(31)}'`,
    );
    expect(row).toMatchObject({ est_date: null, appr_date: '2019-12-16', dom: '港口路18号' });
  });
});

/** Projects until it fails; transactions of other tests may leave nothing to do for a moment. */
async function projectUntilFailure({ centre, share }: TestShare): Promise<void> {
  for (let look = 0; look < 200; look += 1) {
    await projectShared(centre.knex, share);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
