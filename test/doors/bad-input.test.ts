import { encodeEnvelope } from '@connectrpc/connect/protocol';
import { connect, type Socket } from 'node:net';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HubClientError } from '../../clients/hub-client-error.js';
import { CENTRAL_LAYER } from '../../server/domain/catalog/layer.js';
import { CODE_OF_REASON } from '../../server/doors/errors.js';
import { Code } from '#gen/google/rpc/code_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import {
  foodPermitItem,
  itemsWithWarnings,
  validLicence,
  validRegistration,
} from '../support/builders.js';
import { doors, endOf, failureOf, METHODS, SERVICES, type OpenDoor } from '../support/doors.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

const SEARCH = '/zhengzhao.v1.ScopeCatalog/SearchScopeEntries';
const SUBMIT = '/zhengzhao.v1.Registration/SubmitRegistration';
/** What tells a caller that the node itself is at fault. */
const OUR_FAULT = ['INTERNAL', 'UNKNOWN', 'UNAVAILABLE', 'DEADLINE_EXCEEDED', 'DATA_LOSS'];

let province: TestNode;
let national: TestNode;
beforeAll(async () => {
  [province, national] = await Promise.all([
    startTestNode({}),
    startTestNode({ HUB_LEVEL: 'national' }),
  ]);
});
afterAll(async () => {
  expect(await province.sql('select seq from messages')).toEqual([]);
  await Promise.all([province.stop(), national.stop()]);
});

function methodOf(name: string) {
  const method = METHODS.find((one) => one.name === name);
  if (!method) throw new Error(`no RPC ${name}`);
  return method;
}

