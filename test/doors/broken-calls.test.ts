import { connect as connectHttp2, type ClientHttp2Session } from 'node:http2';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { frame } from '../../fuzz/answer.js';
import { bindSome, startNode, type TestNode } from './node.js';

const PATH = '/zhengzhao.v1.DataCenter/GetNodeStatus';
const INVALID_ARGUMENT = '3';

const start = (): Promise<TestNode> =>
  startNode([bindSome(DataCenter, { getNodeStatus: async () => ({ node: '330000' }) })]);

function sessionWith(node: TestNode): ClientHttp2Session {
  const session = connectHttp2(node.url);
  onTestFinished(() => session.destroy());
  return session;
}

/** `grpc-status` and whether details came with it, of a call written by hand. */
async function call(node: TestNode, headers: Record<string, string>, body: Buffer) {
  const stream = sessionWith(node).request({
    ':method': 'POST',
    ':path': PATH,
    'content-type': 'application/grpc+proto',
    te: 'trailers',
    ...headers,
  });
  const told = new Promise<Record<string, unknown>>((resolve, reject) => {
    const read = (received: Record<string, unknown>): void => {
      if (received['grpc-status'] !== undefined) resolve(received);
    };
    stream.on('response', read).on('trailers', read).on('error', reject);
  });
  stream.resume();
  stream.end(body);
  const end = await told;
  return [end['grpc-status'], end['grpc-status-details-bin'] !== undefined];
}

describe('a gRPC call whose framing is broken is the fault of the caller', () => {
  const explained = [INVALID_ARGUMENT, true];

  it('when its content is not compressed as it says', async () => {
    const node = await start();
    for (const content of [Buffer.from('plain'), gzipSync(Buffer.alloc(90)).subarray(0, 9)])
      expect(await call(node, { 'grpc-encoding': 'gzip' }, frame(content, 1))).toEqual(explained);
    expect(node.defects).toEqual([]);
  });

  it('when its deadline is none', async () => {
    const node = await start();
    for (const timeout of ['xS', '1'])
      expect(await call(node, { 'grpc-timeout': timeout }, frame(Buffer.alloc(0)))).toEqual(
        explained,
      );
  });

  it('and a gRPC-Web frame that is compressed in no known way too', async () => {
    const node = await start();
    const answer = await fetch(`${node.url}${PATH}`, {
      method: 'POST',
      headers: { 'content-type': 'application/grpc-web+proto' },
      body: frame(Buffer.from('plain'), 1),
    });
    const status = answer.headers.get('grpc-status') ?? (await answer.text());
    expect(status).toMatch(/^3$|grpc-status: 3\b/);
  });
});

it('an HTTP/2 connection that the other side has ended is ended on this side too', async () => {
  const node = await start();
  const socket = connect({ port: node.port, host: 'localhost', allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  const ended = new Promise((resolve) => socket.on('end', resolve));
  socket.resume();
  socket.end(Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1'));
  await ended;
});
