import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { createConnectClient } from '../../clients/connect.js';
import { MessageMeter } from '../../server/doors/grpc-messages.js';
import { HalfReceived } from '../../server/doors/half-received.js';
import { bindSome, startNode, type TestNode } from '../doors/node.js';
import { callHeaders, END_HEADERS, frame, FRAME, RawClient } from '../support/http2-frames.js';

const PATH = '/zhengzhao.v1.Registration/GetEnterprise';
const LIMIT = 1024 * 1024;
/** What each of them sends of a message that is longer. */
const PART = 240_000;
const CLIENTS = 12;

const greeting = bindSome(Registration, {
  getEnterprise: async ({ uscc }) => ({ enterprise: { uscc: String(uscc.length) } }),
});

async function openNode() {
  const held = new HalfReceived(LIMIT);
  const node = await startNode([greeting], { halfReceived: held });
  return { node, held };
}

/** A gRPC call of which only a part of the message is sent. */
async function beginGrpc({ port }: TestNode): Promise<{ isEnded: () => boolean }> {
  const client = new RawClient(port);
  onTestFinished(() => client.destroy());
  await client.send(frame(FRAME.headers, END_HEADERS, 1, callHeaders(PATH)));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(PART * 2, 1);
  const message = Buffer.concat([prefix, Buffer.alloc(PART)]);
  for (let at = 0; at < message.length; at += 16_000)
    await client.send(frame(FRAME.data, 0, 1, message.subarray(at, at + 16_000)));
  return { isEnded: () => client.isClosed || client.received.includes(FRAME.reset) };
}

/** A JSON call of which only a part of the body is sent. */
async function beginHttp({ port }: TestNode): Promise<{ isEnded: () => boolean }> {
  const socket: Socket = connect(port, '127.0.0.1');
  let ended = false;
  socket.on('error', () => undefined).on('close', () => (ended = true));
  onTestFinished(() => void socket.destroy());
  socket.write(
    `POST ${PATH} HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${PART * 2}\r\n\r\n`,
  );
  await new Promise((resolve) => socket.write(Buffer.alloc(PART, 0x20), resolve));
  return { isEnded: () => ended };
}

async function serves(node: TestNode): Promise<void> {
  const grpc = createGrpcClient(Registration, node.address, {
    channelOptions: { 'grpc.use_local_subchannel_pool': 1 },
  });
  onTestFinished(() => grpc.close());
  // Large enough to come in parts itself.
  const uscc = 'x'.repeat(300_000);
  for (const client of [grpc, createConnectClient(Registration, node.url, { json: true })])
    expect((await client.getEnterprise({ uscc })).enterprise?.uscc).toBe('300000');
}

describe.each([
  ['gRPC', beginGrpc],
  ['HTTP/1.1', beginHttp],
])('requests that stay half through %s', (_, begin) => {
  test('never hold more than their budget; those held longest are ended, honest ones served', async () => {
    const { node, held } = await openNode();
    const begun: { isEnded: () => boolean }[] = [];
    for (let count = 1; count <= CLIENTS; count += 1) {
      begun.push(await begin(node));
      // Each is in before the next one begins, or has made room for it.
      await expect
        .poll(() => held.bytes)
        .toBeGreaterThanOrEqual(Math.min(count, Math.floor(LIMIT / PART)) * PART);
      expect(held.bytes).toBeLessThanOrEqual(LIMIT);
    }
    const kept = Math.floor(LIMIT / PART);
    await expect
      .poll(() => begun.map((one) => one.isEnded()))
      .toEqual(begun.map((__, index) => index < CLIENTS - kept));
    await serves(node);
    expect(held.bytes).toBeLessThanOrEqual(LIMIT);
  });

  test('are off the account when their connection is gone', async () => {
    const { node, held } = await openNode();
    await begin(node);
    await expect.poll(() => held.bytes).toBeGreaterThanOrEqual(PART);
    await node.front.close(0);
    await expect.poll(() => held.bytes).toBe(0);
  });
});

test('the network that holds most makes the room, not one that holds little', () => {
  const held = new HalfReceived(100);
  const ended: string[] = [];
  const begin = (network: string, name: string, bytes: number) =>
    held.begin(network, () => void ended.push(name)).hold(bytes);
  begin('10.0.0.1', 'honest', 20);
  begin('10.0.0.2', 'first', 40);
  begin('10.0.0.2', 'second', 40);
  begin('10.0.0.3', 'newcomer', 10);
  expect([ended, held.bytes]).toEqual([['first'], 70]);
});

test('a whole message is on no account, however its bytes are cut', () => {
  const message = Buffer.concat([Buffer.from([0, 0, 0, 0, 7]), Buffer.from('content')]);
  const two = Buffer.concat([message, message, message.subarray(0, 9)]);
  for (let size = 1; size <= two.length; size += 1) {
    const meter = new MessageMeter(100);
    const seen: number[] = [];
    for (let at = 0; at < two.length; at += size)
      seen.push(meter.feed(two.subarray(at, at + size)));
    expect(seen.at(-1)).toBe(9);
    expect(Math.max(...seen)).toBeLessThan(message.length);
  }
  // One that is refused for its length is not kept by anybody.
  expect(new MessageMeter(6).feed(message.subarray(0, 9))).toBe(0);
});
