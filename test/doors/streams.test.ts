import { describe, expect, onTestFinished, test } from 'vitest';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createConnectClient } from '../../clients/connect.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { HubError } from '../../server/domain/errors.js';
import type { Call } from '../../server/doors/service.js';
import { bindSome, startNode, until, type TestNode } from './node.js';
import { LONGER_THAN_A_TEST_MS } from '../support/patience.js';

function grpcTo(node: TestNode) {
  const client = createGrpcClient(Exchange, node.address);
  onTestFinished(() => client.close());
  return client;
}

async function* batches(count: number, sent: { count: number } = { count: 0 }) {
  for (; sent.count < count; sent.count += 1) {
    yield { records: [{ nonPublicBasis: String(sent.count) }] };
  }
}

/** Answers each batch with the mark of its first record. */
const echo = bindSome(Exchange, {
  async *streamRecords(requests) {
    for await (const { records } of requests) {
      yield { results: [{ messageId: records[0]?.nonPublicBasis ?? '' }] };
    }
  },
});

test('a stream both ways keeps its order over a thousand batches', async () => {
  const client = grpcTo(await startNode([echo]));
  const seen: string[] = [];
  for await (const { results } of client.streamRecords(batches(1000))) {
    seen.push(results[0]?.messageId ?? '');
  }
  expect(seen).toEqual(Array.from({ length: 1000 }, (_, index) => String(index)));
});

test('a slow handler slows its sender down', async () => {
  let release = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  const slow = bindSome(Exchange, {
    async *streamRecords(requests) {
      await gate;
      for await (const { records } of requests) yield { results: records.map(() => ({})) };
    },
  });
  const client = grpcTo(await startNode([slow]));
  const sent = { count: 0 };
  const large = (async function* () {
    for await (const batch of batches(200, sent)) {
      yield { records: [{ ...batch.records[0], nonPublicBasis: 'x'.repeat(256 * 1024) }] };
    }
  })();
  let answers = 0;
  const reading = (async () => {
    for await (const answer of client.streamRecords(large)) answers += answer.results.length;
  })();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(sent.count).toBeGreaterThan(0);
  expect(sent.count).toBeLessThan(100);
  release();
  await reading;
  expect(answers).toBe(200);
});

test('a slow reader slows its handler down', async () => {
  let made = 0;
  const eager = bindSome(Exchange, {
    async *pullMessages() {
      for (; made < 200; made += 1) yield { delivery: { payload: new Uint8Array(256 * 1024) } };
    },
  });
  const client = grpcTo(await startNode([eager]));
  let read = 0;
  for await (const answer of client.pullMessages({})) {
    if (read === 0) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      expect(made).toBeLessThan(100);
    }
    read += answer.delivery ? 1 : 0;
  }
  expect(read).toBe(200);
});

describe('an error in a stream comes after what was sent before', () => {
  const failing = bindSome(Exchange, {
    async *pullMessages() {
      yield { deliveryId: '1' };
      throw new HubError(ErrorReason.WRONG_NODE, { zh: '节点不符。', en: 'Wrong node.' });
    },
  });

  test.each(['gRPC', 'Connect'])('through %s', async (door) => {
    const node = await startNode([failing]);
    const client = door === 'gRPC' ? grpcTo(node) : createConnectClient(Exchange, node.url);
    let read = 0;
    const reading = (async () => {
      for await (const _ of client.pullMessages({})) read += 1;
    })();
    await expect(reading).rejects.toMatchObject({
      codeName: 'PERMISSION_DENIED',
      reason: 'WRONG_NODE',
      messageZh: '节点不符。',
    });
    expect(read).toBe(1);
  });
});

test('a source of requests that fails ends the call with its own error', async () => {
  const client = grpcTo(await startNode([echo]));
  const source = (async function* () {
    yield* batches(1);
    throw new Error('the file ended too early');
  })();
  const reading = (async () => {
    for await (const _ of client.streamRecords(source));
  })();
  await expect(reading).rejects.toThrow('the file ended too early');
});

test('a handler may answer before it has read everything', async () => {
  const hasty = bindSome(Exchange, {
    async *streamRecords(requests) {
      for await (const _ of requests) break;
      yield { results: [{ messageId: 'enough' }] };
    },
  });
  const client = grpcTo(await startNode([hasty]));
  const seen: string[] = [];
  for await (const { results } of client.streamRecords(batches(100))) {
    seen.push(results[0]?.messageId ?? '');
  }
  expect(seen).toEqual(['enough']);
});

