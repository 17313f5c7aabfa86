import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, onTestFinished, test } from 'vitest';
import { file_google_rpc_error_details } from '#gen/google/rpc/error_details_pb.js';
import {
  ServerReflection,
  type ServerReflectionRequest,
} from '#gen/grpc/reflection/v1/reflection_pb.js';
import { ServerReflection as ServerReflectionAlpha } from '#gen/grpc/reflection/v1alpha/reflection_pb.js';
import { Health, HealthCheckResponse_ServingStatus as Status } from '#gen/health/v1/health_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createConnectClient } from '../../clients/connect.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { notFound } from '../../server/domain/errors.js';
import { createHealth } from '../../server/doors/health.js';
import { createReflection } from '../../server/doors/reflection.js';
import { bindSome, startNode, type TestNode } from './node.js';
import { PATIENCE_MS } from '../support/patience.js';

const BUF = fileURLToPath(new URL('../../node_modules/.bin/buf', import.meta.url));

async function startWhole() {
  const services = [
    bindSome(Registration, {
      async getEnterprise({ uscc }) {
        if (uscc === '') throw notFound('企业', 'enterprise');
        return { enterprise: { uscc, entName: '杭州某某有限公司' } };
      },
    }),
    bindSome(Exchange, {}),
  ];
  const health = createHealth(services);
  const told = [...services, health.bound];
  const reflection = createReflection(told, [file_google_rpc_error_details]);
  return { node: await startNode([...told, ...reflection]), health };
}

async function bufCurl(args: readonly string[]) {
  const run = promisify(execFile);
  const common = ['curl', '--http2-prior-knowledge', '--protocol', 'grpc'];
  const result = await run(BUF, [...common, ...args], { timeout: PATIENCE_MS }).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  return { stdout: result.stdout, stderr: result.stderr };
}

/** What is asked, to both versions; their answers have the same fields. */
async function ask(
  node: TestNode,
  messageRequest: ServerReflectionRequest['messageRequest'],
  version: typeof ServerReflection | typeof ServerReflectionAlpha = ServerReflection,
) {
  const client = createGrpcClient(ServerReflection, node.address);
  const alpha = createGrpcClient(ServerReflectionAlpha, node.address);
  onTestFinished(() => {
    client.close();
    alpha.close();
  });
  const v1 = (async function* () {
    yield { host: 'h', messageRequest };
  })();
  const answers =
    version === ServerReflection
      ? client.serverReflectionInfo(v1)
      : alpha.serverReflectionInfo(v1 as Parameters<typeof alpha.serverReflectionInfo>[0]);
  for await (const answer of answers) return answer;
  throw new Error('no answer');
}

function filesOf(answer: Awaited<ReturnType<typeof ask>>) {
  const { messageResponse } = answer;
  if (messageResponse.case !== 'fileDescriptorResponse') throw new Error(messageResponse.case);
  return messageResponse.value.fileDescriptorProto.map((bytes) =>
    fromBinary(FileDescriptorProtoSchema, bytes),
  );
}

describe('a foreign client', () => {
  test('lists every method without having the contract', async () => {
    const { node } = await startWhole();
    const { stdout } = await bufCurl(['--list-methods', node.url]);
    const methods = stdout.trim().split('\n');
    expect(methods).toContain('zhengzhao.v1.Exchange/StreamRecords');
    expect(methods).toContain('grpc.health.v1.Health/Check');
    const own = [...Registration.methods, ...Exchange.methods];
    expect(methods.filter((name) => name.startsWith('zhengzhao.v1.'))).toHaveLength(own.length);
  });

  test('calls a method, and is told of an error with its details, by reflection alone', async () => {
    const { node } = await startWhole();
    const method = `${node.url}/zhengzhao.v1.Registration/GetEnterprise`;
    const answer = await bufCurl(['--data', '{"uscc":"91330000000000000X"}', method]);
    expect(JSON.parse(answer.stdout)).toMatchObject({
      enterprise: { uscc: '91330000000000000X', entName: '杭州某某有限公司' },
    });
    const { stderr } = await bufCurl(['--data', '{}', method]);
    expect(stderr).toContain('not_found');
    expect(stderr).toContain('未找到企业。');
    expect(stderr).toContain('"zhengzhao.v1.Refusal"');
  });
});

