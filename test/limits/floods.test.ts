import { expect, onTestFinished, test } from 'vitest';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { bindSome, startNode, type TestNode } from '../doors/node.js';
import {
  callHeaders,
  END_HEADERS,
  frame,
  FRAME,
  headerBlock,
  RawClient,
} from '../support/http2-frames.js';

const PATH = '/zhengzhao.v1.Registration/GetEnterprise';
const CANCEL = Buffer.from([0, 0, 0, 8]);

/** A node on which a flood may begin no call, and an honest client that is served all the while. */
async function openNode(options: object = {}) {
  let begun = 0;
  const bound = bindSome(Registration, {
    getEnterprise: async ({ uscc }) => {
      if (uscc !== 'honest') begun += 1;
      return { enterprise: { uscc } };
    },
  });
  const node = await startNode([bound], options);
  return { node, begun: () => begun };
}

async function serves(node: TestNode): Promise<void> {
  const client = createGrpcClient(Registration, node.address, {
    channelOptions: { 'grpc.use_local_subchannel_pool': 1 },
  });
  onTestFinished(() => client.close());
  const { enterprise } = await client.getEnterprise({ uscc: 'honest' });
  expect(enterprise?.uscc).toBe('honest');
}

function rawClient({ port }: TestNode): RawClient {
  const client = new RawClient(port);
  onTestFinished(() => client.destroy());
  return client;
}

/** An odd stream number for the nth call. */
const streamOf = (n: number): number => 2 * n + 1;

const floods: Readonly<Record<string, (n: number) => Buffer[]>> = {
  'calls that are taken back at once (CVE-2023-44487)': (n) => [
    frame(FRAME.headers, END_HEADERS, streamOf(n), callHeaders(PATH)),
    frame(FRAME.reset, 0, streamOf(n), CANCEL),
  ],
  'calls that make the server take them back (CVE-2025-8671)': (n) => [
    frame(FRAME.headers, END_HEADERS, streamOf(n), callHeaders(PATH)),
    frame(FRAME.windowUpdate, 0, streamOf(n), Buffer.alloc(4)),
  ],
  'calls beyond what one connection may have at once': (n) => [
    frame(FRAME.headers, END_HEADERS, streamOf(n), callHeaders(PATH)),
  ],
  'pings (CVE-2019-9512)': () => [frame(FRAME.ping, 0, 0, Buffer.alloc(8))],
  'settings (CVE-2019-9515)': () => [frame(FRAME.settings, 0, 0)],
  'headers that never end (CVE-2024-28182)': (n) =>
    n === 0
      ? [frame(FRAME.headers, 0, 1, callHeaders(PATH))]
      : [frame(FRAME.continuation, 0, 1, headerBlock([['x', 'y']]))],
  'empty data (CVE-2019-9518)': (n) =>
    n === 0 ? [frame(FRAME.headers, END_HEADERS, 1, callHeaders(PATH))] : [frame(FRAME.data, 0, 1)],
};

test.each(Object.entries(floods))('a connection is closed for a flood of %s', async (_, make) => {
  const { node, begun } = await openNode({ keepaliveMs: 300 });
  const client = rawClient(node);
  for (let n = 0; n < 200_000 && !client.isClosed; n += 100)
    await client.send(...Array.from({ length: 100 }, (_unused, index) => make(n + index)).flat());
  await client.closed;
  expect(begun()).toBe(0);
  await serves(node);
});

test('a call whose message never comes is ended, and its connection goes on', async () => {
  const { node } = await openNode({ requestMs: 200 });
  const client = rawClient(node);
  await client.send(frame(FRAME.headers, END_HEADERS, 1, callHeaders(PATH)));
  // A message of 255 bytes begins.
  await client.send(frame(FRAME.data, 0, 1, Buffer.from([0, 0, 0, 0, 255])));
  // A byte now and then must not keep it alive: it has to be whole in time.
  const drip = setInterval(() => void client.send(frame(FRAME.data, 0, 1, Buffer.alloc(1))), 20);
  onTestFinished(() => clearInterval(drip));
  await expect.poll(() => client.received).toContain(FRAME.reset);
  expect(client.isClosed).toBe(false);
});

test('a connection without calls is closed', async () => {
  const { node } = await openNode({ idleMs: 200 });
  const client = rawClient(node);
  await expect.poll(() => client.received).toContain(FRAME.goAway);
  await client.closed;
});

test('a connection whose other end does not answer any more is closed', async () => {
  const { node } = await openNode({ keepaliveMs: 200 });
  const client = rawClient(node);
  // It reads, but never acknowledges a ping.
  await client.closed;
  expect(client.received).toContain(FRAME.ping);
});
