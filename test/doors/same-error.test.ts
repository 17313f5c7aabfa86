import { gzipSync } from 'node:zlib';
import { create, toBinary } from '@bufbuild/protobuf';
import { createClient } from '@connectrpc/connect';
import { createGrpcWebTransport } from '@connectrpc/connect-node';
import { encodeEnvelope } from '@connectrpc/connect/protocol';
import { findTrailerError } from '@connectrpc/connect/protocol-grpc';
import { trailerParse } from '@connectrpc/connect/protocol-grpc-web';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { FindingSchema, Severity } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { connectErrorOf } from '../../clients/connect-error.js';
import { createConnectClient } from '../../clients/connect.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { grpcErrorOf } from '../../clients/grpc-error.js';
import { HubClientError } from '../../clients/hub-client-error.js';
import { HubError, notFound } from '../../server/domain/errors.js';
import { bindSome, startNode, type TestNode } from './node.js';

const FINDING = create(FindingSchema, {
  rule: 'VR2',
  field: 'registration.uscc',
  severity: Severity.ERROR,
  code: 'USCC_CHECK_DIGIT',
  messageZh: '校验位不正确。',
  messageEn: 'The check digit is wrong.',
});

/** Answers each USCC with another error. */
const registration = bindSome(Registration, {
  async getEnterprise({ uscc }) {
    if (uscc === 'invalid') {
      const text = { zh: '校验未通过。', en: 'Validation failed.' };
      throw new HubError(ErrorReason.VALIDATION_FAILED, text, { findings: [FINDING] });
    }
    if (uscc === 'full') {
      const text = { zh: '积压已满。', en: 'The backlog is full.' };
      throw new HubError(ErrorReason.BACKLOG_FULL, text, {
        retryAfterMs: 1500,
        metadata: { limit: '10000' },
      });
    }
    if (uscc === 'defect') throw new TypeError('secret of the database');
    throw notFound('企业', 'enterprise');
  },
});

const METHOD = '/zhengzhao.v1.Registration/GetEnterprise';

type Ask = (node: TestNode, uscc: string) => Promise<unknown>;

const askGrpc: Ask = async ({ address }, uscc) => {
  const client = createGrpcClient(Registration, address);
  try {
    return await client.getEnterprise({ uscc });
  } finally {
    client.close();
  }
};

const askConnect =
  (json: boolean): Ask =>
  ({ url }, uscc) =>
    createConnectClient(Registration, url, { json }).getEnterprise({ uscc });

const askGrpcWeb: Ask = async ({ url }, uscc) => {
  const transport = createGrpcWebTransport({ baseUrl: url, httpVersion: '1.1' });
  return createClient(Registration, transport)
    .getEnterprise({ uscc })
    .catch((error: unknown) => {
      throw connectErrorOf(error);
    });
};

async function failureOf(answer: Promise<unknown>): Promise<HubClientError> {
  const error: unknown = await answer.then(
    () => new Error('the call succeeded'),
    (failure: unknown) => failure,
  );
  if (error instanceof HubClientError) return error;
  throw error;
}

