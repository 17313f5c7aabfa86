/**
 * 许可部门报送任意数量的记录,一次调用 · an authority reports any number of records, with one call:
 *   node records.mjs records.ndjson [address]
 * 每行一条 Record 的 JSON · each line is a Record as JSON.
 */
import { open } from 'node:fs/promises';
import { createGrpcHub } from 'zhengzhao-hub-client';
import { fromJson, RecordSchema } from 'zhengzhao-hub-client/messages';

const [file = 'records.ndjson', address = '127.0.0.1:7330'] = process.argv.slice(2);
const hub = createGrpcHub(address, { token: process.env.HUB_TOKEN });

/** 读取不快于中心受理 · read no faster than the hub takes them. */
async function* records() {
  const lines = await open(file);
  for await (const line of lines.readLines())
    if (line.trim() !== '') yield fromJson(RecordSchema, JSON.parse(line));
}

try {
  // 断线续传、限流等待都在其中 · resuming after a break and waiting for a full hub are part of it.
  for await (const settled of hub.submitRecords(records())) {
    const key = settled.message.envelope?.businessKey;
    if (settled.accepted) console.log(`${key} 回执 receipt ${settled.receipt.receiptNo}`);
    else {
      console.log(`${key} 退回 refused: ${settled.refusal.messageZh}`);
      for (const { field, messageZh } of settled.refusal.findings)
        console.log(`  ${field}: ${messageZh}`);
    }
  }
} finally {
  hub.close();
}
