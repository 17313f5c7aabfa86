import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBinary, toJson } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ReceiptSchema, SignatureAlgorithm, type Receipt } from '#gen/zhengzhao/v1/common_pb.js';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { generatePrivatePem, readSigningKey } from '../../server/signing/keys.js';
import { StartError } from '../../server/node/patience.js';
import { environmentWith } from '../../launch/program.js';
import { validRegistration } from '../support/builders.js';
import { freshSchema } from '../support/database.js';
import { startTestNode, type TestNode } from '../support/nodes.js';
import { PATIENCE_MS } from '../support/patience.js';

const COMMAND = ['cli/hub.js', 'verify', 'receipt'];

function freshDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'zhengzhao-receipts-'));
  onTestFinished(() => {
    rmSync(dir, { recursive: true });
  });
  return dir;
}

/** The command as anybody runs it: a process that has the public key and nothing of the node. */
function verify(
  key: string,
  ...files: string[]
): { readonly status: number | null; readonly text: string } {
  const ran = spawnSync(process.execPath, [...COMMAND, '--key', key, ...files], {
    env: environmentWith({}),
    encoding: 'utf8',
    timeout: PATIENCE_MS,
  });
  return { status: ran.status, text: ran.stdout + ran.stderr };
}

function register(node: TestNode, number: number) {
  return node.registration.submitRegistration({
    registration: validRegistration({ catalogVersion: node.node.catalogVersion }, { number }),
  });
}

async function publicKeys(node: TestNode, dir: string): Promise<string> {
  const { signingKeys } = await node.dataCenter.getNodeStatus({});
  const file = join(dir, 'keys.pem');
  writeFileSync(file, signingKeys.map((key) => key.publicKeyPem).join(''));
  return file;
}

const UNSIGNED: readonly (keyof Receipt)[] = ['$typeName', '$unknown', 'duplicate'];

/** The receipt with one signed field changed, for each of them. */
function* tampered(receipt: Receipt): Generator<[string, Receipt]> {
  const fields = Object.keys(receipt) as (keyof Receipt)[];
  for (const field of fields.filter((name) => !UNSIGNED.includes(name))) {
    const copy = structuredClone(receipt);
    if (field === 'acceptedAt') copy.acceptedAt!.nanos += 1;
    else if (field === 'proof') copy.proof!.signature[9]! ^= 1;
    else if (field === 'effect') copy.effect = 2;
    else (copy[field] as string) = String(copy[field]).replace(/.$/, 'x');
    yield [field, copy];
  }
}

describe.each([
  ['ed25519', SignatureAlgorithm.ED25519],
  ['sm2', SignatureAlgorithm.SM2],
] as const)('receipts signed with %s', (name, algorithm) => {
  let node: TestNode;
  const dataDir = mkdtempSync(join(tmpdir(), 'zhengzhao-receipts-'));
  beforeAll(async () => {
    node = await startTestNode({ HUB_SIGNING_ALGORITHM: name, HUB_DATA_DIR: dataDir });
  });
  afterAll(async () => {
    await node.stop();
    rmSync(dataDir, { recursive: true });
  });

  it('are verified in another process with the public key alone, one by one and of a batch', async () => {
    const dir = freshDir();
    const key = await publicKeys(node, dir);
    const url = `http://${node.address}/zhengzhao.v1.Registration/BatchSubmitRegistrations`;
    const registrations = [1, 2, 3, 4, 5].map((number) =>
      validRegistration({ catalogVersion: node.node.catalogVersion }, { number }),
    );
    const { results } = await node.registration.batchSubmitRegistrations({ registrations });
    expect(results.map((one) => one.outcome.case)).toEqual(Array(5).fill('receipt'));
    const { receipt } = await register(node, 6);
    writeFileSync(join(dir, 'one.binpb'), toBinary(ReceiptSchema, receipt!));
    expect(receipt!.proof).toMatchObject({ algorithm, leafCount: 1 });

    // Said again through the JSON door: the answer is kept as it came.
    const body = {
      registrations: registrations.map((one) => toJson(RegistrationEventSchema, one)),
    };
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    writeFileSync(join(dir, 'batch.json'), await answer.text());
    const { status, text } = verify(key, join(dir, 'one.binpb'), join(dir, 'batch.json'));
    expect([text.match(/有效 · genuine/g)?.length, status]).toEqual([6, 0]);
  });

  it('are no longer genuine when any signed field is changed, or for another key', async () => {
    const dir = freshDir();
    const key = await publicKeys(node, dir);
    const { receipt } = await register(node, 7);
    const files = [...tampered(receipt!)].map(([field, copy]) => {
      const file = join(dir, `${field}.json`);
      writeFileSync(file, JSON.stringify(toJson(ReceiptSchema, copy)));
      return file;
    });
    expect(files).toHaveLength(8);
    const { status, text } = verify(key, ...files);
    expect([text.match(/NOT GENUINE/g)?.length, status]).toEqual([8, 1]);

    const other = join(dir, 'other.pem');
    writeFileSync(other, readSigningKey(generatePrivatePem(name))!.publicPem);
    writeFileSync(join(dir, 'whole.binpb'), toBinary(ReceiptSchema, receipt!));
    expect(verify(other, join(dir, 'whole.binpb'))).toMatchObject({
      status: 1,
      text: expect.stringContaining('signed with none of these keys') as string,
    });
  });

  it('are the same, byte by byte, for the same submission, also after a restart', async () => {
    const first = await register(node, 8);
    const again = await register(node, 8);
    const bytes = (receipt: Receipt | undefined): Buffer =>
      Buffer.from(toBinary(ReceiptSchema, { ...receipt!, duplicate: false }));
    expect([first.receipt?.duplicate, again.receipt?.duplicate]).toEqual([false, true]);
    expect(bytes(again.receipt)).toEqual(bytes(first.receipt));
    const env = {
      HUB_SIGNING_ALGORITHM: name,
      HUB_DATA_DIR: dataDir,
      HUB_DATABASE_SCHEMA: node.schema,
    };
    const second = await startTestNode(env);
    onTestFinished(() => second.stop());
    expect(bytes((await register(second, 8)).receipt)).toEqual(bytes(first.receipt));
    const traced = await second.exchange.getMessage({
      messageId: first.receipt?.messageId ?? '',
      localOnly: true,
    });
    expect(bytes(traced.receipt)).toEqual(bytes(first.receipt));
  });
});

