import { fromBinary, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { ReceiptSchema, type Receipt } from '#gen/zhengzhao/v1/common_pb.js';
import type { VerifyingKey } from './keys.js';
import { doubtAbout, type Doubt } from './receipt-proofs.js';

/** A receipt that was held against public keys. */
export interface CheckedReceipt {
  readonly receiptNo: string;
  readonly messageId: string;
  /** Of the key that it says it was signed with; empty when it was not signed. */
  readonly keyId: string;
  /** Null: it is genuine. */
  readonly doubt: Doubt | null;
}

/**
 * Verifies the receipts of a file with public keys alone, far from any node. `binary`: one Receipt
 * message; else JSON, with receipts anywhere in it. Empty when it holds none, or can't be read.
 */
export function checkReceipts(
  bytes: Uint8Array,
  binary: boolean,
  keys: readonly VerifyingKey[],
): CheckedReceipt[] {
  return receiptsOf(bytes, binary).map((receipt) => ({
    receiptNo: receipt.receiptNo,
    messageId: receipt.messageId,
    keyId: receipt.proof?.keyId ?? '',
    doubt: doubtAbout(receipt, keys) ?? null,
  }));
}

function receiptsOf(bytes: Uint8Array, binary: boolean): Receipt[] {
  try {
    if (binary) return [fromBinary(ReceiptSchema, bytes)];
    return receiptsIn(JSON.parse(Buffer.from(bytes).toString()) as JsonValue);
  } catch {
    // What a file is that holds no receipt does not matter to the reader.
    return [];
  }
}

/** Every receipt in a JSON answer: the message itself, of a submission, or of a batch. */
function receiptsIn(json: JsonValue): Receipt[] {
  if (Array.isArray(json)) return json.flatMap(receiptsIn);
  if (typeof json !== 'object' || json === null) return [];
  if ('receiptNo' in json || 'receipt_no' in json)
    return [fromJson(ReceiptSchema, json, { ignoreUnknownFields: true })];
  return Object.values(json).flatMap(receiptsIn);
}
