/**
 * `npm run bench:proof`: what signed receipts and the audit cost of an accept. One province on an
 * embedded PostgreSQL; in turns a call is accepted through its port, receipts as many as its messages
 * are signed, and audit entries as many are added to the chain. Prints medians and shares.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Knex } from 'knex';
import { AuditKind } from '#gen/zhengzhao/v1/audit_pb.js';
import { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { createGrpcClient } from '../clients/grpc.js';
import { readConfig } from '../server/config.js';
import { auditEntry } from '../server/domain/audit/entry.js';
import { createLog } from '../server/log.js';
import { startNode } from '../server/node.js';
import { onThrowawayPostgres, type Throwaway } from '../launch/throwaway-postgres.js';
import { generatePrivatePem, readSigningKey, type SigningKey } from '../server/signing/keys.js';
import { proveReceipts } from '../server/signing/receipt-proofs.js';
import { appendAudit } from '../server/storage/audit.js';
import { openDatabase } from '../server/storage/database.js';
import { validLicence } from '../test/support/builders.js';
import { median } from './statistics.js';

const NODE = '330000';
const SCHEMA = 'proof';
/** Messages of a call. */
const SIZES = [1, 200];
/** Calls before it counts. */
const WARM = 5;

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '40' } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1)
  throw new Error('--rounds 应为正整数 · must be a whole number of at least 1.');

/** One step that is measured; answers its milliseconds. */
type Step = (size: number) => Promise<number>;

async function timed(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

function accepting(address: string): { readonly step: Step; close(): void } {
  const client = createGrpcClient(Exchange, address);
  let number = 0;
  const step: Step = async (size) => {
    const records = Array.from({ length: size }, () => validLicence({}, { number: (number += 1) }));
    return timed(() => client.batchSubmitRecords({ records }));
  };
  return { step, close: () => client.close() };
}

function keyOf(name: Parameters<typeof generatePrivatePem>[0]): SigningKey {
  const key = readSigningKey(generatePrivatePem(name));
  if (!key) throw new Error('a key that was just made can not be read');
  return key;
}

/** Signs the receipts of one transaction. */
function signing(key: SigningKey): Step {
  return (size) => {
    const statements = Array.from({ length: size }, (_, index) => ({
      receiptNo: `${NODE}-${index}`,
      messageId: randomBytes(16).toString('hex'),
      sourceNode: NODE,
      node: NODE,
      digest: randomBytes(32).toString('hex'),
      acceptedAtMs: Date.now(),
      effect: 1,
    }));
    return timed(() => proveReceipts(key, statements));
  };
}

/** Adds a link to the chain; the commit, which an accept makes anyway, is not counted. */
function auditing(knex: Knex): Step {
  return (size) =>
    knex.transaction((trx) => {
      const entries = Array.from({ length: size }, () =>
        auditEntry({
          kind: AuditKind.SUBMISSION,
          atMs: Date.now(),
          actor: 'department:330000000M660',
          action: 'submit',
          messageId: randomBytes(16).toString('hex'),
          sourceNode: NODE,
          digest: randomBytes(32),
          rules: ['UP-PUBLIC'],
          outcome: 'ACCEPTED',
        }),
      );
      return timed(() => appendAudit(trx, NODE, entries));
    });
}

async function compare(steps: Readonly<Record<string, Step>>): Promise<void> {
  for (const size of SIZES) {
    const seen = new Map<string, number[]>();
    for (let round = -WARM; round < rounds; round += 1)
      for (const [name, step] of Object.entries(steps)) {
        const ms = await step(size);
        if (round >= 0) seen.set(name, [...(seen.get(name) ?? []), ms]);
      }
    const whole = median(seen.get('accept') ?? []);
    for (const [name, all] of seen) {
      const ms = median(all);
      const share = `${((ms / whole) * 100).toFixed(1)} %`;
      process.stdout.write(
        `${String(size).padStart(4)}  ${name.padEnd(14)} ${ms.toFixed(2)} ms  ${share}\n`,
      );
    }
  }
}

async function measure({ url, directory }: Throwaway): Promise<void> {
  const config = readConfig({
    HUB_DATABASE_URL: url,
    HUB_DATABASE_SCHEMA: SCHEMA,
    HUB_DATA_DIR: join(directory, 'node'),
    HUB_PORT: '0',
    HUB_LOG_LEVEL: 'error',
  });
  const node = await startNode(config, createLog('error', 'bench'));
  const knex = openDatabase({ url, schema: SCHEMA, poolSize: 1 });
  const accept = accepting(`127.0.0.1:${node.port}`);
  try {
    process.stdout.write('条数 messages, 步骤 step, 中位 median, 占受理 share of an accept\n');
    await compare({
      accept: accept.step,
      'sign ed25519': signing(keyOf('ed25519')),
      'sign sm2': signing(keyOf('sm2')),
      audit: auditing(knex),
    });
  } finally {
    accept.close();
    await knex.destroy();
    await node.stop();
  }
}

await onThrowawayPostgres({}, measure);
