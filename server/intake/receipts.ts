import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { ReceiptSchema, type Effect, type Receipt } from '#gen/zhengzhao/v1/common_pb.js';

/** The facts that a receipt states. */
export interface ReceiptFacts {
  readonly seq: number;
  readonly sourceNode: string;
  readonly messageId: string;
  readonly digest: Uint8Array;
  readonly acceptedAtMs: number;
  readonly effect: Effect;
  readonly duplicate: boolean;
}

/** A receipt of this node. The same stored message always gives the same one, but for `duplicate`. */
export function receiptOf(facts: ReceiptFacts, node: string): Receipt {
  return create(ReceiptSchema, {
    receiptNo: `${node}-${facts.seq}`,
    messageId: facts.messageId,
    sourceNode: facts.sourceNode,
    node,
    digest: Buffer.from(facts.digest).toString('hex'),
    acceptedAt: timestampFromMs(facts.acceptedAtMs),
    effect: facts.effect,
    duplicate: facts.duplicate,
  });
}
