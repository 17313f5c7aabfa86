import type { Config } from './config.js';
import type { RunningNode } from './node.js';
import type { Announcements } from './run-node.js';

/** Said first and loudly: what protects nothing must not be taken for what protects. */
function openness({ tls, anonymous, process: role }: Config): string[] {
  if (role === 'worker') return [];
  const plain = ['!!! 明文,未加密 · PLAINTEXT, nothing is encrypted'];
  const asPublic = [
    '    未认证的调用方按公众对待,只见公示信息 · callers that show nothing are the public: they see what is published',
  ];
  const open = [
    `!!! 未认证的调用方可直接使用(角色 ${anonymous})· ANONYMOUS callers are let in (role ${anonymous})`,
    '    仅供本机试用;正式运行请见 README“谁可以做什么” · for trying out; see README "Who may do what"',
  ];
  const told = anonymous === 'public' ? asPublic : open;
  return [...(tls ? [] : plain), ...(anonymous === 'nobody' ? [] : told)];
}

/** A few lines for whoever started the node: where it listens, and what to try first. */
function welcome({ port, config, catalogVersion, catalogProvisional }: RunningNode): string {
  const address = `${config.host}:${port}`;
  const store =
    config.databaseUrl === '' ? `embedded PostgreSQL (${config.dataDir})` : 'PostgreSQL';
  const queue = config.redisUrl === '' ? 'BullMQ on PostgreSQL' : 'BullMQ on Redis';
  const listening =
    config.process === 'worker'
      ? '  只投递,不监听 · delivers only, takes no calls'
      : `  监听 listening   ${address}  gRPC · Connect · gRPC-Web · JSON`;
  const scheme = config.tls ? 'https' : 'http';
  const call = `http://${address}/zhengzhao.v1.ScopeCatalog/SearchScopeEntries`;
  return [
    '',
    ...openness(config),
    `证照分离数据交换中心 · zhengzhao-hub — ${config.nodeName.zh} ${config.nodeName.en} (${config.node})`,
    listening,
    ...(config.process === 'worker' ? [] : [`  控制台 console   ${scheme}://${address}/console/`]),
    `  存储 store       ${store}, ${queue}`,
    `  目录 catalogue   ${catalogVersion}${catalogProvisional ? '  暂用,非官方目录 · provisional, not the official list' : ''}`,
    ...(config.process === 'worker' || config.tls
      ? []
      : [
          '  试一试 try',
          `    curl -s ${call} -H 'content-type: application/json' -d '{"query":"餐饮"}'`,
          `    grpcurl -plaintext ${address} list`,
          '    npm run demo',
        ]),
    '  Ctrl-C 停止 stops it',
    '',
  ].join('\n');
}

/** What a person at the terminal reads. */
export const announcements: Announcements = {
  ready: (node) => void process.stdout.write(welcome(node)),
  stopping: (signal) => void process.stdout.write(`\n${signal}: 正在停止 · stopping …\n`),
};
