import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { toJsonString } from '@bufbuild/protobuf';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { testName, validRegistration } from '../support/builders.js';
import { startTestNode, type TestNode } from '../support/nodes.js';

const execute = promisify(execFile);
const PYTHON = '/usr/bin/python3';
const STUBS = resolve('clients/stubs');

const installed = [
  ['protoc', '--version'],
  ['sh', '-c', 'command -v grpc_python_plugin'],
  [PYTHON, '-c', 'import grpc, google.protobuf'],
].every(([program = '', ...args]) => spawnSync(program, args).status === 0);
if (!installed && process.env['CI'])
  throw new Error('CI must have protobuf-compiler, protobuf-compiler-grpc and python3-grpcio.');

describe('the templates of stubs', () => {
  it('are there for Java, Go and Python, each with messages and services', async () => {
    const files = (await readdir(STUBS)).sort();
    expect(files).toEqual(['go.gen.yaml', 'java.gen.yaml', 'python.gen.yaml']);
    for (const file of files) {
      const template = parse(await readFile(join(STUBS, file), 'utf8')) as { plugins: unknown[] };
      expect([file, template.plugins.length]).toEqual([file, 2]);
    }
  });
});

describe.runIf(installed)('a client of stubs in Python', () => {
  let node: TestNode;
  let dir: string;
  beforeAll(async () => {
    node = await startTestNode({ HUB_REGION: '330000' });
    dir = await mkdtemp(join(tmpdir(), 'zhengzhao-stubs-'));
    const buf = resolve('node_modules/.bin/buf');
    execFileSync(buf, ['build', 'proto', '-o', join(dir, 'descriptors.binpb')]);
    const template = join(STUBS, 'python.gen.yaml');
    execFileSync(buf, ['generate', 'descriptors.binpb', '--template', template], { cwd: dir });
  });
  afterAll(async () => {
    await node.stop();
    await rm(dir, { recursive: true });
  });

  it('R16 registers an enterprise, safely twice', async () => {
    const registration = validRegistration({ catalogVersion: '2019.12-prov' });
    const script = join(import.meta.dirname, 'stubs.py');
    const env = { ...process.env, PYTHONPATH: join(dir, 'python') };
    const running = execute(PYTHON, [script, node.address], { env });
    running.child.stdin?.end(toJsonString(RegistrationEventSchema, registration));
    const { stdout } = await running;
    const told = JSON.parse(stdout) as { receipts: string[] };
    expect(told).toMatchObject({
      acceptable: true,
      duplicate: [false, true],
      name: testName(1),
      reasons: Object.values(ErrorReason).filter((one) => typeof one === 'number').length,
    });
    expect(told.receipts[0]).toBe(told.receipts[1]);
  });
});