describe.each([
  ['v1', ServerReflection],
  ['v1alpha', ServerReflectionAlpha],
])('reflection %s', (_, version) => {
  test('lists the services, its own too', async () => {
    const { node } = await startWhole();
    const { messageResponse } = await ask(node, { case: 'listServices', value: '' }, version);
    expect(messageResponse).toMatchObject({
      case: 'listServicesResponse',
      value: {
        service: [
          { name: 'grpc.health.v1.Health' },
          { name: 'grpc.reflection.v1.ServerReflection' },
          { name: 'grpc.reflection.v1alpha.ServerReflection' },
          { name: 'zhengzhao.v1.Exchange' },
          { name: 'zhengzhao.v1.Registration' },
        ],
      },
    });
  });

  test.each([
    ['a file', 'fileByFilename', 'zhengzhao/v1/exchange.proto'],
    ['a service', 'fileContainingSymbol', 'zhengzhao.v1.Exchange'],
    ['a method', 'fileContainingSymbol', 'zhengzhao.v1.Exchange.StreamRecords'],
    ['a message', 'fileContainingSymbol', '.zhengzhao.v1.StreamRecordsRequest'],
    ['a field', 'fileContainingSymbol', 'zhengzhao.v1.StreamRecordsRequest.records'],
  ] as const)('finds %s, with all it needs to be read', async (__, by, value) => {
    const { node } = await startWhole();
    const files = filesOf(await ask(node, { case: by, value }, version));
    expect(files[0]?.name).toBe('zhengzhao/v1/exchange.proto');
    const known = new Set(files.map(({ name }) => name));
    const imports = files.flatMap(({ dependency }) => dependency);
    expect(imports.filter((name) => !known.has(name))).toEqual([]);
  });

  test('says NOT_FOUND for what is not there, and goes on', async () => {
    const { node } = await startWhole();
    const answer = await ask(node, { case: 'fileContainingSymbol', value: 'no.Such' }, version);
    expect(answer.messageResponse).toMatchObject({
      case: 'errorResponse',
      value: { errorCode: 5 },
    });
    expect(answer).toMatchObject({ validHost: 'h', originalRequest: { host: 'h' } });
  });
});

test('reflection finds enum values beside their enum, and types of error details', async () => {
  const { node } = await startWhole();
  for (const [symbol, file] of [
    ['zhengzhao.v1.ERROR_REASON_NOT_FOUND', 'zhengzhao/v1/error_reason.proto'],
    ['google.rpc.BadRequest.FieldViolation', 'google/rpc/error_details.proto'],
  ] as const) {
    const files = filesOf(await ask(node, { case: 'fileContainingSymbol', value: symbol }));
    expect(files[0]?.name).toBe(file);
  }
});

describe('extensions', () => {
  test('of a message that has none are an empty list', async () => {
    const { node } = await startWhole();
    const value = 'zhengzhao.v1.Receipt';
    const { messageResponse } = await ask(node, { case: 'allExtensionNumbersOfType', value });
    expect(messageResponse).toMatchObject({
      case: 'allExtensionNumbersResponse',
      value: { baseTypeName: value, extensionNumber: [] },
    });
  });

  test('that do not exist are NOT_FOUND', async () => {
    const { node } = await startWhole();
    const value = { containingType: 'zhengzhao.v1.Receipt', extensionNumber: 1 };
    const { messageResponse } = await ask(node, {
      case: 'fileContainingExtension',
      value: { ...value, $typeName: 'grpc.reflection.v1.ExtensionRequest' },
    });
    expect(messageResponse).toMatchObject({ case: 'errorResponse', value: { errorCode: 5 } });
  });
});

describe('health', () => {
  test('is NOT_SERVING until told otherwise, through both doors', async () => {
    const { node, health } = await startWhole();
    const grpc = createGrpcClient(Health, node.address);
    onTestFinished(() => grpc.close());
    const connect = createConnectClient(Health, node.url);
    const both = async () => [
      (await grpc.check({})).status,
      (await connect.check({ service: 'zhengzhao.v1.Exchange' })).status,
    ];
    expect(await both()).toEqual([Status.NOT_SERVING, Status.NOT_SERVING]);
    health.setServing(true);
    expect(await both()).toEqual([Status.SERVING, Status.SERVING]);
    const { statuses } = await grpc.list({});
    expect(Object.keys(statuses)).toEqual([
      '',
      'zhengzhao.v1.Registration',
      'zhengzhao.v1.Exchange',
    ]);
  });

  test('of an unknown service is NOT_FOUND', async () => {
    const { node } = await startWhole();
    const connect = createConnectClient(Health, node.url);
    await expect(connect.check({ service: 'x' })).rejects.toMatchObject({ codeName: 'NOT_FOUND' });
  });

  test('is told to a watcher at once and with each change', async () => {
    const { node, health } = await startWhole();
    const grpc = createGrpcClient(Health, node.address);
    onTestFinished(() => grpc.close());
    const seen: Status[] = [];
    for await (const { status } of grpc.watch({})) {
      seen.push(status);
      health.setServing(seen.length === 1);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([Status.NOT_SERVING, Status.SERVING, Status.NOT_SERVING]);
  });

  test('of an unknown service is SERVICE_UNKNOWN to a watcher, who stays', async () => {
    const { node } = await startWhole();
    const grpc = createGrpcClient(Health, node.address);
    onTestFinished(() => grpc.close());
    const watching = grpc.watch({ service: 'x' })[Symbol.asyncIterator]();
    expect((await watching.next()).value).toMatchObject({ status: Status.SERVICE_UNKNOWN });
    const next = watching.next().catch((error: unknown) => error);
    await node.front.close(2000);
    expect(await next).toMatchObject({ reason: 'UNAVAILABLE' });
  });
});
