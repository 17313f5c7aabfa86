import { readFile } from 'node:fs/promises';
import type { Fault, Restoration } from '../../server/audit/own-chain.js';
import type { CheckedReceipt } from '../../server/signing/verify-receipts.js';
import type { Doubt } from '../../server/signing/receipt-proofs.js';
import { both, ExitCode, UsageError, type Answer } from '../answer.js';
import { addCommand, addGroup, type Call, type Group } from '../command.js';
import { inWords } from '../local.js';
import { option } from '../words.js';

/** `verify`: receipts, with public keys alone and far from any node; the audit chain of a node. */
export const verify: Group = (program) => {
  const group = addGroup(program, {
    name: 'verify',
    zh: '核验回执与审计链;有一处不符即以 1 结束',
    en: 'verifies receipts and the audit chain; ends with 1 when anything is wrong',
  });
  addCommand<{ readonly key: string }>(group, {
    name: 'receipt',
    zh: '只凭公钥核验回执,无须连接节点',
    en: 'verifies receipts with public keys alone; needs no node',
    arguments: [
      {
        name: '<files...>',
        zh: 'Receipt 消息(.binpb),或含 receipt 的 JSON 应答',
        en: 'a Receipt message (.binpb), or a JSON answer with receipts in it',
      },
    ],
    options: [
      option(
        '--key <file>',
        '节点公钥,可多个 PEM 段(GetNodeStatus 给出,含旧公钥)',
        'public keys of the node as PEM, old ones too (GetNodeStatus shows them)',
      ).makeOptionMandatory(),
    ],
    local: true,
    run: verifyReceipts,
  });
  addCommand<object>(group, {
    name: 'audit',
    zh: '重算本机节点(HUB_*)的审计链,指出被改、被删、被插入的行',
    en: 'recomputes the audit chain of the node of this machine (HUB_*); names every changed, removed or inserted row',
    local: true,
    run: verifyAudit,
  });
};

const DOUBTS: Readonly<Record<Doubt, readonly [zh: string, en: string]>> = {
  'not-signed': ['未签名', 'not signed'],
  'other-key': ['不是这些公钥中任何一个签名的', 'signed with none of these keys'],
  damaged: ['内容不完整或格式不符', 'incomplete, or not of the right form'],
  forged: ['签名不符:内容被改动或系伪造', 'the signature does not fit: changed or forged'],
};

async function verifyReceipts({ args, options }: Call<{ readonly key: string }>): Promise<Answer> {
  const { readVerifyingKeys } = await import('../../server/signing/keys.js');
  const { checkReceipts } = await import('../../server/signing/verify-receipts.js');
  const keys = readVerifyingKeys(await readFile(options.key, 'utf8'));
  if (keys.length === 0)
    throw new UsageError(`${options.key} 中没有公钥`, `${options.key} holds no public key (PEM)`);
  const checked: (CheckedReceipt & { readonly file: string })[] = [];
  for (const file of args) {
    const found = checkReceipts(await readFile(file), file.endsWith('.binpb'), keys);
    if (found.length === 0) throw new UsageError(`${file} 中没有回执`, `${file} holds no receipt`);
    checked.push(...found.map((one) => ({ ...one, file })));
  }
  return {
    json: { receipts: checked.map((one) => ({ ...one, genuine: one.doubt === null })) },
    text: checked.map(receiptLine).join('\n'),
    exitCode: checked.some(({ doubt }) => doubt !== null) ? ExitCode.FOUND : ExitCode.DONE,
  };
}

function receiptLine(one: CheckedReceipt & { readonly file: string }): string {
  const { file, receiptNo, messageId, keyId, doubt } = one;
  const name = `${file}: ${receiptNo} ${messageId}`;
  if (doubt === null) return `${name} ${both('有效', 'genuine')} (${keyId})`;
  return `${name} ${both('无效', 'NOT GENUINE')}: ${both(...DOUBTS[doubt])} (${keyId || '-'})`;
}

const WHAT: Readonly<Record<Fault['what'], readonly [zh: string, en: string]>> = {
  missing: ['缺失', 'missing: it was removed'],
  changed: ['被改动', 'changed'],
  inserted: ['多出', 'inserted: outside the chain as its head and hashes know it'],
  'head-missing': ['链头缺失', 'the head was removed'],
  'head-changed': ['链头不符', 'the head is not that of the last link'],
};

async function verifyAudit(): Promise<Answer> {
  const { verifyOwnChain } = await import('../../server/audit/own-chain.js');
  const { node, links, entries, head, faults, restorations } = await inWords(verifyOwnChain);
  const hash = Buffer.from(head.hash).toString('hex');
  const whole = faults.length === 0;
  return {
    json: {
      node,
      whole,
      faults: faults.map((fault) => ({ ...fault })),
      restorations: restorations.map((one) => ({
        link: one.link,
        restoredAt: one.restoredAt.toISOString(),
        backupUntil: one.backupUntil?.toISOString() ?? null,
      })),
      links,
      entries,
      head: { link: head.link, hash },
    },
    text: [
      `${node}: ${whole ? both('审计链完整', 'the audit chain is whole') : faultsTitle(faults.length)}`,
      ...faults.map(faultLine),
      ...restorations.map(restorationLine),
      `  链节 links ${links}, 条目 entries ${entries}`,
      `  链头 head  ${head.link} ${hash}`,
      `  ${both('总局节点见证的链头见 GetNodeStatus', 'compare with the head that the national node shows in GetNodeStatus')}`,
    ].join('\n'),
    exitCode: whole ? ExitCode.DONE : ExitCode.FOUND,
  };
}

function faultsTitle(count: number): string {
  return both(
    `审计链有 ${count} 处不符(最多列 100 处)`,
    `the audit chain has ${count} faults (at most 100 are shown):`,
  );
}

function faultLine({ link, position, what }: Fault): string {
  const row = position === undefined ? `链节 link ${link}` : `条目 entry ${link}/${position}`;
  return `  ${row}: ${both(...WHAT[what])}`;
}

function restorationLine({ restoredAt, backupUntil, link }: Restoration): string {
  const until = backupUntil?.toISOString() ?? '空库 an empty database';
  const told = both(
    `由备份恢复(备份截至 ${until}),其间记录已丢失`,
    'restored from a backup; what was recorded between the two is lost',
  );
  return `  链节 link ${link}: ${restoredAt.toISOString()} ${told}`;
}
