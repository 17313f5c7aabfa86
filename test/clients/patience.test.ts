import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { Patience } from '../../clients/patience.js';
import { HubError } from '../../server/domain/errors.js';
import { bindSome, startNode } from '../doors/node.js';
import { LONGER_THAN_A_TEST_MS } from '../support/patience.js';

/** A hub that has no room for the first calls, and tells when to come again. */
async function fullHub(refusals: number, reason = ErrorReason.BACKLOG_FULL, retryAfterMs = 20) {
  let calls = 0;
  let atOnce = 0;
  let most = 0;
  const bound = bindSome(Registration, {
    async getEnterprise({ uscc }) {
      calls += 1;
      most = Math.max(most, (atOnce += 1));
      await new Promise((resolve) => setImmediate(resolve));
      atOnce -= 1;
      if (calls <= refusals) throw new HubError(reason, { zh: '满', en: 'full' }, { retryAfterMs });
      return { enterprise: { uscc } };
    },
  });
  const { address } = await startNode([bound]);
  const client = createGrpcClient(Registration, address);
  onTestFinished(() => client.close());
  const ask = (uscc: string) => async () => (await client.getEnterprise({ uscc })).enterprise?.uscc;
  return { ask, calls: () => calls, most: () => most };
}

describe('a patient client', () => {
  test('waits as it was told and goes on by itself', async () => {
    const hub = await fullHub(3);
    expect(await new Patience().make(hub.ask('a'))).toBe('a');
    expect(hub.calls()).toBe(4);
  });

  test('has no more calls in flight than it may, and loses none', async () => {
    const hub = await fullHub(10);
    const patience = new Patience({ inFlight: 3 });
    const names = Array.from({ length: 40 }, (_, index) => String(index));
    expect(await Promise.all(names.map((name) => patience.make(hub.ask(name))))).toEqual(names);
    expect(hub.most()).toBeLessThanOrEqual(3);
  });

  test('does not repeat what is refused for good', async () => {
    const hub = await fullHub(1, ErrorReason.NOT_FOUND);
    await expect(new Patience().make(hub.ask('a'))).rejects.toMatchObject({ reason: 'NOT_FOUND' });
    expect(hub.calls()).toBe(1);
  });

  test('gives up in the end, with what the hub said last', async () => {
    const hub = await fullHub(Number.POSITIVE_INFINITY);
    const patience = new Patience({ giveUpAfterMs: 50, random: () => 0 });
    await expect(patience.make(hub.ask('a'))).rejects.toMatchObject({ reason: 'BACKLOG_FULL' });
    expect(hub.calls()).toBe(4);
  });

  test('stops waiting when it is told to, and leaves its place to nobody for ever', async () => {
    const hub = await fullHub(Number.POSITIVE_INFINITY);
    const stopping = new AbortController();
    const patience = new Patience({ inFlight: 1, signal: stopping.signal });
    const first = expect(patience.make(hub.ask('a'))).rejects.toThrow();
    const second = expect(patience.make(hub.ask('b'))).rejects.toThrow();
    stopping.abort(new Error('stopped'));
    await Promise.all([first, second]);
  });

  test('is cut short in a wait that would outlast the test', async () => {
    const hub = await fullHub(Infinity, ErrorReason.BACKLOG_FULL, LONGER_THAN_A_TEST_MS);
    const stopping = new AbortController();
    const patience = new Patience({ signal: stopping.signal });
    const waiting = expect(patience.make(hub.ask('a'))).rejects.toThrow('stopped');
    const enduring = expect(
      patience.endure(
        await hub
          .ask('b')()
          .catch((error: unknown) => error),
        0,
        0,
      ),
    ).rejects.toThrow('stopped');
    await vi.waitFor(() => expect(hub.calls()).toBe(2));
    stopping.abort(new Error('stopped'));
    await Promise.all([waiting, enduring]);
    await expect(patience.make(hub.ask('c'))).rejects.toThrow('stopped');
    expect(hub.calls()).toBe(2);
  });

  test('is cut short while it waits for its turn behind an attempt that hangs', async () => {
    const stopping = new AbortController();
    const patience = new Patience({ inFlight: 1, signal: stopping.signal });
    let answer = (): void => undefined;
    const first = patience.make(() => new Promise<void>((resolve) => (answer = resolve)));
    const second = expect(patience.make(() => Promise.resolve())).rejects.toThrow('stopped');
    stopping.abort(new Error('stopped'));
    await second;
    answer();
    await first;
  });
});
