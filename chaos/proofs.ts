import type { Receipt } from '#gen/zhengzhao/v1/common_pb.js';
import { verifyChain } from '../server/audit/verify-chain.js';
import { readVerifyingKeys, type VerifyingKey } from '../server/signing/keys.js';
import { doubtAbout } from '../server/signing/receipt-proofs.js';
import { openDatabase, type Db } from '../server/storage/database.js';
import { listSigningKeys } from '../server/storage/signing-keys.js';
import type { ChaosNode } from './stage/chaos-node.js';

/** Public keys with which the receipts of a node are verified. */
export function readKeys(node: ChaosNode): Promise<VerifyingKey[]> {
  return withDatabase(node, async (db) => {
    const keys = await listSigningKeys(db);
    return readVerifyingKeys(keys.map(({ publicPem }) => publicPem).join('\n'));
  });
}

/** What is wrong with a receipt's signature; empty when it verifies. */
export function signatureProblemOf(receipt: Receipt, keys: readonly VerifyingKey[]): string {
  const doubt = doubtAbout(receipt, keys);
  return doubt === undefined ? '' : `its signature does not verify: ${doubt}`;
}

/** Breaks in a node's audit chain. */
export function readChainProblems(node: ChaosNode): Promise<readonly string[]> {
  return withDatabase(node, async (db) => {
    const { faults } = await verifyChain(db, node.code);
    return faults.map(({ link, position, what }) => `link ${link}/${position ?? '-'}: ${what}`);
  });
}

async function withDatabase<T>(node: ChaosNode, act: (db: Db) => Promise<T>): Promise<T> {
  const db = openDatabase({ url: node.postgres.urlAt(), schema: 'hub', poolSize: 2 });
  try {
    return await act(db);
  } finally {
    await db.destroy();
  }
}
