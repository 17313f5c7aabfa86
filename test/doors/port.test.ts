import { connect, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { createConnectClient } from '../../clients/connect.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { createFront } from '../../server/doors/front.js';
import { createGrpcDoor } from '../../server/doors/grpc.js';
import { createHttpDoor } from '../../server/doors/http.js';
import { bindSome, startNode, until, type TestNode } from './node.js';
import { LONGER_THAN_A_TEST_MS } from '../support/patience.js';

const greeting = bindSome(Registration, {
  getEnterprise: async ({ uscc }) => ({ enterprise: { uscc } }),
});

/** A call that ends when the test says so. */
function slowCall() {
  let finish = () => {};
  let signal: AbortSignal | undefined;
  const gate = new Promise<void>((resolve) => (finish = resolve));
  const bound = bindSome(Registration, {
    async getEnterprise({ uscc }, call) {
      signal = call.signal;
      await gate;
      return { enterprise: { uscc } };
    },
  });
  return { bound, finish, signal: () => signal };
}

function dial(node: TestNode): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(node.port, '127.0.0.1', () => resolve(socket));
    socket.on('error', reject);
    onTestFinished(() => void socket.destroy());
  });
}

/** Everything the other side sends until it closes. */
function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('close', () => resolve(text));
  });
}

