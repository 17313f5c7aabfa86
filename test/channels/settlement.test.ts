import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import { endOf, OUTAGE_LIMIT_MS, PAUSE_CAP_MS, settle } from '../../server/channels/settlement.js';
import { BACKOFF_CAP_MS } from '../../server/delivery/backoff.js';
import { claimDispatches, type ClaimedDispatch } from '../../server/storage/package-dispatch.js';
import { stepsOf } from '../../server/storage/package-store.js';
import { AUTHORITY, validRegistration } from '../support/builders.js';
import { openDataCenter, type TestDataCenter } from '../support/data-center.js';

const { BUILT, SENT, DEEMED_DELIVERED, FAILED } = PackageStatus;

describe('what becomes of an attempt', () => {
  let centre: TestDataCenter;
  let next = 1;
  beforeAll(async () => {
    centre = await openDataCenter();
  });
  afterAll(() => centre.close());

  /** A new package that was taken for an attempt on each of the routes. */
  async function claimed(...routes: readonly string[]): Promise<ClaimedDispatch[]> {
    await centre.register(validRegistration({}, { number: next++ }));
    for (const route of routes)
      await centre.knex.raw(
        `insert into package_dispatches (package_id, route, dept_code, uscc, state, created_at)
         select package_id, ?, dept_code, uscc, 1, created_at from packages order by seq desc limit 1`,
        [route],
      );
    const taken = routes.map((route) =>
      claimDispatches(centre.knex, route, { count: 1, leaseMs: 60_000 }),
    );
    return (await Promise.all(taken)).flat();
  }

  async function stateOf({ packageId }: ClaimedDispatch) {
    const { packages } = await centre.ask.listPackages({
      receivingDeptCode: AUTHORITY.code,
      pageSize: 200,
    });
    const one = packages.find((listed) => listed.packageId === packageId);
    const steps = await stepsOf(centre.knex, packageId);
    return { receipt: one?.platformReceiptNo, steps: steps.map((step) => step.status) };
  }

  const on = (route: string) => ({ knex: centre.knex, node: '330000', route, nowMs: centre.nowMs });

  it('R33 counts once, when two processes sent the same and both come back', async () => {
    const [one] = await claimed('a');
    await settle(one!, { state: 'sent', receiptNo: 'R-1' }, on('a'));
    await settle(one!, { state: 'sent', receiptNo: 'R-2' }, on('a'));
    await settle(one!, { state: 'dead', error: 'late' }, on('a'));
    expect(await stateOf(one!)).toEqual({
      receipt: 'R-1',
      steps: [BUILT, SENT, DEEMED_DELIVERED],
    });
  });

  it('R33 an attempt that was made anew meanwhile can not fail the package; its receipt counts', async () => {
    const [late] = await claimed('h');
    const expire = (): Promise<unknown> =>
      centre.knex('package_dispatches').where({ route: 'h' }).update({ next_attempt_at: null });
    const again = async (): Promise<ClaimedDispatch> =>
      (await claimDispatches(centre.knex, 'h', { count: 1, leaseMs: 60_000 }))[0]!;
    await expire();
    const second = await again();
    await settle(late!, { state: 'dead', error: 'late' }, on('h'));
    await settle(late!, { state: 'retry', error: 'late', delayMs: 0, refused: false }, on('h'));
    expect(await claimDispatches(centre.knex, 'h', { count: 1, leaseMs: 0 })).toEqual([]);
    await settle(second, { state: 'sent', receiptNo: 'H-2' }, on('h'));
    expect(await stateOf(second)).toEqual({
      receipt: 'H-2',
      steps: [BUILT, SENT, DEEMED_DELIVERED],
    });

    const [early] = await claimed('i');
    await centre.knex('package_dispatches').where({ route: 'i' }).update({ next_attempt_at: null });
    await claimDispatches(centre.knex, 'i', { count: 1, leaseMs: 60_000 });
    await settle(early!, { state: 'sent', receiptNo: 'I-1' }, on('i'));
    expect((await stateOf(early!)).receipt).toBe('I-1');
  });

  it('R31 R33 a package has failed only when no channel took it and none is left to try', async () => {
    const [first, second] = await claimed('b', 'c');
    await settle(first!, { state: 'dead', error: 'HTTP 400' }, on('b'));
    expect((await stateOf(first!)).steps).toEqual([BUILT, BUILT]);
    await settle(second!, { state: 'dead', error: 'HTTP 400' }, on('c'));
    expect((await stateOf(first!)).steps).toEqual([BUILT, BUILT, FAILED]);

    const [third, fourth] = await claimed('d', 'e');
    await settle(third!, { state: 'sent', receiptNo: '' }, on('d'));
    await settle(fourth!, { state: 'dead', error: 'HTTP 400' }, on('e'));
    expect((await stateOf(third!)).steps).toEqual([BUILT, SENT, SENT]);
  });

  it('R31 R33 the first receipt number stands; that of another channel is in the steps', async () => {
    const [first, second] = await claimed('f', 'g');
    await settle(first!, { state: 'sent', receiptNo: 'F-1' }, on('f'));
    await settle(second!, { state: 'sent', receiptNo: 'G-1' }, on('g'));
    expect((await stateOf(first!)).receipt).toBe('F-1');
    const notes = (await stepsOf(centre.knex, first!.packageId)).map((step) => step.note);
    expect(notes.join()).toMatch(/F-1.*G-1/s);
  });

  it('R33 refusals are counted, outages are limited by days, and nobody waits long for one that is back', () => {
    const refused = { kind: 'refused', error: 'x' } as const;
    const unreachable = { kind: 'unreachable', error: 'x' } as const;
    const past = { attempts: 5_000, refusals: 0, waitedMs: OUTAGE_LIMIT_MS - 1 };
    const again = { state: 'retry', error: 'x' };
    expect(endOf(refused, past, 1_000, 1)).toMatchObject({ ...again, delayMs: 1_000 });
    expect(endOf(refused, { ...past, refusals: 998 }, 1_000, 1)).toEqual({
      ...again,
      delayMs: BACKOFF_CAP_MS,
      refused: true,
    });
    expect(endOf(refused, { ...past, refusals: 999 }, 1_000, 1).state).toBe('dead');
    expect(endOf(unreachable, { ...past, refusals: 999 }, 1_000, 1)).toEqual({
      ...again,
      delayMs: PAUSE_CAP_MS,
      refused: false,
    });
    const late = { attempts: 1, refusals: 0, waitedMs: OUTAGE_LIMIT_MS };
    expect(endOf(unreachable, late, 1_000, 1).state).toBe('dead');
    expect(endOf({ kind: 'unfit', error: 'x' }, late, 1_000, 1).state).toBe('dead');
  });
});
