import type { Answer } from '../answer.js';
import { addCommand, type Group } from '../command.js';
import { inWords } from '../local.js';

/** `restored`: tells the node of this machine that its database was restored from a backup. */
export const restored: Group = (program) => {
  addCommand<object>(program, {
    name: 'restored',
    zh: '告知本机节点(HUB_*):数据库已由备份恢复;恢复后、启动前运行',
    en: 'tells the node of this machine (HUB_*) that its database was restored; run before it starts',
    local: true,
    run: declare,
  });
};

async function declare(): Promise<Answer> {
  const { declareRestored } = await import('../../server/restoration/restored.js');
  const { node, backupUntil, link } = await inWords(declareRestored);
  const until = backupUntil?.toISOString() ?? null;
  return {
    json: { node, backupUntil: until, link },
    text: [
      `${node}: 已从备份续接 · goes on from the backup`,
      `  备份截至 backup until  ${until ?? '空库 an empty database'}`,
      `  审计链节 audit link    ${link}`,
      '  编号已全部后移,现在可以启动节点 · every number was moved on; the node may start now.',
      '  相邻节点将自动补发、退还 · its neighbours send again and give back by themselves.',
      '  请报送单位重报该时间之后的信息,先报不公示标记 · ask senders to send again what they sent after',
      '  that time, marks of what is not public first; revoke again the tokens that were revoked since.',
    ].join('\n'),
  };
}
