import { timestampDate } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Operation } from '#gen/zhengzhao/v1/common_pb.js';
import type { SharedRegistration } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { Column } from '../../server/dictionary/columns.js';
import { toRow, type Row } from '../../server/dictionary/to-row.js';
import { FEED, FEED_ITEMS } from '../../server/share/tables.js';
import { onboardSubscriber } from '../../server/share/subscribers.js';
import {
  foodPermitItem,
  testMessageId,
  validChange,
  validRegistration,
} from '../support/builders.js';
import { openShare, PACKAGED_FOOD, type Reader, type TestShare } from './share.js';

const ITEMS = { 'PX-0035': foodPermitItem(), 'PX-0041': PACKAGED_FOOD } as const;
const ENTRIES = { 'PX-0035': 'PA0015', 'PX-0041': 'PA0196' } as const;
type Item = keyof typeof ITEMS;

interface Step {
  readonly enterprise: number;
  readonly items: readonly Item[];
  readonly version: number;
  readonly tel: boolean;
}

const steps = fc.array(
  fc.record({
    enterprise: fc.integer({ min: 1, max: 4 }),
    items: fc.subarray<Item>(['PX-0035', 'PX-0041']),
    version: fc.integer({ min: 2, max: 9 }),
    tel: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

/** Ids and enterprises of a run are its own: all runs share one library. */
let messages = 0;

function eventOf({ enterprise, items, version, tel }: Step, first: boolean): RegistrationEvent {
  messages += 1;
  const fields = {
    permitItems: items.map((item) => ITEMS[item]),
    scopeEntryCodes: ['PA0001', ...items.map((item) => ENTRIES[item])],
    licenseSeparationFlag: items.length > 0,
    tel: tel ? '0580-2020202' : '',
  };
  const envelope = { messageId: testMessageId(20, messages) };
  if (first) return validRegistration(fields, { number: enterprise, envelope });
  const newer = { recordVersion: BigInt(version), operation: Operation.UPDATE };
  return validChange(fields, { number: enterprise, envelope: { ...envelope, ...newer } });
}

/** A value as both sides write it: moments in milliseconds, numbers as numbers. */
function comparable({ sqlType, name }: Pick<Column, 'sqlType' | 'name'>, row: Row): unknown {
  const value = row[name];
  if (value === null || value === undefined) return null;
  if (sqlType === 'timestamptz') return new Date(String(value)).getTime();
  return sqlType === 'bigint' ? Number(value) : value;
}

function pick(columns: readonly Column[], row: Row): Row {
  return Object.fromEntries(columns.map((column) => [column.name, comparable(column, row)]));
}

/** What the interface answers, as the rows it should be in the library. */
function asRows({ sequence, registration, acceptedAt }: SharedRegistration): Row {
  expect(registration).toMatchObject({ tel: '', postalCode: '', ftzJudgedBy: '' });
  return {
    message_seq: Number(sequence),
    accepted_at: timestampDate(acceptedAt!).getTime(),
    event: pick(FEED.columns, toRow(registration!, FEED.columns)),
    items: registration!.permitItems.map((item) =>
      pick(FEED_ITEMS.columns, toRow(item, FEED_ITEMS.columns)),
    ),
  };
}

/** What a business system reads with SQL, in the same form. */
async function rowsOf(reader: Reader, share: string): Promise<Row[]> {
  const events = await reader.read<Row>(
    `select * from ${share}.registration_feed order by sequence`,
  );
  const items = await reader.read<Row>(
    `select * from ${share}.feed_permit_items order by sequence, position`,
  );
  return events.map((event) => ({
    message_seq: event['message_seq'],
    accepted_at: new Date(String(event['accepted_at'])).getTime(),
    event: pick(FEED.columns, event),
    items: items
      .filter((item) => item['sequence'] === event['sequence'])
      .map((item) => pick(FEED_ITEMS.columns, item)),
  }));
}

describe('shared library and interface', () => {
  let shared: TestShare;
  let readers: Readonly<Record<string, Reader>>;
  let events = 0;
  let enterprises = 0;
  beforeAll(async () => {
    shared = await openShare();
    readers = {
      'SYS-FOOD': await shared.reader('SYS-FOOD', ['PX-0035']),
      'SYS-BOTH': await shared.reader('SYS-BOTH', ['PX-0035', 'PX-0041']),
      'SYS-NOBODY': await shared.reader('SYS-NOBODY', ['PX-9999']),
      'SYS-ALL': await shared.reader('SYS-ALL', 'all'),
    };
  });
  afterAll(() => shared.close());

  /** Registers the steps; versions that are too low are stale and shared nowhere. */
  async function play(history: readonly Step[]): Promise<void> {
    const known = new Set<number>();
    for (const step of history) {
      const enterprise = enterprises + step.enterprise;
      const [accepted] = await shared.centre.register(
        eventOf({ ...step, enterprise }, !known.has(enterprise)),
      );
      known.add(enterprise);
      if (accepted?.decision.changed) events += 1;
    }
    enterprises += 4;
  }

  it('R47 R48 R51 F8 give every subscriber the same rows, whatever happened', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        await play(history);
        await shared.catchUp(events);
        for (const [code, reader] of Object.entries(readers)) {
          const bySql = await rowsOf(reader, shared.share);
          const listed = await shared.listAll(code, bySql.length);
          expect(listed.map(asRows)).toEqual(bySql);
        }
      }),
      { numRuns: 12 },
    );
    const counts = await Promise.all(
      Object.values(readers).map(async (reader) => (await rowsOf(reader, shared.share)).length),
    );
    // Comparing nothing with nothing would prove nothing.
    expect(counts[2]).toBe(0);
    expect(counts[3]).toBe(events);
    expect(counts[0]).toBeGreaterThan(0);
    expect(counts[0]).toBeLessThan(events);
  });

  it('R48 a filter narrows what a subscriber sees and never widens it', async () => {
    const { ask } = shared.centre;
    const list = async (subscriber: string, permitItemCodes: string[]): Promise<number> =>
      (await ask.listSharedRegistrations({ subscriber, permitItemCodes, pageSize: 1000 }))
        .registrations.length;
    const own = (await rowsOf(readers['SYS-FOOD']!, shared.share)).length;
    await shared.listAll('SYS-FOOD', own);
    expect(await list('SYS-FOOD', ['PX-0035', 'PX-0041'])).toBe(own);
    expect(await list('SYS-FOOD', ['PX-0041'])).toBe(0);
    expect(await list('SYS-NOBODY', ['PX-0035'])).toBe(0);
    expect(await list('SYS-BOTH', ['PX-0035'])).toBe(own);
    const { knex } = shared.centre;
    await onboardSubscriber(knex, shared.share, 'SYS-FOOD', ['PX-0035', 'PX-0041']);
    expect(await list('SYS-FOOD', ['PX-0041'])).toBeGreaterThan(0);
  });
});
