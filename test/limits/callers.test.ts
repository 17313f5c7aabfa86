import { NOBODY } from '../../server/domain/access/principal.js';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createConnectClient } from '../../clients/connect.js';
import type { HubClient } from '../../clients/client.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { CallerLimits, type CallerLimitOptions } from '../../server/doors/caller-limits.js';
import type { Call, Caller } from '../../server/doors/service.js';
import { bindSome, startNode, until, type TestNode } from '../doors/node.js';
import { failureOf } from '../support/doors.js';

type Client = HubClient<typeof Registration>;

const doors: Readonly<Record<string, (node: TestNode) => Client>> = {
  gRPC: ({ address }) => {
    const client = createGrpcClient(Registration, address);
    onTestFinished(() => client.close());
    return client;
  },
  'Connect with JSON': ({ url }) => createConnectClient(Registration, url, { json: true }),
};

/** Calls that end when the test says so. */
function gated() {
  let open = () => {};
  let running = 0;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const bound = bindSome(Registration, {
    async getEnterprise({ uscc }) {
      running += 1;
      await gate;
      return { enterprise: { uscc } };
    },
  });
  return { bound, open: () => open(), running: () => running };
}

const greeting = bindSome(Registration, {
  getEnterprise: async ({ uscc }) => ({ enterprise: { uscc } }),
});

const limited = (bound: typeof greeting, options: Partial<CallerLimitOptions>) =>
  new CallerLimits({ inFlight: 1_000, perSecond: 1_000, ...options }).guard(bound);

describe.each(Object.entries(doors))('calls of one caller, through %s', (_, clientOf) => {
  test('are limited at the same time; the next is taken when one has ended', async () => {
    const calls = gated();
    const node = await startNode([limited(calls.bound, { inFlight: 2 })]);
    const client = clientOf(node);
    const running = [client.getEnterprise({ uscc: 'a' }), client.getEnterprise({ uscc: 'b' })];
    await until(() => calls.running() === 2);
    expect(await failureOf(client.getEnterprise({ uscc: 'c' }))).toMatchObject({
      codeName: 'RESOURCE_EXHAUSTED',
      reason: 'TOO_MANY_CALLS',
      retryAfterMs: 500,
      metadata: { per: 'in-flight', limit: '2' },
    });
    calls.open();
    await Promise.all(running);
    expect((await client.getEnterprise({ uscc: 'd' })).enterprise?.uscc).toBe('d');
  });

  test('are limited a second, and told when the next one begins', async () => {
    const node = await startNode([limited(greeting, { perSecond: 3 })]);
    const client = clientOf(node);
    const ends = await Promise.all(
      Array.from({ length: 20 }, () => failureOf(client.getEnterprise({ uscc: 'a' }))),
    );
    const refused = ends.filter((end) => end !== undefined);
    expect(refused.length).toBeGreaterThan(0);
    for (const end of refused) {
      expect(end).toMatchObject({
        reason: 'TOO_MANY_CALLS',
        metadata: { per: 'second', limit: '3' },
      });
      expect(end.retryAfterMs).toBeGreaterThan(0);
      expect(end.retryAfterMs).toBeLessThanOrEqual(1_000);
    }
    await expect
      .poll(async () => await failureOf(client.getEnterprise({ uscc: 'b' })))
      .toBeUndefined();
  });
});

/** What the doors would say of a call from there. */
function callFrom(caller: Caller): Call {
  const { signal } = new AbortController();
  return { signal, caller, principal: NOBODY, cancelled: false, door: 'grpc' };
}

describe('who a call counts for', () => {
  const enter = (limits: CallerLimits, caller: Caller): Promise<unknown> => {
    const handle = limits.guard(greeting).methods['getEnterprise'] as (
      request: object,
      call: Call,
    ) => Promise<unknown>;
    return failureOf(handle({ uscc: 'a' }, callFrom(caller)));
  };

  test('is the address without its port, and nobody pays for another', async () => {
    const limits = new CallerLimits({ inFlight: 10, perSecond: 1 });
    const handle = async (peer: string): Promise<boolean> =>
      enter(limits, { peer }).then(
        () => true,
        () => false,
      );
    expect([
      await handle('10.0.0.1:1000'),
      await handle('10.0.0.1:2000'),
      await handle('10.0.0.2:1000'),
    ]).toEqual([true, false, true]);
  });

  test('is remembered for so many callers, so that a million of them fill no memory', async () => {
    const limits = new CallerLimits({ inFlight: 10, perSecond: 1, remembered: 2 });
    const handle = async (host: number): Promise<boolean> =>
      enter(limits, { peer: `10.0.0.${host}:1` }).then(
        () => true,
        () => false,
      );
    expect([await handle(1), await handle(2), await handle(2), await handle(3)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    // The one that was quiet longest is forgotten, the others are not.
    expect([await handle(2), await handle(1)]).toEqual([false, true]);
  });
});

describe('streams', () => {
  const echo = bindSome(Exchange, {
    async *streamRecords(requests) {
      for await (const { records } of requests) yield { results: records.map(() => ({})) };
    },
    async *pullMessages(_request, { signal }) {
      yield { deliveryId: '1' };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  });

  async function clientOf(options: Partial<CallerLimitOptions>) {
    const node = await startNode([limited(echo, options)]);
    const client = createGrpcClient(Exchange, node.address);
    onTestFinished(() => client.close());
    return client;
  }

  test('count as calls for as long as they last', async () => {
    const client = await clientOf({ inFlight: 1 });
    const first = client.pullMessages({ node: '330000' })[Symbol.asyncIterator]();
    expect((await first.next()).value).toMatchObject({ deliveryId: '1' });
    const second = client.pullMessages({ node: '330000' })[Symbol.asyncIterator]();
    expect(await failureOf(second.next())).toMatchObject({ reason: 'TOO_MANY_CALLS' });
    await first.return?.();
    await expect
      .poll(async () => {
        const third = client.pullMessages({ node: '330000' })[Symbol.asyncIterator]();
        const failure = await failureOf(third.next());
        await third.return?.();
        return failure;
      })
      .toBeUndefined();
  });

  test('through which nothing comes any more are ended, and their place is free', async () => {
    const client = await clientOf({ inFlight: 1, streamIdleMs: 200 });
    const silent = async function* () {
      yield { records: [{}, {}] };
      await new Promise(() => undefined);
    };
    const seen: number[] = [];
    const reading = (async () => {
      for await (const { results } of client.streamRecords(silent())) seen.push(results.length);
    })();
    expect(await failureOf(reading)).toMatchObject({
      codeName: 'UNAVAILABLE',
      reason: 'STREAM_IDLE',
    });
    expect(seen).toEqual([2]);
    await expect
      .poll(async () => {
        const next = client.pullMessages({ node: '330000' })[Symbol.asyncIterator]();
        const failure = await failureOf(next.next());
        await next.return?.();
        return failure;
      })
      .toBeUndefined();
  });
});
