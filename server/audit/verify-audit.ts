/**
 * `npm run verify-audit`: recomputes the audit chain of the node that the environment describes and
 * names every row that was changed, removed or inserted. Ends with 1 when there is one.
 */
import { configOfProcess } from '../config.js';
import { runCommand, withCommandStore } from '../node/command-store.js';
import { listRestorations, type Restoration } from '../storage/restorations.js';
import { verifyChain, type Fault } from './verify-chain.js';

const WHAT: Readonly<Record<Fault['what'], string>> = {
  missing: '缺失 · missing: it was removed',
  changed: '被改动 · changed',
  inserted: '多出 · inserted: outside the chain as its head and hashes know it',
  'head-missing': '链头缺失 · the head was removed',
  'head-changed': '链头不符 · the head is not that of the last link',
};

function faultLine({ link, position, what }: Fault): string {
  const row = position === undefined ? `链节 link ${link}` : `条目 entry ${link}/${position}`;
  return `  ${row}: ${WHAT[what]}`;
}

function restorationLine({ restoredAt, backupUntil, link }: Restoration): string {
  const until = backupUntil?.toISOString() ?? '空库 an empty database';
  return (
    `  链节 link ${link}: ${restoredAt.toISOString()} 由备份恢复(备份截至 ${until}),其间记录已丢失 · ` +
    `restored from a backup; what was recorded between the two is lost`
  );
}

async function verify(): Promise<string> {
  const config = configOfProcess();
  return withCommandStore(config, async ({ knex }) => {
    const { links, entries, head, faults } = await verifyChain(knex, config.node);
    const restorations = await listRestorations(knex, 20);
    const hash = Buffer.from(head.hash).toString('hex');
    if (faults.length > 0) process.exitCode = 1;
    return [
      faults.length === 0
        ? `${config.node}: 审计链完整 · the audit chain is whole`
        : `${config.node}: 审计链有 ${faults.length} 处不符(最多列 100 处)· the audit chain has faults (at most 100 are shown):`,
      ...faults.map(faultLine),
      ...restorations.map(restorationLine),
      `  链节 links ${links}, 条目 entries ${entries}`,
      `  链头 head  ${head.link} ${hash}`,
      '  总局节点见证的链头见 GetNodeStatus · compare with the head that the national node shows in GetNodeStatus',
    ].join('\n');
  });
}

await runCommand(verify);
