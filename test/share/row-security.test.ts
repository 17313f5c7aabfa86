import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onboardSubscriber } from '../../server/share/subscribers.js';
import {
  foodPermitItem,
  testMessageId,
  testUscc,
  validChange,
  validRegistration,
} from '../support/builders.js';
import { openShare, PACKAGED_FOOD, packagedFood, type Reader, type TestShare } from './share.js';

const TABLES = ['registration_feed', 'registrations'] as const;
const ITEM_TABLES = ['feed_permit_items', 'registration_permit_items'] as const;

describe('shared library, as a business system sees it', () => {
  let shared: TestShare;
  let food: Reader;
  let packaged: Reader;
  let everything: Reader;
  beforeAll(async () => {
    shared = await openShare();
    const { centre } = shared;
    await centre.register(validRegistration({ tel: '0580-2020202', postalCode: '316000' }));
    await centre.register(packagedFood(2));
    await centre.register(
      validRegistration(
        { permitItems: [foodPermitItem(), PACKAGED_FOOD], scopeEntryCodes: ['PA0015', 'PA0196'] },
        { number: 3 },
      ),
    );
    await centre.register(
      validRegistration(
        { permitItems: [], scopeEntryCodes: ['PA0001'], licenseSeparationFlag: false },
        { number: 4 },
      ),
    );
    await shared.catchUp(4);
    food = await shared.reader('SYS-FOOD', ['PX-0035']);
    packaged = await shared.reader('SYS-PACKAGED', ['PX-0041']);
    everything = await shared.reader('SYS-ALL', 'all');
  });
  afterAll(() => shared.close());

  async function usccs(reader: Reader, table: string): Promise<string[]> {
    const rows = await reader.read<{ uscc: string }>(
      `select uscc from ${shared.share}.${table} order by uscc`,
    );
    return rows.map(({ uscc }) => uscc);
  }

  it('R47 R35 R20 shows the enterprises of its permit items and no others', async () => {
    for (const table of TABLES) {
      expect(await usccs(food, table)).toEqual([1, 3].map(testUscc));
      expect(await usccs(packaged, table)).toEqual([2, 3].map(testUscc));
      expect(await usccs(everything, table)).toEqual([1, 2, 3, 4].map(testUscc));
    }
  });

  it('R47 shows the permit items of the subscriber, not those of others of the same enterprise', async () => {
    const items = (reader: Reader, table: string) =>
      reader.read<{ permit_item_code: string }>(
        `select distinct permit_item_code from ${shared.share}.${table} order by 1`,
      );
    for (const table of ITEM_TABLES) {
      expect(await items(food, table)).toEqual([{ permit_item_code: 'PX-0035' }]);
      expect(await items(packaged, table)).toEqual([{ permit_item_code: 'PX-0041' }]);
      expect(await items(everything, table)).toHaveLength(2);
    }
  });

  it('R47 has the fields of the dictionary, and neither telephone nor postal code nor who judged the zone', async () => {
    const [row] = await everything.read<Record<string, unknown>>(
      `select * from ${shared.share}.registrations where uscc = '${testUscc(1)}'`,
    );
    expect(row).toMatchObject({
      sequence: 1,
      current: true,
      event_type: 'ESTABLISH',
      reg_cap_fen: 500_000_000,
      est_date: '2019-12-16',
      op_to: null,
      ftz_flag: true,
      ftz_judged_by: null,
      scope_entry_codes: ['PA0001', 'PA0015'],
      operation: 'INSERT',
    });
    expect(JSON.stringify(row)).not.toMatch(/2020202|316000/);
    expect(Object.keys(row ?? {})).not.toEqual(expect.arrayContaining(['tel']));
  });

  it('R47 lets a subscriber neither write, nor see others, nor reach the tables of the node', async () => {
    const { share } = shared;
    const node = share.replace(/_share$/, '');
    const forbidden = [
      `select * from ${node}.messages`,
      `select * from ${node}.share_subscribers`,
      `select * from ${share}.progress`,
      `select * from ${node}_report.receipts`,
    ];
    for (const statement of forbidden)
      await expect(food.read(statement)).rejects.toThrow(/permission denied/);
    for (const change of [
      `insert into ${share}.enterprise_items values ('x', 'PX-0041')`,
      `update ${share}.subscribers set all_items = true`,
      `delete from ${share}.registration_feed`,
      `set role hub`,
      `create table ${share}.mine (x int)`,
    ])
      await expect(food.run(change)).rejects.toThrow(/permission denied/);
    expect(await food.read(`select code, role from ${share}.subscribers`)).toEqual([
      { code: 'SYS-FOOD', role: food.role },
    ]);
    expect(
      await food.read(`select distinct permit_item_code as item from ${share}.enterprise_items`),
    ).toEqual([{ item: 'PX-0035' }]);
  });

  it('R47 is not got round by functions of the asker, which see what the asker may see only', async () => {
    // A condition that runs for each row would learn of hidden rows, were it asked before the policy.
    const hidden = (reader: Reader) =>
      reader.read(`select uscc from ${shared.share}.registration_feed
                    where 1 / (sequence - 2) is not null`);
    await expect(
      packaged.read(`select 1 / (sequence - 2) as x from ${shared.share}.registration_feed`),
    ).rejects.toThrow(/division by zero/);
    expect(await hidden(food)).toHaveLength(2);
  });

  it('R47 R30 who heard of an enterprise by an item hears that it gave the item up', async () => {
    await shared.centre.register(
      validChange(
        { permitItems: [foodPermitItem()] },
        { number: 2, envelope: { messageId: testMessageId(2, 2) } },
      ),
    );
    await shared.catchUp(5);
    for (const reader of [food, packaged])
      expect(await usccs(reader, 'registrations')).toContain(testUscc(2));
    const left = await packaged.read(
      `select 1 from ${shared.share}.registration_permit_items where uscc = '${testUscc(2)}'`,
    );
    expect(left).toEqual([]);
    const [state] = await packaged.read(
      `select event_type, changes from ${shared.share}.registrations where uscc = '${testUscc(2)}'`,
    );
    expect(state).toMatchObject({ event_type: 'CHANGE', changes: [{ alt_item: '01' }] });
  });

  it('R47 follows a new scope at once, and keeps the password', async () => {
    const { knex } = shared.centre;
    const login = await onboardSubscriber(knex, shared.share, 'SYS-PACKAGED', ['PX-0035']);
    expect(login).toEqual({ role: packaged.role, password: undefined });
    expect(await usccs(packaged, 'registrations')).toEqual([1, 2, 3].map(testUscc));
  });
});
