import { execFileSync } from 'node:child_process';
import { Writable } from 'node:stream';
import { context, trace } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createConnectClient } from '../../clients/connect.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { createLog } from '../../server/log.js';
import { messageTrace } from '../../server/tracing/message-trace.js';
import { testCounterpart, testUscc, validLicence, validRegistration } from '../support/builders.js';
import { eventually, freePort, startTestNode, type TestNode } from '../support/nodes.js';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.js';
import { startReceiver, type OtlpReceiver, type ReceivedSpan } from './otlp-receiver.js';

const CATALOGUE = { catalogVersion: '2019.12-prov' };
const SECRET = 'ZQ秘密许可内容XK7';
const CALLER = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };

const SAMR = '11100000MB0143028R';

const backends = [
  { backend: 'PostgreSQL', redis: false },
  ...(hasRedis ? [{ backend: 'Redis', redis: true }] : []),
];

describe.each(backends)('traces, with queues on $backend,', ({ redis }) => {
  let queues: TestRedis | undefined;
  let receiver: OtlpReceiver;
  let national: TestNode;
  let province: TestNode;

  beforeAll(async () => {
    queues = redis ? await startRedis() : undefined;
    receiver = await startReceiver();
    const port = await freePort();
    const env = { HUB_OTLP_URL: receiver.url, HUB_REDIS_URL: queues?.url ?? '' };
    national = await startTestNode({ ...env, HUB_LEVEL: 'national', HUB_PORT: String(port) });
    province = await startTestNode({
      ...env,
      HUB_REGION: '330000',
      HUB_UPSTREAM_URL: `http://127.0.0.1:${port}`,
      HUB_PULL: 'true',
    });
  });
  afterAll(async () => {
    await province.stop();
    await national.stop();
    await receiver.close();
    await queues?.stop();
  });

  const spansOf = (traceId: string): ReceivedSpan[] =>
    receiver.spans.filter((span) => span.traceId === traceId);

  const spanOf = (spans: readonly ReceivedSpan[], name: string, node: string): ReceivedSpan => {
    const span = spans.find((one) => one.name === name && one.node === node);
    if (!span)
      throw new Error(`no ${name} of ${node} among ${spans.map((one) => one.name).join()}`);
    return span;
  };

  it('follow a message from its acceptance to the next node, in one trace', async () => {
    const registration = validRegistration(CATALOGUE, { number: 1 });
    const messageId = registration.envelope?.messageId ?? '';
    const { traceId, spanId } = messageTrace('330000', messageId);
    const headers = () => ({ traceparent: `00-${CALLER.traceId}-${CALLER.spanId}-01` });
    const client = createGrpcClient(Registration, province.address, { headers });
    await client.submitRegistration({ registration });
    client.close();

    const found = await eventually(async () => {
      const spans = spansOf(traceId);
      return {
        first: spanOf(spans, 'accept', '330000'),
        delivery: spanOf(spans, 'deliver', '330000'),
        far: spanOf(spans, 'accept', '100000'),
        call: spanOf(
          spansOf(CALLER.traceId),
          'zhengzhao.v1.Registration/SubmitRegistration',
          '330000',
        ),
      };
    });
    expect(found.first).toMatchObject({
      spanId,
      parentSpanId: '',
      attributes: { 'hub.message.id': messageId, 'hub.message.kind': 'REGISTRATION' },
    });
    expect(found.delivery).toMatchObject({
      parentSpanId: spanId,
      attributes: { 'hub.destination': '100000', 'hub.outcome': 'acknowledged' },
    });
    expect(found.far).toMatchObject({
      parentSpanId: spanId,
      attributes: { 'hub.arrival': 'province', 'hub.effect': 'APPLIED' },
    });
    // The call belongs to its caller's trace, and the acceptance says by which call it came.
    expect(found.call.parentSpanId).toBe(CALLER.spanId);
    expect(found.first.links).toEqual([
      expect.objectContaining({ traceId: CALLER.traceId, spanId: found.call.spanId }),
    ]);
  });

  it('follow a call through the queue to the far node, by W3C traceparent', async () => {
    const registration = validRegistration(CATALOGUE, { number: 2 });
    await province.registration.submitRegistration({ registration });
    const { traceId } = messageTrace('330000', registration.envelope?.messageId ?? '');
    await eventually(async () => {
      const delivery = spanOf(spansOf(traceId), 'deliver', '330000');
      const job = delivery.links[0]?.traceId ?? '';
      const calls = spansOf(job).filter(({ name }) => name === 'zhengzhao.v1.Exchange/Deliver');
      expect(calls.map(({ node }) => node)).toEqual(['100000']);
    });
  });

  it('follow a message to a node that fetches it', async () => {
    const registration = validRegistration(CATALOGUE, { number: 5 });
    await province.registration.submitRegistration({ registration });
    await eventually(() => national.registration.getEnterprise({ uscc: testUscc(5) }));
    const record = validLicence(
      { licAuthorityCode: SAMR, licAuthorityName: '国家市场监督管理总局' },
      { number: 5, envelope: { sourceNode: '100000', sourceOrg: SAMR } },
    );
    await national.exchange.submitRecord({ record });
    const messageId = record.envelope?.messageId ?? '';
    const { traceId, spanId } = messageTrace('100000', messageId);
    const [fetched, taken] = await eventually(async () => {
      const spans = spansOf(traceId);
      return [spanOf(spans, 'fetch', '100000'), spanOf(spans, 'accept', '330000')];
    });
    expect(fetched).toMatchObject({
      parentSpanId: spanId,
      attributes: {
        'hub.message.id': messageId,
        'hub.message.kind': 'LICENCE',
        'hub.destination': '330000',
      },
    });
    expect(taken).toMatchObject({
      parentSpanId: spanId,
      attributes: { 'hub.arrival': 'national', 'hub.effect': 'APPLIED' },
    });
  });

  it('take the span of a caller over Connect too, and do without one', async () => {
    const client = createConnectClient(Registration, `http://${province.address}`);
    await expect(client.getEnterprise({ uscc: testUscc(99) })).rejects.toThrow();
    await eventually(async () => {
      const calls = receiver.spans.filter(
        ({ name, attributes }) =>
          name === 'zhengzhao.v1.Registration/GetEnterprise' &&
          attributes['rpc.system'] === 'connect',
      );
      expect(calls[0]).toMatchObject({
        parentSpanId: '',
        attributes: { 'hub.result': 'NOT_FOUND' },
      });
    });
  });

  it('R54 hold nothing of what a message holds', async () => {
    const record = validLicence(
      { counterpart: testCounterpart(1), licItem: SECRET },
      { number: 1, nonPublic: true, nonPublicBasis: SECRET },
    );
    const refused = validRegistration({ ...CATALOGUE, lerep: `${SECRET}\u0000` }, { number: 3 });
    await province.exchange.submitRecord({ record });
    await expect(
      province.registration.submitRegistration({ registration: refused }),
    ).rejects.toThrow();
    const { traceId } = messageTrace('330000', record.envelope?.messageId ?? '');
    await eventually(async () => {
      spanOf(spansOf(traceId), 'accept', '330000');
    });
    for (const held of [SECRET, testUscc(1), '欧阳千岛', '千岛1号', record.envelope?.businessKey])
      expect(receiver.text()).not.toContain(held);
    // What is not public has no delivery to the national node, so its trace stays in the province.
    expect(spansOf(traceId).map(({ node }) => node)).not.toContain('100000');
  });

  it('stand in the lines of the log', () => {
    let text = '';
    const write = (chunk: Buffer, _: string, done: () => void): void => {
      text += chunk.toString();
      done();
    };
    const log = createLog('info', '330000', new Writable({ write }));
    const ids = messageTrace('330000', 'm');
    context.with(trace.setSpanContext(context.active(), ids), () => {
      log.info('inside');
    });
    log.info('outside');
    const [inside, outside] = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(inside).toMatchObject({ trace_id: ids.traceId, span_id: ids.spanId });
    expect(outside).not.toHaveProperty('trace_id');
  });
});

describe('without a receiver', () => {
  it('nothing of the SDK is loaded', () => {
    const script = `
      import { Module } from 'node:module';
      import './server/run-node.ts';
      const loaded = Object.keys(Module._cache).filter((file) => /opentelemetry/.test(file));
      const packages = loaded.map((file) => /@opentelemetry.([^/\\\\]+)/.exec(file)?.[1]);
      process.stdout.write([...new Set(packages)].join());`;
    const loaded = execFileSync(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', script],
      { encoding: 'utf8' },
    );
    expect(loaded).toBe('api');
  });
});
