import { createHash } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { DeliveryAction, DeliveryOutcome } from '#gen/zhengzhao/v1/exchange_pb.js';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { createLog } from '../../server/log.js';
import { testCounterpart, validLicence, validRegistration } from '../support/builders.js';
import { startLightProvince, type LightProvince } from '../support/light-province.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';

const NATIONAL = '100000';
const SAMR = '11100000MB0143028R';
const HEALTHY = ['330000', '440000', '370000', '320000'];
const [SILENT, REFUSING, SLOW] = ['110000', '120000', '310000'];
/** A county of each, in which its enterprises are registered. */
const COUNTIES: Readonly<Record<string, string>> = {
  '330000': '330902',
  '440000': '440106',
  '370000': '370102',
  '320000': '320102',
  [SILENT!]: '110101',
  [REFUSING!]: '120101',
  [SLOW!]: '310101',
};
const PROVINCES = Object.keys(COUNTIES);
/** Lanes that one province may occupy of the national node's workers. */
const LANES_PER_PROVINCE = 4;
/** Enterprises of each. */
const EACH = 60;
/** Of the one that refuses: more than its lanes send before the first of them has failed. */
const MANY = 900;
/** Messages that a call may carry. */
const PER_CALL = 500;

function heldOf(province: string): number {
  return province === REFUSING ? MANY : EACH;
}

/** Numbers of the enterprises of a province, from `first`. */
function numbersOf(province: string, count = heldOf(province), first = 1): number[] {
  const base = PROVINCES.indexOf(province) * 1_000 + first;
  return Array.from({ length: count }, (_, index) => base + index);
}

function inCalls<T>(messages: readonly T[]): T[][] {
  const calls = Math.ceil(messages.length / PER_CALL);
  return Array.from({ length: calls }, (_, call) =>
    messages.slice(call * PER_CALL, (call + 1) * PER_CALL),
  );
}

/** A licence of the national level for the enterprise of a number. */
function nationalLicence(number: number) {
  return validLicence(
    {
      licAuthorityCode: SAMR,
      licAuthorityName: '国家市场监督管理总局',
      counterpart: testCounterpart(number, { regOrg: '' }),
    },
    { number, envelope: { sourceNode: NATIONAL, sourceOrg: SAMR } },
  );
}

/** Tells the national node of enterprises, as their province would. */
async function registerAt(national: TestNode, province: string, numbers: readonly number[]) {
  const county = COUNTIES[province] ?? '';
  const deliveries = numbers.map((number) => {
    const event = validRegistration(
      { regOrg: county, domDistrict: county },
      { number, envelope: { sourceNode: province } },
    );
    const payload = toBinary(RegistrationEventSchema, event);
    const messageId = event.envelope?.messageId ?? '';
    return {
      messageId,
      sourceNode: province,
      kind: MessageKind.REGISTRATION,
      action: DeliveryAction.CARRY,
      orderKey: messageId,
      payload,
      digest: createHash('sha256').update(payload).digest(),
    };
  });
  for (const part of inCalls(deliveries)) {
    const request = { fromNode: province, toNode: NATIONAL, deliveries: part };
    const { results } = await national.exchange.deliver(request);
    expect(new Set(results.map((one) => one.outcome))).toEqual(new Set([DeliveryOutcome.ACCEPTED]));
  }
}

/** Licences of the national level, which the node owes their province; answers their ids. */
async function submit(national: TestNode, numbers: readonly number[]): Promise<string[]> {
  const records = numbers.map(nationalLicence);
  for (const part of inCalls(records)) {
    const { results } = await national.exchange.batchSubmitRecords({ records: part });
    expect(new Set(results.map((one) => one.outcome.case))).toEqual(new Set(['receipt']));
  }
  return records.map((record) => record.envelope?.messageId ?? '');
}

interface Open {
  readonly destination: string;
  readonly open: number;
  readonly tried: number;
}