describe('the signal of a call', () => {
  function waiting() {
    const calls: Call[] = [];
    const wait = (call: Call) => {
      calls.push(call);
      return new Promise<never>((_, reject) => {
        call.signal.addEventListener('abort', () => reject(call.signal.reason), { once: true });
      });
    };
    const services = [
      bindSome(Registration, { getEnterprise: (_, call) => wait(call) }),
      bindSome(Exchange, {
        async *pullMessages(_, call) {
          yield { deliveryId: '1' };
          await wait(call);
        },
        async *streamRecords(requests, call) {
          calls.push(call);
          for await (const _ of requests) yield { results: [] };
        },
      }),
    ];
    return { calls, services };
  }

  test.each(['gRPC', 'Connect'])('aborts when the deadline passes: %s', async (door) => {
    const { calls, services } = waiting();
    const node = await startNode(services);
    const grpc = createGrpcClient(Registration, node.address);
    onTestFinished(() => grpc.close());
    const client = door === 'gRPC' ? grpc : createConnectClient(Registration, node.url);
    await expect(client.getEnterprise({}, { timeoutMs: 1_000 })).rejects.toMatchObject({
      codeName: 'DEADLINE_EXCEEDED',
    });
    await until(() => calls[0]?.signal.aborted === true);
    expect(node.defects).toEqual([]);
  });

  test.each(['gRPC', 'Connect'])('aborts when the caller gives up: %s', async (door) => {
    const { calls, services } = waiting();
    const node = await startNode(services);
    const grpc = createGrpcClient(Registration, node.address);
    onTestFinished(() => grpc.close());
    const client = door === 'gRPC' ? grpc : createConnectClient(Registration, node.url);
    const giveUp = new AbortController();
    const answer = client.getEnterprise({}, { signal: giveUp.signal });
    const failure = expect(answer).rejects.toMatchObject({ codeName: 'CANCELLED' });
    await until(() => calls.length === 1);
    giveUp.abort();
    await failure;
    await until(() => calls[0]?.signal.aborted === true);
    expect(node.defects).toEqual([]);
  });

  test.each(['gRPC', 'Connect'])('aborts when the reader leaves its loop: %s', async (door) => {
    const { calls, services } = waiting();
    const node = await startNode(services);
    const client = door === 'gRPC' ? grpcTo(node) : createConnectClient(Exchange, node.url);
    for await (const _ of client.pullMessages({})) {
      await until(() => calls.length === 1);
      break;
    }
    await until(() => calls[0]?.signal.aborted === true);
    expect(node.defects).toEqual([]);
  });

  test.each(['gRPC', 'Connect'])(
    'ends a stream with UNAVAILABLE when the node stops: %s',
    async (door) => {
      const { calls, services } = waiting();
      const node = await startNode(services);
      const client = door === 'gRPC' ? grpcTo(node) : createConnectClient(Exchange, node.url);
      const reading = (async () => {
        for await (const _ of client.pullMessages({}));
      })();
      const failure = expect(reading).rejects.toMatchObject({
        codeName: 'UNAVAILABLE',
        reason: 'UNAVAILABLE',
        retryAfterMs: 1000,
      });
      await until(() => calls.length === 1);
      await node.front.close(LONGER_THAN_A_TEST_MS);
      await failure;
    },
  );

  test('ends a stream both ways that waits for its next request when the node stops', async () => {
    const { calls, services } = waiting();
    const node = await startNode(services);
    const client = grpcTo(node);
    const open = (async function* () {
      yield { records: [] };
      await new Promise(() => {});
    })();
    const reading = (async () => {
      for await (const _ of client.streamRecords(open));
    })();
    const failure = expect(reading).rejects.toMatchObject({ reason: 'UNAVAILABLE' });
    await until(() => calls.length === 1);
    await node.front.close(5000);
    await failure;
  });

  test('tells where the call came from and through which door', async () => {
    const calls: (readonly [string, string])[] = [];
    const node = await startNode([
      bindSome(Registration, {
        async getEnterprise(_, { door, caller }) {
          calls.push([door, caller.peer]);
          return {};
        },
      }),
    ]);
    const grpc = createGrpcClient(Registration, node.address);
    onTestFinished(() => grpc.close());
    await grpc.getEnterprise({});
    await createConnectClient(Registration, node.url).getEnterprise({});
    const peer = expect.stringMatching(/127\.0\.0\.1:\d+$/);
    expect(calls).toEqual([
      ['grpc', peer],
      ['connect', peer],
    ]);
  });
});
