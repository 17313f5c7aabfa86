/**
 * `npm run restored`: tells the node that its database was restored from a backup. To be run once,
 * before the node starts. A node finds out by itself after most restores; this is for all of them.
 */
import { configOfProcess } from '../config.js';
import { createLog } from '../log.js';
import { Closers } from '../node/closers.js';
import { runCommand } from '../node/command-store.js';
import { openStore } from '../node/store.js';
import type { Restoration } from '../storage/restorations.js';
import { continueFromBackup } from './restore-point.js';

async function declare(): Promise<string> {
  const config = configOfProcess();
  const log = createLog('error', config.node);
  const closers = new Closers();
  try {
    const store = await openStore(config, log, closers, undefined);
    return told(config.node, store.restored ?? (await continueFromBackup(store.knex, config.node)));
  } finally {
    await closers.closeAll(log);
  }
}

function told(node: string, { backupUntil, link }: Restoration): string {
  const until = backupUntil?.toISOString() ?? '空库 an empty database';
  return [
    `${node}: 已从备份续接 · goes on from the backup`,
    `  备份截至 backup until  ${until}`,
    `  审计链节 audit link    ${link}`,
    '  编号已全部后移,现在可以启动节点 · every number was moved on; the node may start now.',
    '  相邻节点将自动补发、退还 · its neighbours send again and give back by themselves.',
    '  请报送单位重报该时间之后的信息,先报不公示标记 · ask senders to send again what they sent after',
    '  that time, marks of what is not public first; revoke again the tokens that were revoked since.',
  ].join('\n');
}

await runCommand(declare);
