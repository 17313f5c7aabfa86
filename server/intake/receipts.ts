import { create, fromBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import {
  ReceiptProofSchema,
  ReceiptSchema,
  type Effect,
  type Receipt,
  type ReceiptProof,
} from '#gen/zhengzhao/v1/common_pb.js';
import type { ReceiptStatement } from '../domain/proof/receipt-text.js';

/** The facts that a receipt states. */
export interface ReceiptFacts {
  readonly seq: number;
  readonly sourceNode: string;
  readonly messageId: string;
  readonly digest: Uint8Array;
  readonly acceptedAtMs: number;
  readonly effect: Effect;
}

/** What goes with the facts: the signature, and whether it is an answer to a repetition. */
export interface ReceiptStamp {
  /** Undefined when the message was accepted before receipts were signed. */
  readonly proof: ReceiptProof | undefined;
  readonly duplicate: boolean;
}

/** What is signed of a receipt of a node. */
export function statementOf(facts: ReceiptFacts, node: string): ReceiptStatement {
  return {
    receiptNo: `${node}-${facts.seq}`,
    messageId: facts.messageId,
    sourceNode: facts.sourceNode,
    node,
    digest: Buffer.from(facts.digest).toString('hex'),
    acceptedAtMs: facts.acceptedAtMs,
    effect: facts.effect,
  };
}

/** A receipt of this node. The same stored message always gives the same one, but for `duplicate`. */
export function receiptOf(
  facts: ReceiptFacts,
  { proof, duplicate }: ReceiptStamp,
  node: string,
): Receipt {
  const { acceptedAtMs, ...statement } = statementOf(facts, node);
  return create(ReceiptSchema, {
    ...statement,
    acceptedAt: timestampFromMs(acceptedAtMs),
    duplicate,
    ...(proof && { proof }),
  });
}

/** The receipt of a stored message. */
export function storedReceipt(
  message: Omit<ReceiptFacts, 'acceptedAtMs'> & {
    readonly acceptedAt: Date;
    readonly receiptProof: Uint8Array | null;
  },
  node: string,
): Receipt {
  const facts = { ...message, acceptedAtMs: message.acceptedAt.getTime() };
  return receiptOf(facts, { proof: readProof(message.receiptProof), duplicate: false }, node);
}

/** A stored proof; undefined when there is none. */
export function readProof(stored: Uint8Array | null): ReceiptProof | undefined {
  return stored ? fromBinary(ReceiptProofSchema, stored) : undefined;
}
