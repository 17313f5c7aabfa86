import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { ReconcileResponse } from '#gen/zhengzhao/v1/data_center_pb.js';
import {
  testMessageId,
  testName,
  testUscc,
  validInspection,
  validLicence,
  validPublicityChange,
  validRegistration,
} from '../support/builders.js';
import {
  exchange,
  fieldsOf,
  openDataCenter,
  refusalWith,
  type TestDataCenter,
} from '../support/data-center.js';

const RANGE = { fromDate: '2019-12-01', toDate: '2019-12-31', includeIds: true };

describe('Reconcile', () => {
  let province: TestDataCenter;
  let national: TestDataCenter;
  beforeEach(async () => {
    [province, national] = await Promise.all([openDataCenter(), openDataCenter('national')]);
    await province.register(validRegistration());
  });
  afterEach(() => Promise.all([province.close(), national.close()]));

  function sides(options: object = {}): Promise<[ReconcileResponse, ReconcileResponse]> {
    return Promise.all([
      province.ask.reconcile({ ...RANGE, peerNode: '100000', ...options }),
      national.ask.reconcile({ ...RANGE, peerNode: '330000', ...options }),
    ]);
  }

  /** Both sides, which must agree; the ids they agree on. */
  async function agreed(): Promise<string[]> {
    const [here, there] = await sides();
    expect(there).toEqual(here);
    return here.entries.map((entry) => entry.messageId);
  }

  it('F21 both sides agree on what went up, came down, and went up again named', async () => {
    await province.record(validInspection());
    await exchange(province, national);
    await national.record(validLicence({}, { envelope: { sourceNode: '100000' } }));
    await exchange(national, province);
    await exchange(province, national);
    const [here, there] = await sides();
    expect(here.buckets.map(({ date, kind, count }) => [date, kind, count])).toEqual([
      ['2019-12-20', MessageKind.REGISTRATION, 1n],
      ['2019-12-20', MessageKind.LICENCE, 1n],
      ['2019-12-20', MessageKind.INSPECTION, 1n],
    ]);
    expect(there).toEqual(here);
  });

  it('F21 a record of another province counts on the link it came by, unnamed as it is', async () => {
    await province.record(
      validLicence({
        counterpart: { uscc: testUscc(70), entName: testName(70), regOrg: '440100' },
      }),
    );
    await exchange(province, national);
    expect(await agreed()).toEqual([testMessageId(1, 1), testMessageId(4, 1)]);
  });

  it('F21 the digest is that of the sorted ids and digests, and shows a missing message', async () => {
    await province.record(validLicence(), validLicence({}, { number: 2 }));
    await province.register(validRegistration({}, { number: 2 }));
    await exchange(province, national);
    const [here] = await sides({ kind: MessageKind.LICENCE });
    const lines = here.entries.map(
      ({ sourceNode, messageId, digest }) => `${sourceNode}/${messageId}:${digest}\n`,
    );
    expect(lines).toHaveLength(2);
    expect(here.buckets).toHaveLength(1);
    expect(here.buckets[0]?.digest).toBe(
      createHash('sha256').update(lines.sort().join('')).digest('hex'),
    );
    await national
      .knex('messages')
      .where({ message_id: testMessageId(4, 2) })
      .del();
    const [, there] = await sides({ kind: MessageKind.LICENCE });
    expect(there.buckets[0]?.count).toBe(1n);
    expect(there.buckets[0]?.digest).not.toBe(here.buckets[0]?.digest);
  });

  it('F21 what waits to be delivered is on neither side', async () => {
    expect(await agreed()).toEqual([]);
    await exchange(province, national);
    expect(await agreed()).toEqual([testMessageId(1, 1)]);
  });

  it('F21 a delivery that was repeated because its acknowledgement was lost counts once', async () => {
    await exchange(province, national);
    await province.knex('deliveries').update({ state: 1, next_attempt_at: null, settled_at: null });
    await exchange(province, national);
    expect(await agreed()).toEqual([testMessageId(1, 1)]);
  });

  it('R55 F21 nothing of a record that is not public is on either side', async () => {
    const licence = validLicence({}, { nonPublic: true, nonPublicBasis: '涉及商业秘密' });
    await province.record(licence);
    await exchange(province, national);
    expect(await agreed()).toEqual([testMessageId(1, 1)]);
  });

  it('F20 F21 a mark that the national node sets on its own record takes it away on both sides', async () => {
    await exchange(province, national);
    const envelope = { sourceNode: '100000' };
    await national.record(validLicence({}, { envelope }));
    await exchange(national, province);
    await exchange(province, national);
    expect(await agreed()).toHaveLength(2);
    await national.mark(validPublicityChange({}, { envelope }));
    await exchange(national, province);
    expect(await agreed()).toEqual([testMessageId(1, 1)]);
  });

  it('D7 F21 a late mark takes every version away on both sides, clearing it brings one back', async () => {
    await province.record(validLicence());
    await province.record(
      validLicence(
        { licItem: '热食类食品制售、冷食类食品制售' },
        { envelope: { messageId: testMessageId(43, 1), recordVersion: 2n } },
      ),
    );
    await exchange(province, national);
    expect(await agreed()).toHaveLength(3);

    await province.mark(validPublicityChange());
    await exchange(province, national);
    expect(await agreed()).toEqual([testMessageId(1, 1)]);

    await province.mark(
      validPublicityChange(
        { nonPublic: false },
        { envelope: { messageId: testMessageId(81, 1), recordVersion: 2n } },
      ),
    );
    await exchange(province, national);
    expect(await agreed()).toEqual([testMessageId(1, 1), testMessageId(43, 1)]);
  });

  it('D12 F21 the day is that of acceptance at the source, in Shanghai, on both sides', async () => {
    province.nowMs = Date.parse('2019-12-19T23:59:59.999+08:00');
    await province.register(validRegistration({}, { number: 5 }));
    province.nowMs = Date.parse('2019-12-20T00:00:00.000+08:00');
    await province.register(validRegistration({}, { number: 6 }));
    national.nowMs = Date.parse('2019-12-25T12:00:00+08:00');
    await exchange(province, national);
    const [here, there] = await sides();
    expect(here.buckets.map(({ date, count }) => [date, count])).toEqual([
      ['2019-12-19', 1n],
      ['2019-12-20', 2n],
    ]);
    expect(there).toEqual(here);
    const [, nineteenth] = await sides({ fromDate: '2019-12-19', toDate: '2019-12-19' });
    expect(nineteenth.entries.map((entry) => entry.messageId)).toEqual([testMessageId(1, 5)]);
  });

  it('pages put together are all the ids, and sums come with the first', async () => {
    const numbers = [2, 3, 4, 5];
    await province.register(...numbers.map((number) => validRegistration({}, { number })));
    await exchange(province, national);
    const all = await agreed();
    expect(all).toHaveLength(5);
    const paged: string[] = [];
    const sums: number[] = [];
    let pageToken = '';
    do {
      const page = await national.ask.reconcile({
        ...RANGE,
        peerNode: '330000',
        pageSize: 2,
        pageToken,
      });
      paged.push(...page.entries.map((entry) => entry.messageId));
      sums.push(page.buckets.length);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(paged).toEqual(all);
    expect(sums).toEqual([1, 0, 0]);
    const { entries } = await national.ask.reconcile({
      ...RANGE,
      peerNode: '330000',
      includeIds: false,
    });
    expect(entries).toEqual([]);
  });

  it('F21 the slices of a day and class are found by the ids alone, and only those named are listed', async () => {
    for (const number of [2, 3, 4, 5]) await province.register(validRegistration({}, { number }));
    await exchange(province, national);
    const date = '2019-12-20';
    const part = { date, kind: MessageKind.REGISTRATION, slices: [] as number[] };
    const [{ entries }] = await sides();
    const sliceOf = ({ sourceNode, messageId }: { sourceNode: string; messageId: string }) =>
      createHash('sha256').update(`${sourceNode}/${messageId}`).digest()[0] ?? -1;
    const asked = { includeIds: false, includeSlices: true, parts: [part] };
    const [here, there] = await sides(asked);
    expect(there).toEqual(here);
    expect(here.buckets).toEqual([]);
    expect(here.slices).toEqual(
      [...new Set(entries.map(sliceOf))]
        .sort((a, b) => a - b)
        .map((slice) => {
          const own = entries.filter((entry) => sliceOf(entry) === slice);
          const lines = own.map((one) => `${one.sourceNode}/${one.messageId}:${one.digest}\n`);
          return expect.objectContaining({
            ...{ date, kind: MessageKind.REGISTRATION, slice, count: BigInt(own.length) },
            digest: createHash('sha256').update(lines.sort().join('')).digest('hex'),
          }) as unknown;
        }),
    );
    const slices = [sliceOf(entries[0]!), sliceOf(entries[1]!)];
    const [listed] = await sides({ parts: [{ ...part, slices }] });
    expect(listed.entries).toEqual(entries.filter((one) => slices.includes(sliceOf(one))));
    const [otherDay] = await sides({ parts: [{ ...part, date: '2019-12-19' }] });
    expect(otherDay.entries).toEqual([]);
  });

  it('refuses slices that are none, and sums of slices of nothing', async () => {
    const part = { date: '2019-12-20', kind: MessageKind.LICENCE, slices: [256] };
    for (const options of [{ parts: [part] }, { includeSlices: true }]) {
      const request = { ...RANGE, peerNode: '100000', ...options };
      const refusal = await refusalWith('VALIDATION_FAILED', province.ask.reconcile(request));
      expect(fieldsOf(refusal)).toEqual(['parts']);
    }
  });

  it('compares with a direct peer, over at most 31 days', async () => {
    const ask = (peerNode: string, fromDate: string, toDate: string) =>
      refusalWith('VALIDATION_FAILED', province.ask.reconcile({ peerNode, fromDate, toDate }));
    for (const peerNode of ['440000', '330000', '999999', ''])
      expect(fieldsOf(await ask(peerNode, '2019-12-01', '2019-12-01'))).toEqual(['peer_node']);
    expect(fieldsOf(await ask('100000', '2019-12-01', '2020-01-02'))).toEqual(['to_date']);
    expect(fieldsOf(await ask('100000', '2019-12-02', '2019-12-01'))).toEqual(['to_date']);
    expect(fieldsOf(await ask('100000', '2019-02-29', ''))).toEqual(['from_date', 'to_date']);
    await province.ask.reconcile({ ...RANGE, peerNode: '100000', toDate: '2020-01-01' });
  });
});
