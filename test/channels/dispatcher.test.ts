import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import type { Carrier, Outcome } from '../../server/channels/carrier.js';
import { startDispatcher, type Running } from '../../server/channels/dispatcher.js';
import { OUTAGE_LIMIT_MS } from '../../server/channels/settlement.js';
import { AUTHORITY, validRegistration } from '../support/builders.js';
import { openDataCenter, type TestDataCenter } from '../support/data-center.js';
import { eventually } from '../support/nodes.js';

const { BUILT, SENT, FAILED } = PackageStatus;
const DAY_MS = 86_400_000;
const REFUSED = { kind: 'refused', error: 'HTTP 404' } as const;
const AWAY = { kind: 'unreachable', error: 'ECONNREFUSED' } as const;
const PLACED = { kind: 'placed' } as const;

interface Row {
  readonly state: number;
  readonly attempts: number;
  readonly refusals: number;
}

describe('the loop of a route', () => {
  let centre: TestDataCenter;
  let running: Running | undefined;
  /** When each attempt was made, in milliseconds. */
  let attempts: number[];
  let outcome: Outcome;
  beforeEach(async () => {
    centre = await openDataCenter();
    attempts = [];
    outcome = PLACED;
  });
  afterEach(async () => {
    await running?.stop();
    await centre.close();
  });

  const carrier: Carrier = {
    concurrency: 8,
    timeoutMs: 1_000,
    send: async () => {
      attempts.push(performance.now());
      return outcome;
    },
  };

  /** Packages of as many enterprises, given to the route. */
  async function given(count: number): Promise<void> {
    const numbers = Array.from({ length: count }, (_, at) => at + 1);
    await centre.register(...numbers.map((number) => validRegistration({}, { number })));
    await centre.knex.raw(
      `insert into package_dispatches (package_id, route, dept_code, uscc, state, created_at)
       select package_id, 'r', dept_code, uscc, 1, created_at from packages`,
    );
  }

  function start(maxAttempts: number): void {
    const { knex, parts } = centre;
    running = startDispatcher({
      knex,
      log: parts.log,
      route: 'r',
      carrier,
      node: '330000',
      maxAttempts,
      intervalMs: 20,
      random: () => 0.5,
      now: () => centre.nowMs,
    });
  }

  const rows = (): Promise<Row[]> =>
    centre.knex<Row>('package_dispatches').select('state', 'attempts', 'refusals').orderBy('id');
  const change = (values: object): Promise<unknown> =>
    centre.knex('package_dispatches').update({ next_attempt_at: null, ...values });
  const statuses = async (): Promise<PackageStatus[]> => {
    const asked = { receivingDeptCode: AUTHORITY.code, pageSize: 200 };
    return (await centre.ask.listPackages(asked)).packages.map(({ status }) => status);
  };

  it.each([
    ['refuses everything', REFUSED],
    ['is away', AWAY],
  ])(
    'R33 probes a channel that %s with one package at a time, less and less often',
    async (_, end) => {
      await given(12);
      outcome = end;
      start(1_000);
      await eventually(async () => expect(attempts.length).toBeGreaterThan(9));
      const [, second = 0, third = 0] = [attempts[7], attempts[8], attempts[9]];
      expect(second - (attempts[7] ?? 0)).toBeGreaterThan(700);
      expect(third - second).toBeGreaterThan(1_400);
      expect((await rows()).every(({ state }) => state === 1)).toBe(true);

      outcome = PLACED;
      await change({});
      await eventually(async () => expect(await statuses()).toEqual(Array(12).fill(SENT)));
    },
  );

  it('R33 gives a package up after so many refusals, whatever outage was before', async () => {
    await given(1);
    outcome = AWAY;
    start(2);
    await eventually(async () => expect(attempts.length).toBeGreaterThan(0));
    outcome = REFUSED;
    await change({ attempts: 5_000 });
    await eventually(async () => expect(await rows()).toMatchObject([{ state: 1, refusals: 1 }]));
    expect(await statuses()).toEqual([BUILT]);
    await change({});
    await eventually(async () => expect(await statuses()).toEqual([FAILED]));
  });

  it('R33 waits for days for a channel that is away, however often it tried, and not for ever', async () => {
    await given(1);
    outcome = AWAY;
    centre.nowMs += OUTAGE_LIMIT_MS - DAY_MS;
    await change({ attempts: 5_000 });
    start(3);
    await eventually(async () => expect((await rows())[0]?.attempts).toBeGreaterThan(5_000));
    expect(await statuses()).toEqual([BUILT]);
    centre.nowMs += DAY_MS;
    await change({});
    await eventually(async () => expect(await statuses()).toEqual([FAILED]));
  });

  it('VR29 gives up at once what was damaged, and sends the others', async () => {
    await given(3);
    await centre.knex.raw(
      `update packages set content = 'x' where seq = (select min(seq) from packages)`,
    );
    start(1_000);
    await eventually(async () =>
      expect((await rows()).map(({ state }) => state)).toEqual([3, 2, 2]),
    );
    expect(attempts).toHaveLength(2);
  });
});
