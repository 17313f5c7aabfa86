import { Effect } from '#gen/zhengzhao/v1/common_pb.js';

/** What a signed receipt states. */
export interface ReceiptStatement {
  readonly receiptNo: string;
  readonly messageId: string;
  readonly sourceNode: string;
  readonly node: string;
  /** Lower-case hex. */
  readonly digest: string;
  readonly acceptedAtMs: number;
  readonly effect: Effect;
}

function linesOf(lines: readonly string[]): Uint8Array {
  return Buffer.from(`${lines.join('\n')}\n`);
}

/** Canonical bytes of a receipt, the first version: see `ReceiptProof` in the contract. */
export function receiptText(receipt: ReceiptStatement): Uint8Array {
  return linesOf([
    'zhengzhao-receipt/1',
    `receipt_no=${receipt.receiptNo}`,
    `message_id=${receipt.messageId}`,
    `source_node=${receipt.sourceNode}`,
    `node=${receipt.node}`,
    `digest=${receipt.digest}`,
    `accepted_at=${new Date(receipt.acceptedAtMs).toISOString()}`,
    `effect=EFFECT_${Effect[receipt.effect]}`,
  ]);
}

/** The text that a node signs for all receipts of a transaction. */
export function signedText(keyId: string, count: number, root: Uint8Array): Uint8Array {
  return linesOf([
    'zhengzhao-receipts/1',
    `key_id=${keyId}`,
    `count=${count}`,
    `root=${Buffer.from(root).toString('hex')}`,
  ]);
}
