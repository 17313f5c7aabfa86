import type { Random } from './random.js';

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const SEARCH = '/zhengzhao.v1.ScopeCatalog/SearchScopeEntries';

/** The head of a JSON request with further header lines. */
const post = (headers: string, body: string, path = SEARCH): string =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n${headers}\r\n\r\n${body}`;

const SMUGGLED = 'POST /zhengzhao.v1.DataCenter/GetNodeStatus HTTP/1.1\r\nHost: a\r\n\r\n';

/** HTTP/1.1 that two programs could read in two ways, or that none should read. */
const HTTP1: readonly string[] = [
  post('Content-Length: 4\r\nTransfer-Encoding: chunked', `0\r\n\r\n${SMUGGLED}`),
  post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', `2\r\n{}\r\n0\r\n\r\n`),
  post('Transfer-Encoding: xchunked', SMUGGLED),
  post('Transfer-Encoding : chunked', `0\r\n\r\n${SMUGGLED}`),
  post('Content-Length: 2\r\nContent-Length: 90', `{}${SMUGGLED}`),
  post('Content-Length: -1', '{}'),
  post('Content-Length: 2,2', '{}'),
  post('Content-Length: 0x2', '{}'),
  post('Content-Length: 99999999999999999999', '{}'),
  post('Transfer-Encoding: chunked', 'FFFFFFFFFFFFFFFFF\r\n{}'),
  post('Transfer-Encoding: chunked', '2;a=b\r\n{}\r\n0\r\nHost: b\r\n\r\n'),
  post(' Folded: line\r\n\tmore', '{}'),
  post('X: a\rb\r\nContent-Length: 2', '{}'),
  post('X\0Y: 1\r\nContent-Length: 2', '{}'),
  post(`X: ${'a'.repeat(70_000)}`, ''),
  post(Array.from({ length: 3000 }, (_, index) => `X-${index}: 1`).join('\r\n'), ''),
  post('Expect: 100-continue\r\nContent-Length: 2', '{}'),
  post('Expect: a-miracle\r\nContent-Length: 2', '{}'),
  post('Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMA', ''),
  post('Upgrade: websocket\r\nConnection: Upgrade', ''),
  post('Content-Length: 2', '{}', `http://other.example${SEARCH}`),
  post('Content-Length: 2', '{}', '*'),
  post('Content-Length: 2', '{}', '//[::::'),
  `GET ${SEARCH}?connect=v1&encoding=json&message=%7B%7D HTTP/1.1\r\nHost: a\r\n\r\n`,
  `GET / HTTP/1.1\r\nHost: [\r\n\r\n`,
  `POST ${SEARCH} HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}`,
  'GET / HTTP/0.9\r\n\r\n',
  'GET / HTTP/2.0\r\n\r\n',
  'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n',
  'TRACE / HTTP/1.1\r\nHost: a\r\nCookie: b\r\n\r\n',
  `POST /${'a'.repeat(20_000)}`,
  '\r\n\r\n\r\n',
  'PRI * HTTP/1.1\r\n\r\n',
];

/** What other protocols begin with: TLS, SSH, SMTP, Redis, PostgreSQL, SOCKS, PROXY. */
const PROTOCOLS: readonly string[] = [
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03',
  'SSH-2.0-x\r\n',
  'EHLO a\r\n',
  '*1\r\n$4\r\nPING\r\n',
  '\x00\x00\x00\x08\x04\xd2\x16\x2f',
  '\x05\x01\x00',
  'PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n',
  '\0',
];

/** An HTTP/2 frame, with a true length or another. */
function h2(type: number, flags: number, stream: number, payload: Buffer, length?: number): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length ?? payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

const SETTINGS = h2(4, 0, 0, Buffer.alloc(0));

/** HTTP/2 that begins well. */
function http2Garbage(random: Random): Buffer {
  const frames = random.pick<() => Buffer>([
    () => random.bytes(random.pick([9, 100, 2000])),
    () => h2(random.int(12), random.int(256), random.int(5), random.bytes(random.int(60))),
    () => h2(0, 1, 1, Buffer.from('data before headers')),
    () => h2(1, 5, 1, random.bytes(40)),
    () => h2(9, 4, 1, Buffer.from('continuation of nothing')),
    () => h2(8, 0, 0, Buffer.from([0x7f, 0xff, 0xff, 0xff])),
    () => h2(4, 0, 0, Buffer.from([0, 4, 0xff, 0xff, 0xff, 0xff])),
    () => h2(4, 1, 0, Buffer.from([1])),
    () => h2(5, 4, 1, Buffer.alloc(8)),
    () => h2(6, 0, 0, Buffer.alloc(7)),
    () => h2(1, 5, 2, Buffer.from([0x82])),
    () => h2(0, 0, 1, Buffer.alloc(10), 0xffffff),
    () => Buffer.concat(Array.from({ length: 500 }, () => SETTINGS)),
    () => Buffer.concat(Array.from({ length: 500 }, () => h2(6, 0, 0, Buffer.alloc(8)))),
    () => Buffer.concat(Array.from({ length: 200 }, (_, at) => rapidReset(2 * at + 1))),
  ])();
  return Buffer.concat([Buffer.from(PREFACE), SETTINGS, frames]);
}

/** Headers of a call and at once its reset. */
function rapidReset(stream: number): Buffer {
  const headers = Buffer.from([0x83, 0x86, 0x84]);
  return Buffer.concat([h2(1, 4, stream, headers), h2(3, 0, stream, Buffer.from([0, 0, 0, 8]))]);
}

/** Bytes for the port that are no call of any protocol it speaks, in one piece or several. */
export function garbage(random: Random): Buffer[] {
  const bytes = random.pick<() => Buffer>([
    () => Buffer.from(random.pick(HTTP1), 'latin1'),
    () => Buffer.from(random.pick(HTTP1), 'latin1'),
    () => Buffer.from(random.pick(PROTOCOLS), 'latin1'),
    () => Buffer.from(PREFACE.slice(0, random.int(PREFACE.length))),
    () => http2Garbage(random),
    () => http2Garbage(random),
    () => random.bytes(random.pick([1, 24, 25, 3000])),
  ])();
  if (bytes.length < 2 || random.oneIn(2)) return [bytes];
  const at = 1 + random.int(Math.min(bytes.length - 1, 40));
  return [bytes.subarray(0, at), bytes.subarray(at)];
}
