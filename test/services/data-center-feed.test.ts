import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Effect } from '#gen/zhengzhao/v1/common_pb.js';
import type { ListSharedRegistrationsResponse } from '#gen/zhengzhao/v1/data_center_pb.js';
import { encodeKey } from '../../server/services/data-center/keyset-page.js';
import {
  foodPermitItem,
  testMessageId,
  testUscc,
  validChange,
  validRegistration,
} from '../support/builders.js';
import {
  fieldsOf,
  openDataCenter,
  refusalWith,
  type TestDataCenter,
} from '../support/data-center.js';
import { PATIENCE_MS } from '../support/patience.js';
import { heldTransaction } from '../support/database.js';

const PACKAGED_FOOD = foodPermitItem({
  permitItemCode: 'PX-0041',
  permitItemName: '食品经营许可(仅销售预包装食品)',
  scopeEntryCodes: ['PA0196'],
});

function packagedFood(number: number) {
  return validRegistration(
    { permitItems: [PACKAGED_FOOD], scopeEntryCodes: ['PA0196'] },
    { number },
  );
}

function usccsOf({ registrations }: ListSharedRegistrationsResponse): (string | undefined)[] {
  return registrations.map(({ registration }) => registration?.uscc);
}

describe('ListSharedRegistrations', () => {
  let centre: TestDataCenter;
  beforeAll(async () => {
    centre = await openDataCenter();
    for (const number of [1, 2, 3]) await centre.register(validRegistration({}, { number }));
    await centre.register(packagedFood(4));
    await centre.register(validChange({}, { number: 2 }));
  });
  afterAll(() => centre.close());

  /**
   * Reads from a cursor to the end. Other tests use the same server, and a transaction of theirs may
   * hold the newest events back for a moment: asked again until `count` are there.
   */
  async function readAll(
    count: number,
    options: { cursor?: string; permitItemCodes?: string[]; pageSize?: number } = {},
  ): Promise<{ usccs: (string | undefined)[]; cursor: string }> {
    const usccs: (string | undefined)[] = [];
    let { cursor = '' } = options;
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const page = await centre.ask.listSharedRegistrations({
        subscriber: 'SYS-A',
        ...options,
        cursor,
      });
      usccs.push(...usccsOf(page));
      cursor = page.nextCursor;
      expect(cursor).not.toBe('');
      if (page.upToDate && (usccs.length >= count || Date.now() > deadline))
        return { usccs, cursor };
      if (page.upToDate) await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  it('R35 R39 R48 shares every event in order, whatever the page size', async () => {
    const wanted = [1, 2, 3, 4, 2].map(testUscc);
    for (const pageSize of [0, 1, 2, 5])
      expect((await readAll(5, { pageSize })).usccs).toEqual(wanted);
  });

  it('R48 carries on from a kept cursor with what is new', async () => {
    const { cursor } = await readAll(5);
    const nothing = await centre.ask.listSharedRegistrations({ subscriber: 'SYS-A', cursor });
    expect(nothing).toMatchObject({ registrations: [], upToDate: true });
    await centre.register(validRegistration({}, { number: 5 }));
    expect((await readAll(1, { cursor: nothing.nextCursor })).usccs).toEqual([testUscc(5)]);
  });

  it('R48 never skips an event whose transaction commits late', async () => {
    const { cursor: before } = await readAll(6);
    const slow = await heldTransaction(centre.knex);
    // The slow one has the lower number and is not there yet; the quick one is committed.
    await slow.raw(
      `insert into messages
       select (jsonb_populate_record(m, jsonb_build_object('seq', nextval(
                pg_get_serial_sequence('messages', 'seq')), 'message_id', 'slow',
                'txid', pg_current_xact_id()))).* from messages m where seq = 1`,
    );
    await centre.register(validRegistration({}, { number: 6 }));
    const meanwhile = await centre.ask.listSharedRegistrations({
      subscriber: 'SYS-A',
      cursor: before,
    });
    await slow.commit();
    const after = await readAll(2, { cursor: meanwhile.nextCursor });
    expect([...usccsOf(meanwhile), ...after.usccs]).toEqual([testUscc(1), testUscc(6)]);
    expect(meanwhile.registrations).toEqual([]);
  });

  it('R35 a filter brings only enterprises with one of the items, and the cursor passes the rest', async () => {
    const { usccs, cursor } = await readAll(1, { permitItemCodes: ['PX-0041', 'PX-0049'] });
    expect(usccs).toEqual([testUscc(4)]);
    expect((await readAll(0, { cursor })).usccs).toEqual([]);
    expect((await readAll(0, { permitItemCodes: ['PX-9999'] })).usccs).toEqual([]);
  });

  it('R30 who heard of an enterprise by an item hears that it gave the item up', async () => {
    await centre.register(
      validChange(
        { permitItems: [foodPermitItem()] },
        { number: 4, envelope: { messageId: testMessageId(2, 4) } },
      ),
    );
    const { usccs } = await readAll(2, { permitItemCodes: ['PX-0041'] });
    expect(usccs).toEqual([testUscc(4), testUscc(4)]);
  });

  it('never shares a version that is older than one shared before', async () => {
    const { cursor } = await readAll(9);
    const [late] = await centre.register(
      validRegistration({}, { number: 2, envelope: { messageId: testMessageId(10, 2) } }),
    );
    expect(late?.decision.effect).toBe(Effect.STALE);
    await centre.register(validRegistration({}, { number: 7 }));
    expect((await readAll(1, { cursor })).usccs).toEqual([testUscc(7)]);
  });

  it('needs a subscriber, and refuses cursors that are none', async () => {
    const refusal = await refusalWith('VALIDATION_FAILED', centre.ask.listSharedRegistrations({}));
    expect(fieldsOf(refusal)).toEqual(['subscriber']);
    const list = ['shared-registrations', '330000'];
    const cursors = [
      'AAAA',
      encodeKey(['shared-registrations', '100000'], ['1', 1]),
      encodeKey(list, ['99999999999999999999', 1]),
      encodeKey(list, ['1; drop table messages', 1]),
    ];
    for (const cursor of cursors)
      await refusalWith(
        'BAD_PAGE_TOKEN',
        centre.ask.listSharedRegistrations({ subscriber: 'SYS-A', cursor }),
      );
  });
});
