import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { createConnectClient } from '../../clients/connect.js';
import { networkOf } from '../../server/doors/peer-network.js';
import { bindSome, startNode, type TestNode } from '../doors/node.js';

const large = bindSome(Registration, {
  getEnterprise: async ({ uscc }) => ({ enterprise: { uscc, entName: 'x'.repeat(20_000_000) } }),
});

function dial({ port }: TestNode): { socket: Socket; closed: Promise<void> } {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  return { socket, closed: new Promise((resolve) => socket.on('close', () => resolve())) };
}

function connected({ socket }: { socket: Socket }): Promise<void> {
  return new Promise((resolve) => socket.once('connect', () => resolve()));
}

/** Resolves when a connection that asked for a page and then for nothing more is closed. */
async function idle(node: TestNode): Promise<void> {
  const { socket, closed } = dial(node);
  await answerOf(socket);
  await closed;
}

/** Asks for a page and tells how its answer begins; empty when the connection is closed instead. */
function answerOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (chunk: Buffer) => resolve(chunk.toString('latin1')));
    socket.once('close', () => resolve(''));
    socket.write('GET / HTTP/1.1\r\nHost: hub\r\n\r\n');
  });
}

describe('connections', () => {
  test.each([
    ['of one address', { total: 100, perPeer: 2 }],
    ['of everybody', { total: 2, perPeer: 100 }],
  ])('%s are limited; the next one is served when one of them is gone', async (_, connections) => {
    const node = await startNode([large], { connections });
    const first = dial(node);
    await connected(first);
    const second = dial(node);
    await connected(second);
    expect(await answerOf(second.socket)).toMatch(/^HTTP\/1\.1 200 /);
    await dial(node).closed;
    first.socket.destroy();
    await first.closed;
    await expect.poll(() => answerOf(dial(node).socket)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('with a request that trickles in end with 408', async () => {
    const node = await startNode([large], { requestMs: 300 });
    const { socket, closed } = dial(node);
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.write(
      'POST /zhengzhao.v1.Registration/GetEnterprise HTTP/1.1\r\nHost: hub\r\n' +
        'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n',
    );
    const drip = setInterval(() => void socket.write(' '), 20);
    onTestFinished(() => clearInterval(drip));
    await closed;
    expect(text).toMatch(/^HTTP\/1\.1 408 /);
  });

  test('whose reader takes nothing of its answer are closed', async () => {
    const node = await startNode([large], {
      stallMs: 300,
      connections: { total: 100, perPeer: 1 },
    });
    const { socket } = dial(node);
    socket.pause();
    socket.write(
      'POST /zhengzhao.v1.Registration/GetEnterprise HTTP/1.1\r\nHost: hub\r\n' +
        'Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}',
    );
    // It holds the only place until then.
    await expect.poll(() => answerOf(dial(node).socket)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('with a stream that has nothing to say go on', async () => {
    let say = () => {};
    const said = new Promise<void>((resolve) => (say = resolve));
    const quiet = bindSome(Exchange, {
      async *pullMessages() {
        yield { deliveryId: '1' };
        await said;
        yield { deliveryId: '2' };
      },
    });
    const node = await startNode([quiet], { stallMs: 100, idleMs: 300 });
    const seen: string[] = [];
    const client = createConnectClient(Exchange, node.url);
    for await (const { deliveryId } of client.pullMessages({ node: '330000' })) {
      seen.push(deliveryId);
      // An idle connection is closed in that time, as another one shows.
      if (deliveryId === '1') void idle(node).then(say);
    }
    expect(seen).toEqual(['1', '2']);
  });
});

test.each([
  ['10.1.2.3', '10.1.2.3'],
  ['::ffff:10.1.2.3', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['unknown', 'unknown'],
])('the address %s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