async function writeSlowly(socket: Socket, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    socket.write(Buffer.from([byte]));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

test('one port speaks gRPC, Connect and plain JSON', async () => {
  const { address, url } = await startNode([greeting]);
  const grpc = createGrpcClient(Registration, address);
  onTestFinished(() => grpc.close());
  const answers = [
    await grpc.getEnterprise({ uscc: 'a' }),
    await createConnectClient(Registration, url).getEnterprise({ uscc: 'b' }),
    await createConnectClient(Registration, url, { json: true }).getEnterprise({ uscc: 'c' }),
  ];
  expect(answers.map(({ enterprise }) => enterprise?.uscc)).toEqual(['a', 'b', 'c']);
});

describe('the first bytes', () => {
  test('of HTTP/2 may come one by one', async () => {
    const socket = await dial(await startNode([greeting]));
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    await writeSlowly(socket, Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));
    const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve));
    socket.write(settings);
    // The type of the first frame: SETTINGS.
    expect((await answer)[3]).toBe(4);
  });

  test('of HTTP/1.1 may come one by one, also when they begin like HTTP/2', async () => {
    const socket = await dial(await startNode([greeting]));
    const answer = readAll(socket);
    await writeSlowly(
      socket,
      Buffer.from('PROPFIND / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    );
    expect(await answer).toMatch(/^HTTP\/1\.1 405 /);
  });

  test('that belong to no protocol get 400 and the connection ends', async () => {
    const socket = await dial(await startNode([greeting]));
    const answer = readAll(socket);
    socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
    expect(await answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  test.each([
    ['none come', ''],
    ['half a preface comes', 'PRI * HT'],
  ])('are waited for, but not for ever: %s', async (_, bytes) => {
    const node = await startNode([greeting], { firstBytesMs: 100 });
    const started = Date.now();
    const socket = await dial(node);
    socket.write(bytes);
    expect(await readAll(socket)).toBe('');
    expect(Date.now() - started).toBeGreaterThan(80);
  });

  test('followed by an end of the connection leave nothing behind', async () => {
    const node = await startNode([greeting], { firstBytesMs: 60_000 });
    const socket = await dial(node);
    socket.end('PRI');
    expect(await readAll(socket)).toBe('');
  });

  test('followed by slow headers end with 408', async () => {
    const socket = await dial(await startNode([greeting], { headersTimeoutMs: 200 }));
    const answer = readAll(socket);
    socket.write('GET / HTTP/1.1\r\nHost:');
    expect(await answer).toMatch(/^HTTP\/1\.1 408 /);
  });
});

describe('HTTP requests that no client of ours sends', () => {
  const METHOD = '/zhengzhao.v1.Registration/GetEnterprise';

  async function ask(request: string): Promise<string> {
    const socket = await dial(await startNode([greeting]));
    const answer = readAll(socket);
    socket.write(request);
    return answer;
  }

  test('a Host header that makes no URL is answered with 400', async () => {
    const head = 'Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close';
    const answer = await ask(`POST ${METHOD} HTTP/1.1\r\nHost: [\r\n${head}\r\n\r\n{}`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('HTTP/1.0 without a Host header is answered with 400', async () => {
    const head = 'Content-Type: application/json\r\nContent-Length: 2';
    expect(await ask(`POST ${METHOD} HTTP/1.0\r\n${head}\r\n\r\n{}`)).toMatch(/^HTTP\/1\.\d 400 /);
  });

  test.each([
    ['GET', { method: 'GET' }, 405, 'POST'],
    ['no content type', { method: 'POST', body: new Uint8Array(2) }, 415, 'application/json'],
  ])('%s on an RPC is explained', async (_, init, status, hint) => {
    const { url } = await startNode([greeting]);
    const response = await fetch(url + METHOD, init);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(hint);
  });
});

describe('a browser', () => {
  test('is told in both languages what this is, and which services there are', async () => {
    const { url } = await startNode([greeting, bindSome(Exchange, {})]);
    const response = await fetch(url);
    const text = await response.text();
    expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(text).toMatch(/证照分离.*Data-exchange hub/s);
    expect(text).toMatch(/zhengzhao\.v1\.Registration.*zhengzhao\.v1\.Exchange/s);
  });

  test('gets a readable 404 elsewhere', async () => {
    const { url } = await startNode([greeting]);
    const response = await fetch(`${url}/favicon.ico`);
    expect(response.status).toBe(404);
    expect(await response.text()).toMatch(/没有内容.*nothing here/s);
  });
});

describe('closing', () => {
  test.each(['gRPC', 'Connect'])('lets a call in flight finish: %s', async (door) => {
    const slow = slowCall();
    const node = await startNode([slow.bound]);
    const grpc = createGrpcClient(Registration, node.address);
    onTestFinished(() => grpc.close());
    const client = door === 'gRPC' ? grpc : createConnectClient(Registration, node.url);
    const answer = client.getEnterprise({ uscc: 'x' });
    await until(() => slow.signal() !== undefined);
    const closed = node.front.close(5000);
    await expect(dial(node)).rejects.toThrow(/ECONNREFUSED/);
    expect(slow.signal()?.aborted).toBe(false);
    slow.finish();
    expect((await answer).enterprise?.uscc).toBe('x');
    await closed;
  });

  test('does not wait for idle connections', async () => {
    const node = await startNode([greeting]);
    const grpc = createGrpcClient(Registration, node.address);
    onTestFinished(() => grpc.close());
    await grpc.getEnterprise({ uscc: 'x' });
    await fetch(node.url).then((response) => response.text());
    await dial(node);
    await node.front.close(LONGER_THAN_A_TEST_MS);
  });

  test('ends a call that takes longer than the grace, and aborts its signal', async () => {
    const slow = slowCall();
    const node = await startNode([slow.bound]);
    const grpc = createGrpcClient(Registration, node.address);
    onTestFinished(() => grpc.close());
    const answer = grpc.getEnterprise({ uscc: 'x' }).catch((error: unknown) => error);
    await until(() => slow.signal() !== undefined);
    await node.front.close(100);
    expect(await answer).toMatchObject({ name: 'HubClientError' });
    await until(() => slow.signal()?.aborted === true);
    slow.finish();
  });

  test('twice is the same as once', async () => {
    const node = await startNode([greeting]);
    await Promise.all([node.front.close(1000), node.front.close(1000)]);
  });
});

test('a port that is taken is an error of listen', async () => {
  const { port } = await startNode([greeting]);
  const log = () => {};
  const grpc = createGrpcDoor([], { log });
  const second = createFront({ grpc, http: createHttpDoor([], { log }) });
  await expect(second.listen('127.0.0.1', port)).rejects.toThrow(/EADDRINUSE/);
  await second.close(0);
});