function post(node: TestNode, path: string, body: string | Uint8Array, headers: object = {}) {
  return fetch(`${node.url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body,
  });
}

describe.each([
  ['gRPC', askGrpc],
  ['Connect with Protobuf', askConnect(false)],
  ['Connect with JSON', askConnect(true)],
  ['gRPC-Web', askGrpcWeb],
])('an error through %s', (_, ask) => {
  test('has the code, the reason, both languages and the findings', async () => {
    const error = await failureOf(ask(await startNode([registration]), 'invalid'));
    expect(error).toMatchObject({
      code: 3,
      codeName: 'INVALID_ARGUMENT',
      reason: 'VALIDATION_FAILED',
      messageZh: '校验未通过。',
      messageEn: 'Validation failed.',
      findings: [{ ...FINDING }],
      findingsTotal: 1,
      retryAfterMs: undefined,
    });
  });

  test('says when to try again, and the limit that was reached', async () => {
    const error = await failureOf(ask(await startNode([registration]), 'full'));
    expect(error).toMatchObject({
      codeName: 'RESOURCE_EXHAUSTED',
      reason: 'BACKLOG_FULL',
      retryAfterMs: 1500,
      metadata: { limit: '10000' },
    });
  });

  test('of a defect tells an incident number and nothing of its cause', async () => {
    const node = await startNode([registration]);
    const error = await failureOf(ask(node, 'defect'));
    expect(error).toMatchObject({ codeName: 'INTERNAL', reason: 'INTERNAL' });
    expect(node.defects).toMatchObject([
      { where: METHOD, incident: error.metadata['incident'], cause: { name: 'TypeError' } },
    ]);
    expect(JSON.stringify(error) + error.message).not.toContain('secret');
  });
});

test('a plain JSON caller reads status, code, both languages and readable details', async () => {
  const node = await startNode([registration]);
  const response = await post(node, METHOD, '{"uscc":"x"}');
  expect(response.status).toBe(404);
  const body = (await response.json()) as { details: { type: string; debug: unknown }[] };
  expect(body).toMatchObject({
    code: 'not_found',
    message: '未找到企业。 / No such enterprise.',
  });
  expect(body.details).toContainEqual(
    expect.objectContaining({
      type: 'google.rpc.ErrorInfo',
      debug: { reason: 'NOT_FOUND', domain: 'zhengzhao.v1' },
    }),
  );
});

describe('what is no message is UNDECODABLE', () => {
  const GARBAGE = Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1]);
  const UNDECODABLE = { codeName: 'INVALID_ARGUMENT', reason: 'UNDECODABLE' };

  function callRaw(address: string, path: string, bytes: Buffer): Promise<never> {
    const client = new Client(address, credentials.createInsecure());
    return new Promise<never>((_, reject) => {
      const done = (error: ServiceError | null) => {
        client.close();
        reject(error ? grpcErrorOf(error) : new Error('the call succeeded'));
      };
      const pass = (raw: Buffer) => raw;
      client.makeUnaryRequest(path, pass, pass, bytes, new Metadata(), done);
    });
  }

  async function bodyOf(response: Response) {
    const { code, message, details } = (await response.json()) as {
      code: string;
      message: string;
      details: { type: string; value: string }[];
    };
    const decoded = details.map(({ type, value }) => ({
      typeUrl: type,
      value: Buffer.from(value, 'base64'),
    }));
    return { status: response.status, code, error: new HubClientError(3, message, decoded) };
  }

  test('through gRPC', async () => {
    const { address, defects } = await startNode([registration]);
    expect(await failureOf(callRaw(address, METHOD, GARBAGE))).toMatchObject(UNDECODABLE);
    expect(defects).toEqual([]);
  });

  test('through Connect with Protobuf', async () => {
    const node = await startNode([registration]);
    const type = { 'Content-Type': 'application/proto' };
    const { status, code, error } = await bodyOf(await post(node, METHOD, GARBAGE, type));
    expect({ status, code }).toEqual({ status: 400, code: 'invalid_argument' });
    expect(error).toMatchObject(UNDECODABLE);
  });

  test.each([
    ['half an object', '{"uscc":'],
    ['nothing', ''],
    ['an array', '[]'],
    ['a value of the wrong type', '{"uscc":{"a":1}}'],
  ])('through Connect with JSON: %s', async (_, json) => {
    const node = await startNode([registration]);
    const { status, code, error } = await bodyOf(await post(node, METHOD, json));
    expect({ status, code }).toEqual({ status: 400, code: 'invalid_argument' });
    expect(error).toMatchObject({ ...UNDECODABLE, messageZh: expect.stringMatching(/^请求内容/) });
  });

  test('through Connect, when it claims to be compressed', async () => {
    const node = await startNode([registration]);
    const half = gzipSync('{"uscc":"x"}').subarray(0, 20);
    const response = await post(node, METHOD, half, { 'Content-Encoding': 'gzip' });
    expect((await bodyOf(response)).error).toMatchObject(UNDECODABLE);
  });

  test('through gRPC-Web', async () => {
    const node = await startNode([registration]);
    const type = { 'Content-Type': 'application/grpc-web+proto' };
    const response = await post(node, METHOD, encodeEnvelope(0, GARBAGE), type);
    const frame = new Uint8Array(await response.arrayBuffer());
    const error = connectErrorOf(findTrailerError(trailerParse(frame.subarray(5))));
    expect(error).toMatchObject(UNDECODABLE);
  });

  test('and never quotes a value', async () => {
    const node = await startNode([registration, bindSome(Exchange, {})]);
    const secret = '11010119900101001X';
    const submit = '/zhengzhao.v1.Exchange/SubmitRecord';
    for (const [path, json] of [
      [METHOD, `{"uscc":["${secret}"]}`],
      [submit, `{"record":{"licence":{"licState":"${secret}"}}}`],
      [submit, `{"record":{"licence":{},"filing":{"uscc":"${secret}"}}}`],
    ] as const) {
      const { error } = await bodyOf(await post(node, path, json));
      expect(error.metadata['at']).toMatch(/^zhengzhao\.v1\./);
      const { message, messageZh, metadata, findings } = error;
      expect(JSON.stringify([message, messageZh, metadata, findings])).not.toContain(secret);
    }
  });

  test('an unknown JSON field is refused and named (R51)', async () => {
    const node = await startNode([registration]);
    const { error } = await bodyOf(await post(node, METHOD, '{"uscc":"x","phone":"13800000000"}'));
    expect(error).toMatchObject({
      ...UNDECODABLE,
      findings: [{ rule: 'R51', field: 'phone', code: 'UNKNOWN_FIELD' }],
    });
    expect(error.message).not.toContain('13800000000');
  });
});

describe('a message that is too large is RESOURCE_EXHAUSTED', () => {
  const large = { uscc: 'x'.repeat(40_000) };
  const limits = { maxRequestBytes: 20_000 };

  test('through gRPC', async () => {
    const node = await startNode([registration], limits);
    const error = await failureOf(askGrpc(node, large.uscc));
    expect(error.codeName).toBe('RESOURCE_EXHAUSTED');
  });

  test.each([true, false])('through Connect (JSON: %s)', async (json) => {
    const node = await startNode([registration], limits);
    const error = await failureOf(askConnect(json)(node, large.uscc));
    expect(error.codeName).toBe('RESOURCE_EXHAUSTED');
  });

  test('through Connect, when it only becomes so by decompression', async () => {
    const node = await startNode([registration], limits);
    const bomb = gzipSync(JSON.stringify(large));
    expect(bomb.length).toBeLessThan(1000);
    const response = await post(node, METHOD, bomb, { 'Content-Encoding': 'gzip' });
    expect(response.status).toBe(429);
    expect(await response.json()).toMatchObject({ code: 'resource_exhausted' });
  });

  test('as an answer through gRPC', async () => {
    const huge = bindSome(Registration, {
      getEnterprise: async () => ({ enterprise: { entName: 'x'.repeat(40_000) } }),
    });
    const node = await startNode([huge], { maxResponseBytes: 20_000 });
    expect((await failureOf(askGrpc(node, 'x'))).codeName).toBe('RESOURCE_EXHAUSTED');
  });

  test('but sixteen megabytes pass by default, both ways', async () => {
    const echo = bindSome(Registration, {
      getEnterprise: async ({ uscc }) => ({ enterprise: { entName: uscc } }),
    });
    const node = await startNode([echo]);
    const uscc = 'x'.repeat(16 * 1024 * 1024);
    for (const ask of [askGrpc, askConnect(false)]) {
      const answer = (await ask(node, uscc)) as { enterprise?: { entName: string } };
      expect(answer.enterprise?.entName).toHaveLength(uscc.length);
    }
  });
});

describe('what is not there', () => {
  test('is UNIMPLEMENTED through gRPC', async () => {
    const { address } = await startNode([registration]);
    const client = createGrpcClient(Exchange, address);
    const error = await failureOf(client.getMessage({}));
    client.close();
    expect(error.codeName).toBe('UNIMPLEMENTED');
  });

  test('is UNIMPLEMENTED through Connect', async () => {
    const { url } = await startNode([registration]);
    const error = await failureOf(createConnectClient(Exchange, url).getMessage({}));
    expect(error.codeName).toBe('UNIMPLEMENTED');
  });
});

test('a stream both ways says over HTTP/1.1 that it needs gRPC', async () => {
  const node = await startNode([bindSome(Exchange, {})]);
  const answers = createConnectClient(Exchange, node.url).streamRecords(
    (async function* () {
      yield { records: [] };
    })(),
  );
  const read = async () => {
    for await (const answer of answers) return answer;
    return undefined;
  };
  const error = await failureOf(read());
  expect(error.codeName).toBe('UNIMPLEMENTED');
  expect(error.message).toMatch(/双向流.*HTTP\/2/);
});

test('an answer that does not fit its message is a defect, not a silent failure', async () => {
  const broken = bindSome(Registration, {
    getEnterprise: async () => ({ enterprise: { updatedAt: { nanos: 2 ** 40 } } }),
  });
  const node = await startNode([broken]);
  const error = await failureOf(askGrpc(node, 'x'));
  expect(error.reason).toBe('INTERNAL');
  expect(node.defects).toHaveLength(1);
});

test('fields that a newer contract adds survive in Protobuf', async () => {
  const seen: number[] = [];
  const service = bindSome(Registration, {
    async getEnterprise(request) {
      seen.push(...(request.$unknown ?? []).map(({ no }) => no));
      return {};
    },
  });
  const node = await startNode([service]);
  const schema = Registration.method.getEnterprise.input;
  const bytes = toBinary(schema, create(schema, { uscc: 'x' }));
  const body = Buffer.concat([bytes, Buffer.from([0xf8, 0x06, 0x01])]);
  const response = await post(node, METHOD, body, { 'Content-Type': 'application/proto' });
  expect(response.status).toBe(200);
  expect(seen).toEqual([111]);
});
