import { gzipSync } from 'node:zlib';
import { frame } from './answer.js';
import type { WrittenCall } from './grpc-port.js';
import { hostileText } from './hostile.js';
import type { WrittenRequest } from './http-port.js';
import type { Random } from './random.js';

/** A megabyte in a kilobyte, sixty-four times over the limit when it is unpacked in full. */
const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024));

type CallChange = (content: Buffer, random: Random) => Partial<WrittenCall>;

const header = (name: string, value: string | undefined): Partial<WrittenCall> => ({
  headers: { [name]: value },
});

/** What may be wrong with a gRPC call around a request that is right. */
const CALLS: readonly CallChange[] = [
  (content) => ({ chunks: [frame(content, 0, content.length + 1)] }),
  (content) => ({ chunks: [frame(content, 0, Math.max(0, content.length - 1))] }),
  (content) => ({ chunks: [frame(content, 0, 0xffffffff)] }),
  (content) => ({ chunks: [frame(content, 0, 17 * 1024 * 1024)] }),
  (content) => ({ chunks: [frame(content, 1)] }),
  (content, random) => ({ chunks: [frame(content, 2 + random.int(254))] }),
  (content) => ({ chunks: [frame(content, 1)], ...header('grpc-encoding', 'gzip') }),
  (content) => ({ chunks: [frame(gzipSync(content), 1)], ...header('grpc-encoding', 'gzip') }),
  (content) => ({
    chunks: [frame(gzipSync(content).subarray(0, -5), 1)],
    ...header('grpc-encoding', 'gzip'),
  }),
  () => ({ chunks: [frame(BOMB, 1)], ...header('grpc-encoding', 'gzip') }),
  (content) => ({ chunks: [frame(content, 1)], ...header('grpc-encoding', 'snappy') }),
  () => ({ chunks: [] }),
  (content) => ({ chunks: [frame(content), frame(content), frame(content)] }),
  (content) => ({ chunks: [...frame(content)].slice(0, 300).map((byte) => Buffer.from([byte])) }),
  (content, random) => ({ chunks: [frame(content).subarray(0, random.int(5))] }),
  (content) => ({ chunks: [frame(content)], then: 'reset' }),
  (content) => ({ chunks: [frame(content).subarray(0, 7)], then: 'reset' }),
  (_, random) => ({ chunks: [random.bytes(random.pick([4, 5, 6, 500]))] }),
  (_, random) => header('content-type', random.pick(CONTENT_TYPES)),
  () => header('content-type', undefined),
  () => header('te', undefined),
  () => header(':method', 'GET'),
  (_, random) => header('grpc-timeout', random.pick(['1', '-1S', '99999999H', 'xS', ' 1S'])),
  () => ({ ...header('grpc-timeout', '0n'), givesNoTime: true }),
  () => header('grpc-metadata-bin', '***'),
  () => header('grpc-accept-encoding', '\t,,'),
  () => header('x', 'a'.repeat(15_000)),
  () => ({ headers: { ':authority': '[[', authorization: 'Basic ' } }),
  (_, random) => ({ path: random.pick(PATHS) }),
];

const CONTENT_TYPES = [
  'application/grpc+json',
  'application/json',
  'text/html',
  'application/grpcx',
];

const PATHS = [
  '/',
  '//',
  '/zhengzhao.v1.Exchange',
  '/zhengzhao.v1.Exchange/',
  '/zhengzhao.v1.Exchange/Nothing',
  '/zhengzhao.v2.Exchange/Deliver',
  '/zhengzhao.v1.Exchange/deliver',
  '/constructor/toString',
  '/__proto__/x',
  `/${'a'.repeat(9_000)}`,
  '/%00/%ff',
];

/** A gRPC call whose frame, headers or path are not as they should be. */
export function wrongCall(path: string, content: Buffer, random: Random): WrittenCall {
  return { path, chunks: [frame(content)], ...random.pick(CALLS)(content, random) };
}

type RequestChange = (content: Buffer, random: Random) => Partial<WrittenRequest>;

const typed = (type: string, body: Buffer): Partial<WrittenRequest> => ({
  headers: { 'content-type': type },
  body,
});

const encoded = (encoding: string, body: Buffer): Partial<WrittenRequest> => ({
  headers: { 'content-type': 'application/json', 'content-encoding': encoding },
  body,
});

const WEB = 'application/grpc-web+proto';

/** What may be wrong with a request over HTTP/1.1; `content` is the binary form of a right one. */
const REQUESTS: readonly RequestChange[] = [
  (content, random) => typed(random.pick(HTTP_TYPES), content),
  (content) => typed('application/json', content),
  () => typed('application/proto', Buffer.from('{}')),
  () => typed('application/json; charset=utf-16', Buffer.from('{}', 'utf16le')),
  (content) => typed(WEB, frame(content, 0, content.length + 9)),
  (content) => typed(WEB, frame(content, 0, 0xffffffff)),
  (content) => typed(WEB, frame(content, 1)),
  (content) => typed(WEB, frame(content, 0x80)),
  (content) => typed(WEB, Buffer.concat([frame(content), frame(content)])),
  (content) => typed(WEB, frame(content).subarray(0, 3)),
  () => typed(WEB, Buffer.alloc(0)),
  (content) => typed('application/grpc-web-text', Buffer.from(content.toString('base64'))),
  (content) => typed('application/connect+proto', frame(content)),
  () => typed('application/connect+json', frame(Buffer.from('{}'), 0, 90)),
  () => encoded('gzip', Buffer.from('{}')),
  () => encoded('gzip', gzipSync(Buffer.from('{"x":1}')).subarray(0, -4)),
  () => encoded('gzip', BOMB),
  () => encoded('br', Buffer.from('{}')),
  () => encoded('zstd', Buffer.from('{}')),
  (content) => ({
    headers: { 'content-type': WEB, 'grpc-encoding': 'gzip' },
    body: frame(content, 1),
  }),
  () => ({ headers: { 'content-type': 'application/json', 'connect-protocol-version': '9' } }),
  (_, random) => ({
    headers: {
      'content-type': 'application/json',
      'connect-timeout-ms': random.pick(['-1', 'x', '0', '1', '99999999999999']),
    },
  }),
  (_, random) => ({ method: random.pick(['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH']) }),
  (_, random) => ({ path: random.pick(PATHS) }),
  (_, random) => ({
    path: `/${encodeURIComponent(hostileText(random).replace(/\p{Surrogate}/gu, '')).slice(0, 8_000)}`,
  }),
];

const HTTP_TYPES = [
  '',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=',
  'application/grpc',
  'application/grpc+proto',
  'application/json;;;=',
  'APPLICATION/JSON',
  'x'.repeat(3_000),
];

/** A request whose type, encoding, frame, method or path are not as they should be. */
export function wrongRequest(path: string, content: Buffer, random: Random): WrittenRequest {
  const right = { path, headers: { 'content-type': 'application/json' }, body: Buffer.from('{}') };
  return { ...right, ...random.pick(REQUESTS)(content, random) };
}
