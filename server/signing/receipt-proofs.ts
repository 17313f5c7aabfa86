import { create } from '@bufbuild/protobuf';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import {
  ReceiptProofSchema,
  type Receipt,
  type ReceiptProof,
} from '#gen/zhengzhao/v1/common_pb.js';
import { leafHash, MerkleTree, rootOfPath } from '../domain/proof/merkle.js';
import { receiptText, signedText, type ReceiptStatement } from '../domain/proof/receipt-text.js';
import type { SigningKey, VerifyingKey } from './keys.js';

/** Signs receipts of one transaction together: one signature, however many there are. */
export function proveReceipts(
  key: SigningKey,
  statements: readonly ReceiptStatement[],
): ReceiptProof[] {
  if (statements.length === 0) return [];
  const leaves = statements.map((statement) => leafHash(key.hash, receiptText(statement)));
  const tree = new MerkleTree(key.hash, leaves);
  const leafCount = leaves.length;
  const signature = key.sign(signedText(key.keyId, leafCount, tree.root));
  const { keyId, algorithm } = key;
  return leaves.map((_, leafIndex) =>
    create(ReceiptProofSchema, {
      keyId,
      algorithm,
      leafIndex,
      leafCount,
      path: tree.pathOf(leafIndex),
      signature,
    }),
  );
}

/** Why a receipt is not proved. */
export type Doubt = 'not-signed' | 'other-key' | 'damaged' | 'forged';

/** Verifies a receipt with public keys alone; undefined when it is genuine. */
export function doubtAbout(receipt: Receipt, keys: readonly VerifyingKey[]): Doubt | undefined {
  const { proof } = receipt;
  if (!proof || proof.signature.length === 0) return 'not-signed';
  const key = keys.find(({ keyId }) => keyId === proof.keyId);
  if (!key) return 'other-key';
  const statement = statementOf(receipt);
  if (!statement || proof.algorithm !== key.algorithm) return 'damaged';
  const leaf = leafHash(key.hash, receiptText(statement));
  const place = { index: proof.leafIndex, count: proof.leafCount };
  const root = rootOfPath(key.hash, leaf, place, proof.path);
  if (!root) return 'damaged';
  const signed = signedText(key.keyId, proof.leafCount, root);
  return key.verify(signed, proof.signature) ? undefined : 'forged';
}

/** What a receipt states; undefined when its canonical bytes would say less than it does. */
function statementOf(receipt: Receipt): ReceiptStatement | undefined {
  const { receiptNo, messageId, sourceNode, node, digest, acceptedAt, effect } = receipt;
  if (!acceptedAt || acceptedAt.nanos % 1_000_000 !== 0) return undefined;
  if ([receiptNo, messageId, sourceNode, node, digest].some((text) => /\n/.test(text)))
    return undefined;
  const acceptedAtMs = timestampMs(acceptedAt);
  if (Number.isNaN(new Date(acceptedAtMs).getTime())) return undefined;
  return { receiptNo, messageId, sourceNode, node, digest, acceptedAtMs, effect };
}
