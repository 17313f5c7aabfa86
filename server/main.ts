import { createLog } from './log.js';
import { ConfigError, readConfig } from './config.js';
import { startNode, type RunningNode } from './node.js';

/** A few lines for whoever started the node: where it listens, and what to try first. */
function welcome({ port, config, catalogVersion, catalogProvisional }: RunningNode): string {
  const address = `${config.host}:${port}`;
  const store =
    config.databaseUrl === '' ? `embedded PostgreSQL (${config.dataDir})` : 'PostgreSQL';
  const queue = config.redisUrl === '' ? 'BullMQ on PostgreSQL' : 'BullMQ on Redis';
  return [
    '',
    `证照分离数据交换中心 · zhengzhao-hub — ${config.nodeName.zh} ${config.nodeName.en} (${config.node})`,
    `  监听 listening   ${address}  gRPC · Connect · gRPC-Web · JSON`,
    `  存储 store       ${store}, ${queue}`,
    `  目录 catalogue   ${catalogVersion}${catalogProvisional ? '  暂用,非官方目录 · provisional, not the official list' : ''}`,
    '  试一试 try',
    `    curl -s http://${address}/zhengzhao.v1.ScopeCatalog/SearchScopeEntries -H 'content-type: application/json' -d '{"query":"餐饮"}'`,
    `    grpcurl -plaintext ${address} list`,
    '    npm run demo',
    '  Ctrl-C 停止 stops it',
    '',
  ].join('\n');
}

async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLog(config.logLevel, config.node);
  const starting = new AbortController();
  const running: { node?: RunningNode } = {};
  const stop = (signal: NodeJS.Signals): void => {
    if (starting.signal.aborted) process.exit(1); // the second signal does not wait
    starting.abort();
    process.stdout.write(`\n${signal}: 正在停止 · stopping …\n`);
    if (running.node) void running.node.stop().then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const node = await startNode(config, log);
  running.node = node;
  if (starting.signal.aborted) {
    await node.stop();
    return;
  }
  process.stdout.write(welcome(node));
}

main().catch((error: unknown) => {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
});

/** What an operator needs to read; a stack only for defects. */
function explain(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const code = (error as { code?: string }).code;
  if (code === 'EADDRINUSE')
    return '端口已被占用,请设置 HUB_PORT · the port is in use; set HUB_PORT to another one.';
  if (code === 'ECONNREFUSED')
    return `数据库或队列无法连接 · the database or queue can not be reached: ${(error as Error).message}`;
  if (error instanceof Error && error.name === 'EmbeddedPostgresError') return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