/** What is open for each destination, and how much of it an attempt was made at. */
async function openAt(national: TestNode): Promise<Map<string, Open>> {
  const rows = await national.sql<Open>(
    `select destination, count(*)::int as open, count(*) filter (where attempts > 0)::int as tried
       from deliveries where state = 1 group by destination`,
  );
  return new Map(rows.map((row) => [row.destination, row]));
}

/** Puts what is open for a destination into one lane, while nobody else writes: a claim could deadlock with it. */
async function inOneLane(national: TestNode, destination: string): Promise<void> {
  await national.sql(
    `do $$ begin
       lock table deliveries in share row exclusive mode;
       update deliveries set lane = 0 where destination = '${destination}';
     end $$`,
  );
}

/** A gate that opens once. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), opened };
}

describe('one dead or slow province never slows the others', () => {
  let national: TestNode;
  let healthy: LightProvince[];
  let slow: LightProvince;
  let silent: Server;
  const silentSockets = new Set<Socket>();
  const slowAnswers = gate();
  const warned: string[] = [];

  beforeAll(async () => {
    healthy = await Promise.all(HEALTHY.map((code) => startLightProvince(code)));
    slow = await startLightProvince(SLOW!, { before: () => slowAnswers.opened });
    silent = createServer((socket) => {
      // Accepts, reads, and never says a word.
      silentSockets.add(socket.on('error', () => undefined).resume());
    });
    const silentPort = await new Promise<number>((resolve) => {
      silent.listen(0, '127.0.0.1', () => {
        const address = silent.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    const log = createLog('warn', NATIONAL, {
      write: (line: string) => {
        const { msg, destination } = JSON.parse(line) as Record<string, string>;
        if (msg?.startsWith('投递失败') && destination !== undefined) warned.push(destination);
      },
    });
    const urls = [
      ...[...healthy, slow].map(({ code, url }) => `${code}=${url}`),
      `${SILENT}=http://127.0.0.1:${silentPort}`,
      `${REFUSING}=http://127.0.0.1:${await freePort()}`,
    ];
    national = await startTestNode(
      { HUB_LEVEL: 'national', HUB_NODES: urls.join(','), HUB_LOG_LEVEL: 'warn' },
      log,
    );
    for (const province of PROVINCES) await registerAt(national, province, numbersOf(province));
  });
  afterAll(async () => {
    slowAnswers.open();
    for (const socket of silentSockets) socket.destroy();
    silent.close();
    await national.stop();
    await Promise.all([...healthy, slow].map((province) => province.stop()));
  });

  it('D14 the healthy ones are served while calls to the others hang, are refused, or are slow', async () => {
    // All three hold what they can before the first message of a healthy one is there.
    // The slow one first: its calls end by their deadline, or later than the test needs, never as it answers.
    await submit(national, numbersOf(SLOW!));
    await eventually(() => {
      expect(slow.waiting).toBe(LANES_PER_PROVINCE);
      return Promise.resolve();
    });
    await submit(national, numbersOf(REFUSING!));
    await eventually(() => {
      expect(warned).toContain(REFUSING);
      return Promise.resolve();
    });
    // With the first failure the rest of it was left alone.
    const refused = (await openAt(national)).get(REFUSING!)?.tried ?? 0;
    expect(refused).toBeGreaterThan(0);
    expect(refused).toBeLessThan(MANY);
    await submit(national, numbersOf(SILENT!));
    await eventually(async () => {
      expect((await openAt(national)).get(SILENT!)?.tried).toBeGreaterThan(0);
    });

    const wanted = new Map<string, string[]>();
    for (const province of HEALTHY)
      wanted.set(province, await submit(national, numbersOf(province)));
    await eventually(async () => {
      const open = await openAt(national);
      expect(HEALTHY.map((code) => open.get(code)?.open ?? 0)).toEqual(HEALTHY.map(() => 0));
    });
    for (const { code, taken } of healthy)
      expect(taken.flat().sort()).toEqual(wanted.get(code)?.sort());

    // And all that time nothing was taken by the others: their queues are what was put into them.
    expect(slow.taken).toEqual([]);
    expect(slow.mostWaiting).toBe(LANES_PER_PROVINCE);
    const open = await openAt(national);
    for (const province of [SILENT!, REFUSING!, SLOW!])
      expect([province, open.get(province)?.open]).toEqual([province, heldOf(province)]);
  });

  it('the breaker of one that can not be reached is open, and stays so', async () => {
    expect(warned.filter((one) => one === REFUSING)).toHaveLength(1);
    const failed = await national.sql<{ reason: number }>(
      'select distinct last_reason as reason from deliveries where destination = ? and attempts > 0',
      [REFUSING],
    );
    expect(failed.map(({ reason }) => reason)).toContain(ErrorReason.UNAVAILABLE);
  });

  it('a call that hangs ends with its deadline, and then the breaker is open there, too', async () => {
    await eventually(() => {
      expect(warned).toContain(SILENT);
      return Promise.resolve();
    });
    const { open } = (await openAt(national)).get(SILENT!)!;
    expect(open).toBe(EACH);
  });

  it('a slow one gets everything, once, as soon as it answers', async () => {
    slowAnswers.open();
    await eventually(async () => expect((await openAt(national)).get(SLOW!)).toBeUndefined());
    const ids = slow.taken.flat();
    expect(ids).toHaveLength(new Set(ids).size);
    expect(ids).toHaveLength(EACH);
  });
});

describe('the storm after a long outage', () => {
  /** More than two calls carry. */
  const BACKLOG = 450;
  const FRESH = 20;
  const [LIVE, BACK] = ['330000', '440000'];
  let national: TestNode;
  let live: LightProvince;
  let back: LightProvince | undefined;
  let port: number;
  const stormMayGoOn = gate();

  beforeAll(async () => {
    live = await startLightProvince(LIVE!);
    port = await freePort();
    national = await startTestNode({
      HUB_LEVEL: 'national',
      HUB_NODES: `${LIVE}=${live.url},${BACK}=http://127.0.0.1:${port}`,
    });
    await registerAt(national, LIVE!, numbersOf(LIVE!, FRESH));
    await registerAt(national, BACK!, numbersOf(BACK!, BACKLOG + FRESH));
  });
  afterAll(async () => {
    stormMayGoOn.open();
    await national.stop();
    await Promise.all([live.stop(), back?.stop()]);
  });

  it('live traffic does not wait behind it: neither of others nor of the one that is back', async () => {
    const old = await submit(national, numbersOf(BACK!, BACKLOG));
    // One lane: the longest queue there can be, so that nothing overtakes by having its own.
    await inOneLane(national, BACK!);
    const fresh = await submit(national, numbersOf(BACK!, FRESH, BACKLOG + 1));
    await inOneLane(national, BACK!);

    // It comes back, and answers its first call only when the test says so.
    back = await startLightProvince(BACK!, { port, before: () => stormMayGoOn.opened });
    await eventually(() => {
      expect(back?.waiting).toBe(1);
      return Promise.resolve();
    });

    // In the middle of the storm there is something new for the other one, and it arrives.
    const others = await submit(national, numbersOf(LIVE!, FRESH));
    await eventually(() => {
      expect(live.taken.flat().sort()).toEqual([...others].sort());
      return Promise.resolve();
    });
    expect(back.taken).toEqual([]);

    // What was tried in vain before is due again by now.
    await eventually(async () => {
      const [row] = await national.sql<{ waiting: number }>(
        `select count(*)::int as waiting from deliveries
          where state = 1 and next_attempt_at between now() and now() + interval '20 seconds'`,
      );
      expect(row?.waiting).toBe(0);
    });
    stormMayGoOn.open();
    await eventually(async () => expect((await openAt(national)).size).toBe(0));
    const arrived = back.taken.flat();
    expect([...arrived].sort()).toEqual([...old, ...fresh].sort());
    // What is fresh for the one that is back goes with the next call, not behind all that is old.
    const first = new Set(back.taken.slice(0, 2).flat());
    expect(fresh.filter((id) => !first.has(id))).toEqual([]);
    expect(old.filter((id) => !first.has(id)).length).toBeGreaterThan(0);
  });
});
