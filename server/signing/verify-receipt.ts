/**
 * `npm run verify-receipt -- --key FILE RECEIPT…`: verifies receipts with public keys alone, far
 * from any node. Ends with 1 unless every receipt is genuine.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { fromBinary, fromJson, type JsonValue } from '@bufbuild/protobuf';
import { ReceiptSchema, type Receipt } from '#gen/zhengzhao/v1/common_pb.js';
import type { Bilingual } from '../domain/errors.js';
import { runCommand } from '../node/command-store.js';
import { StartError } from '../node/patience.js';
import { readVerifyingKeys, type VerifyingKey } from './keys.js';
import { doubtAbout, type Doubt } from './receipt-proofs.js';

const USAGE = `用法 usage: npm run verify-receipt -- --key FILE RECEIPT.json|RECEIPT.binpb …
  --key FILE  节点公钥,可多个 PEM 段 · public keys of the node as PEM, old ones too (GetNodeStatus shows them)
  RECEIPT     Receipt 消息,或含 receipt 的 JSON 应答 · a Receipt message, or a JSON answer with receipts in it`;

const DOUBTS: Readonly<Record<Doubt, Bilingual>> = {
  'not-signed': { zh: '未签名', en: 'not signed' },
  'other-key': {
    zh: '不是这些公钥中任何一个签名的',
    en: 'signed with none of these keys',
  },
  damaged: { zh: '内容不完整或格式不符', en: 'incomplete, or not of the right form' },
  forged: {
    zh: '签名不符:内容被改动或系伪造',
    en: 'the signature does not fit: changed or forged',
  },
};

/** Every receipt in a JSON answer: the message itself, of a submission, or of a batch. */
function receiptsIn(json: JsonValue): Receipt[] {
  if (Array.isArray(json)) return json.flatMap(receiptsIn);
  if (typeof json !== 'object' || json === null) return [];
  if ('receiptNo' in json || 'receipt_no' in json)
    return [fromJson(ReceiptSchema, json, { ignoreUnknownFields: true })];
  return Object.values(json).flatMap(receiptsIn);
}

async function readReceipts(file: string): Promise<Receipt[]> {
  const bytes = await readFile(file);
  try {
    const receipts = file.endsWith('.binpb')
      ? [fromBinary(ReceiptSchema, bytes)]
      : receiptsIn(JSON.parse(bytes.toString()) as JsonValue);
    if (receipts.length > 0) return receipts;
  } catch {
    // Told below: what a file is not does not matter to the reader.
  }
  throw new StartError(`${file}: 其中没有回执 · holds no receipt`);
}

function verdict(file: string, receipt: Receipt, keys: readonly VerifyingKey[]): string {
  const name = `${file}: ${receipt.receiptNo} ${receipt.messageId}`;
  const doubt = doubtAbout(receipt, keys);
  if (!doubt) return `${name} 有效 · genuine (${receipt.proof?.keyId})`;
  process.exitCode = 1;
  const { zh, en } = DOUBTS[doubt];
  return `${name} 无效 · NOT GENUINE: ${zh} · ${en} (${receipt.proof?.keyId ?? '-'})`;
}

async function verify(): Promise<string> {
  const { values, positionals: files } = parseArgs({
    allowPositionals: true,
    options: { key: { type: 'string' } },
  });
  if (!values.key || files.length === 0) throw new StartError(USAGE);
  const keys = readVerifyingKeys(await readFile(values.key, 'utf8'));
  if (keys.length === 0)
    throw new StartError(`${values.key}: 其中没有公钥 · holds no public key (PEM)`);
  const lines: string[] = [];
  for (const file of files)
    for (const receipt of await readReceipts(file)) lines.push(verdict(file, receipt, keys));
  return lines.join('\n');
}

await runCommand(verify);