function post(path: string, body: string | Uint8Array, type = 'application/json') {
  return fetch(`http://${province.address}${path}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body,
  });
}

/** Status and code of a call whose JSON is as given, and the name of what could not be read. */
async function postJson(path: string, json: string): Promise<unknown[]> {
  const response = await post(path, json);
  const body = (await response.json()) as {
    code?: string;
    message: string;
    details: { type: string; value: string }[];
  };
  const details = body.details.map(({ type, value }) => ({
    typeUrl: type,
    value: Buffer.from(value, 'base64'),
  }));
  const { metadata } = new HubClientError(Code.INVALID_ARGUMENT, body.message, details);
  return [response.status, body.code, metadata['at']];
}

describe.each(Object.keys(doors))('bad input through %s', (name) => {
  let door: OpenDoor;
  beforeAll(() => {
    door = doors[name]!(province.address);
  });
  afterAll(() => door.close());

  it('nothing in a request is never the fault of the node', async () => {
    const ends = METHODS.map(async (method) => [method.name, await endOf(door.ask(method, {}))]);
    const blamed = (await Promise.all(ends)).filter(([, end]) => OUR_FAULT.includes(end!));
    expect(blamed).toEqual([]);
  });

  it.each(['BatchSubmitRegistrations', 'BatchSubmitRecords', 'Deliver', 'AcknowledgeMessages'])(
    '%s takes 1 to 500 items',
    async (rpc) => {
      const method = methodOf(rpc);
      const list = method.input.fields.find((field) => field.fieldKind === 'list')!.localName;
      const between = { fromNode: '100000', toNode: '330000', node: '100000' };
      for (const count of [0, 501]) {
        const items = Array.from({ length: count }, () => ({}));
        const error = await failureOf(door.ask(method, { ...between, [list]: items }));
        expect(error).toMatchObject({
          codeName: 'INVALID_ARGUMENT',
          reason: 'TOO_MANY_ITEMS',
          metadata: { limit: '500', actual: String(count) },
        });
      }
    },
  );

  it('more than 16 MiB is RESOURCE_EXHAUSTED, and the connection goes on', async () => {
    const search = methodOf('SearchScopeEntries');
    const large = { query: 'x'.repeat(17 * 1024 * 1024) };
    expect(await endOf(door.ask(search, large))).toBe('RESOURCE_EXHAUSTED');
    expect(await endOf(door.ask(search, { query: '餐饮' }))).toBe('OK');
  });

  it('a registration at the national node, and a layer of somebody else, have the wrong level', async () => {
    const above = doors[name]!(national.address);
    const registration = validRegistration();
    const wrong = { codeName: 'FAILED_PRECONDITION', reason: 'WRONG_LEVEL' };
    for (const rpc of ['CheckRegistration', 'SubmitRegistration'])
      expect(await failureOf(above.ask(methodOf(rpc), { registration }))).toMatchObject(wrong);
    above.close();
    const publish = methodOf('PublishCatalog');
    for (const layer of [CENTRAL_LAYER, '440000']) {
      const source = { case: 'release', value: { layer, version: '1' } };
      expect(await failureOf(door.ask(publish, { source }))).toMatchObject(wrong);
    }
  });

  it('a registration with an error behind a thousand warnings is refused, alone and in a batch', async () => {
    const unknown = foodPermitItem({ permitItemCode: 'PX-7777' });
    const registration = validRegistration({
      catalogVersion: '2019.12-prov',
      permitItems: [...itemsWithWarnings(21, 50), unknown],
    });
    const checked = await door.ask(methodOf('CheckRegistration'), { registration });
    expect(checked).toMatchObject({ acceptable: false });
    const error = await failureOf(door.ask(methodOf('SubmitRegistration'), { registration }));
    expect(error).toMatchObject({ reason: 'VALIDATION_FAILED', findingsTotal: 1000 });
    expect(error?.findings.map(({ code }) => code)).toContain('PERMIT_ITEM_UNKNOWN');
    const batch = await door.ask(methodOf('BatchSubmitRegistrations'), {
      registrations: [registration],
    });
    expect(batch).toMatchObject({ results: [{ outcome: { case: 'refusal' } }] });
  });

  it('a schema version, a kind and an operation that nobody knows are findings', async () => {
    const licence = validLicence();
    const wild = { ...licence.envelope, schemaVersion: '9.9', operation: 77 };
    const error = await failureOf(
      door.ask(methodOf('SubmitRecord'), { record: { ...licence, envelope: wild } }),
    );
    expect(error?.reason).toBe('VALIDATION_FAILED');
    expect(error?.findings.map((finding) => finding.field)).toEqual(
      expect.arrayContaining(['envelope.schema_version', 'envelope.operation']),
    );
    const empty = await failureOf(
      door.ask(methodOf('SubmitRecord'), { record: { envelope: licence.envelope } }),
    );
    expect(empty?.reason).toBe('VALIDATION_FAILED');
  });
});

describe('bytes that are no message', () => {
  const GARBAGE = [
    Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1]),
    Buffer.from([0x0a, 0x05, 0x61]),
    Buffer.alloc(64, 0xff),
    // Groups in groups, far deeper than any message.
    Buffer.alloc(100_000, 0x0b),
    Buffer.from('{"query": "x"}'),
  ];

  function callRaw(path: string, bytes: Buffer): Promise<string> {
    const client = new Client(province.address, credentials.createInsecure());
    const pass = (raw: Buffer): Buffer => raw;
    return new Promise((resolve) => {
      client.makeUnaryRequest(path, pass, pass, bytes, new Metadata(), (error) => {
        client.close();
        resolve(error ? (Code[error.code] ?? String(error.code)) : 'OK');
      });
    });
  }

  it('are INVALID_ARGUMENT to every RPC that takes one request, through gRPC', async () => {
    const paths = SERVICES.flatMap((service) =>
      service.methods
        .filter((method) => method.methodKind === 'unary')
        .map((method) => `/${service.typeName}/${method.name}`),
    );
    // A request without fields has nothing that could be wrong but the wire format itself.
    const ends = await Promise.all(paths.map((path) => callRaw(path, GARBAGE[0]!)));
    expect(new Set(ends)).toEqual(new Set(['INVALID_ARGUMENT']));
  });

  it('are INVALID_ARGUMENT however they are broken', async () => {
    for (const bytes of GARBAGE) {
      expect(await callRaw(SUBMIT, bytes)).toBe('INVALID_ARGUMENT');
      const connectAnswer = await post(SUBMIT, bytes, 'application/proto');
      expect(connectAnswer.status).toBe(400);
      const web = await post(SUBMIT, encodeEnvelope(0, bytes), 'application/grpc-web+proto');
      expect(await web.text()).toContain('grpc-status: 3');
    }
  });

  it('half a frame of gRPC-Web is not accepted', async () => {
    const frame = encodeEnvelope(0, Buffer.from([0x0a, 0x01, 0x61])).subarray(0, 6);
    const web = await post(SUBMIT, frame, 'application/grpc-web+proto');
    const [, status] = /grpc-status: (\d+)/.exec(await web.text()) ?? [];
    expect(['3', '13']).toContain(status ?? web.headers.get('grpc-status'));
  });

  it.each([
    ['a truncated HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM'],
    [
      'a frame that is none',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff',
    ],
    ['no protocol at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a request line without end', `POST /${'a'.repeat(20_000)}`],
    ['a length that is no number', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n'],
  ])('%s ends that connection and no other', async (_, bytes) => {
    const [host, port] = province.address.split(':');
    const socket: Socket = connect(Number(port), host);
    const closed = new Promise((resolve) =>
      socket.once('close', resolve).once('error', () => undefined),
    );
    socket.end(Buffer.from(bytes, 'latin1'));
    socket.resume();
    await closed;
    expect((await province.catalog.getCatalogVersion({})).catalogVersion?.inForce).toBe(true);
  });
});

describe('JSON that is no message', () => {
  const REQUEST = 'zhengzhao.v1.SearchScopeEntriesRequest';
  it.each([
    ['nothing', '', REQUEST],
    ['half an object', '{"query":', REQUEST],
    ['a list', '[]', REQUEST],
    ['a number that is none', '{"pageSize": NaN}', REQUEST],
    ['a page size with a fraction', '{"pageSize": 1.5}', `${REQUEST}.page_size`],
    ['a huge page size', '{"pageSize": 1e400}', `${REQUEST}.page_size`],
    ['a page size past its type', '{"pageSize": 2147483648}', `${REQUEST}.page_size`],
    ['a text where a number belongs', '{"pageSize": "many"}', `${REQUEST}.page_size`],
    ['an object where a text belongs', '{"query": {"a": 1}}', `${REQUEST}.query`],
    [
      'an enum name that nobody knows',
      '{"category": "SCOPE_CATEGORY_SECRET"}',
      'zhengzhao.v1.ScopeCategory',
    ],
    ['a field that nobody knows', '{"query": "x", "limit": 3}', REQUEST],
    ['the same field twice', '{"pageSize": 1, "page_size": "x"}', `${REQUEST}.page_size`],
    ['a thousand levels', `{"query": ${'['.repeat(1000)}${']'.repeat(1000)}}`, `${REQUEST}.query`],
    [
      'a hundred thousand levels',
      `{"query": ${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
      `${REQUEST}.query`,
    ],
  ])('%s is INVALID_ARGUMENT, and says where', async (_, json, at) => {
    expect(await postJson(SEARCH, json)).toEqual([400, 'invalid_argument', at]);
  });

  it('a date, a number of 分 or bytes of the wrong form are INVALID_ARGUMENT, and say where', async () => {
    const event = 'zhengzhao.v1.RegistrationEvent';
    for (const [field, at] of [
      ['"envelope": {"sourceTime": "yesterday"}', 'google.protobuf.Timestamp'],
      ['"regCapFen": "1.5"', `${event}.reg_cap_fen`],
      ['"regCapFen": "9223372036854775808"', `${event}.reg_cap_fen`],
      ['"regCapFen": 1e30', `${event}.reg_cap_fen`],
      ['"permitItems": {}', `${event}.permit_items`],
      ['"eventType": 1.5', 'zhengzhao.v1.EventType'],
    ])
      expect([field, ...(await postJson(SUBMIT, `{"registration": {${field}}}`))]).toEqual([
        field,
        400,
        'invalid_argument',
        at,
      ]);
    const deliver = '/zhengzhao.v1.Exchange/Deliver';
    const bytes = '{"deliveries": [{"payload": "***"}]}';
    expect(await postJson(deliver, bytes)).toEqual([
      400,
      'invalid_argument',
      'zhengzhao.v1.Delivery.payload',
    ]);
    const record = '/zhengzhao.v1.Exchange/SubmitRecord';
    const two = '{"record": {"licence": {}, "filing": {}}}';
    expect(await postJson(record, two)).toEqual([
      400,
      'invalid_argument',
      'zhengzhao.v1.Record.body',
    ]);
  });

  it('other methods, types and paths get an HTTP answer that says what to do', async () => {
    const url = `http://${province.address}`;
    expect((await fetch(`${url}${SEARCH}`)).status).toBe(405);
    expect((await post(SEARCH, '{}', 'text/plain')).status).toBe(415);
    expect((await post('/zhengzhao.v1.ScopeCatalog/Nothing', '{}')).status).toBe(404);
    expect((await post(`${SEARCH}/../../etc/passwd`, '{}')).status).toBe(404);
  });
});

it('every reason has a code, and none but INTERNAL blames the node', () => {
  const internal = Object.entries(CODE_OF_REASON)
    .filter(([, code]) => [Code.INTERNAL, Code.UNKNOWN].includes(code))
    .map(([reason]) => ErrorReason[Number(reason)]);
  expect(internal).toEqual(['UNSPECIFIED', 'INTERNAL']);
});