describe('the signing key', () => {
  it('is made at the first start, readable by its owner only, and used again', async () => {
    const dataDir = freshDir();
    const env = { HUB_DATA_DIR: dataDir, HUB_DATABASE_SCHEMA: freshSchema('n') };
    const first = await startTestNode(env);
    const { signingKeys } = await first.dataCenter.getNodeStatus({});
    await first.stop();
    expect(statSync(join(dataDir, 'signing-key-ed25519.pem')).mode & 0o777).toBe(0o600);
    const second = await startTestNode(env);
    onTestFinished(() => second.stop());
    expect((await second.dataCenter.getNodeStatus({})).signingKeys).toEqual(signingKeys);
    expect(signingKeys).toHaveLength(1);
  });

  it('is one for all processes on a database: another data directory is refused, a new key is named', async () => {
    const [one, two] = [freshDir(), freshDir()];
    const schema = { HUB_DATABASE_SCHEMA: freshSchema('n') };
    const node = await startTestNode({ ...schema, HUB_DATA_DIR: one });
    const { receipt } = await register(node, 9);
    await node.stop();
    await expect(startTestNode({ ...schema, HUB_DATA_DIR: two })).rejects.toThrow(StartError);

    const file = join(two, 'new.pem');
    writeFileSync(file, generatePrivatePem('ed25519'), { mode: 0o600 });
    const renewed = await startTestNode({ ...schema, HUB_SIGNING_KEY: file });
    onTestFinished(() => renewed.stop());
    const { signingKeys } = await renewed.dataCenter.getNodeStatus({});
    const { receipt: later } = await register(renewed, 10);
    expect([later?.proof?.keyId, receipt?.proof?.keyId]).toEqual(
      signingKeys.map((key) => key.keyId),
    );

    // Old receipts verify with the list, and a process left behind with the old key does not start.
    const key = await publicKeys(renewed, two);
    const files = [receipt, later].map((given, index) => {
      const path = join(two, `${index}.binpb`);
      writeFileSync(path, toBinary(ReceiptSchema, given!));
      return path;
    });
    expect(verify(key, ...files).status).toBe(0);
    await expect(startTestNode({ ...schema, HUB_DATA_DIR: one })).rejects.toThrow(/replaced/);
  });

  it('must be of the configured algorithm', async () => {
    const file = join(freshDir(), 'key.pem');
    writeFileSync(file, generatePrivatePem('sm2'), { mode: 0o600 });
    await expect(startTestNode({ HUB_SIGNING_KEY: file })).rejects.toThrow(StartError);
  });
});
