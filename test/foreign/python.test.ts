import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toJson } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { validRegistration } from '../support/builders.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

const PYTHON = '/usr/bin/python3';

function hasGrpcio(): boolean {
  try {
    execFileSync(PYTHON, ['-c', 'import grpc, google.protobuf'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const installed = hasGrpcio();
if (!installed && process.env['CI'])
  throw new Error('CI must have python3-grpcio: a client in another language drives the server.');

interface Answer {
  readonly answer?: Record<string, unknown>;
  readonly code?: string;
  readonly details?: readonly Record<string, unknown>[];
}

describe.runIf(installed)('a gRPC client in Python', () => {
  let node: TestNode;
  let dir: string;
  beforeAll(async () => {
    node = await startTestNode({ HUB_REGION: '330000' });
    dir = await mkdtemp(join(tmpdir(), 'zhengzhao-python-'));
    execFileSync('node_modules/.bin/buf', ['build', '-o', join(dir, 'image.binpb')]);
  });
  afterAll(async () => {
    await node.stop();
    await rm(dir, { recursive: true });
  });

  /** Sends the requests one after the other over one channel. */
  async function ask(...requests: { method: string; request: unknown }[]): Promise<Answer[]> {
    const script = join(import.meta.dirname, 'client.py');
    const python = spawn(PYTHON, [script, node.address, join(dir, 'image.binpb')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    python.stdin.end(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
    let output = '';
    for await (const chunk of python.stdout.setEncoding('utf8')) output += String(chunk);
    return output
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Answer);
  }

  const registration = (overrides = {}): unknown =>
    toJson(
      RegistrationEventSchema,
      validRegistration({ catalogVersion: '2019.12-prov', ...overrides }),
    );

  it('R16 searches the catalogue, is healthy, and submits safely twice', async () => {
    const submit = {
      method: 'zhengzhao.v1.Registration/SubmitRegistration',
      request: { registration: registration() },
    };
    const [health, search, first, second] = await ask(
      { method: 'grpc.health.v1.Health/Check', request: { service: 'zhengzhao.v1.Exchange' } },
      { method: 'zhengzhao.v1.ScopeCatalog/SearchScopeEntries', request: { query: 'canyin' } },
      submit,
      submit,
    );
    expect(health?.answer).toEqual({ status: 'SERVING' });
    expect(JSON.stringify(search?.answer)).toContain('餐饮服务');
    const receipts = [first, second].map(
      (one) => one?.answer?.['receipt'] as { duplicate?: boolean },
    );
    expect(receipts[0]).toMatchObject({ node: '330000', effect: 'EFFECT_APPLIED' });
    expect(receipts[1]).toEqual({ ...receipts[0], duplicate: true });
  });

  it('reads the same errors: code, BadRequest with every finding, ErrorInfo with a stable reason', async () => {
    const broken = registration({ uscc: '91330902MA2000014Z', estDate: '2019-13-01' });
    const [refused] = await ask({
      method: 'zhengzhao.v1.Registration/SubmitRegistration',
      request: { registration: broken },
    });
    expect(refused?.code).toBe('INVALID_ARGUMENT');
    const detail = (name: string) =>
      refused?.details?.find((one) => String(one['@type']).endsWith(name));
    expect(detail('ErrorInfo')).toMatchObject({
      reason: 'VALIDATION_FAILED',
      domain: 'zhengzhao.v1',
    });
    const violations = detail('BadRequest')?.['fieldViolations'] as { field: string }[];
    expect(violations.map((one) => one.field)).toEqual(
      expect.arrayContaining(['uscc', 'est_date']),
    );
  });
});
