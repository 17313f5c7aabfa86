import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { Channel } from '#gen/zhengzhao/v1/package_pb.js';
import { HUB_NODES, NATIONAL_NODE } from './reference/nodes.js';

const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const text = z.string().trim();

const channelNames = {
  NATIONAL_EXCHANGE: Channel.NATIONAL_EXCHANGE,
  MULTI_CERT: Channel.MULTI_CERT,
  DUAL_NOTICE: Channel.DUAL_NOTICE,
  OTHER: Channel.OTHER,
} as const;

/** Every variable once: form, default and meaning. The README's table is made from this. */
export const variables = {
  HUB_LEVEL: z
    .enum(['national', 'provincial'])
    .default('provincial')
    .describe('节点层级 · level of the node'),
  HUB_REGION: text
    .default('')
    .describe('节点代码 · six-digit node code; default 330000, or 100000 when national'),
  HUB_HOST: text
    .default('127.0.0.1')
    .describe('监听地址 · address to listen on; plaintext should stay on loopback'),
  HUB_PORT: integer(0, 65535)
    .default(7330)
    .describe('端口 · the one port for gRPC, Connect, gRPC-Web and JSON; 0 takes a free one'),
  HUB_DATABASE_URL: text
    .default('')
    .describe('PostgreSQL 地址 · empty: the embedded PostgreSQL in HUB_DATA_DIR'),
  HUB_DATABASE_SCHEMA: text
    .regex(/^[a-z][a-z0-9_]{0,50}$/)
    .default('hub')
    .describe('数据库模式 · schema of the tables; queues are in the same name with _queue'),
  HUB_DATABASE_POOL: integer(4, 200)
    .default(12)
    .describe('连接数 · most database connections of this process, queues not counted'),
  HUB_REDIS_URL: text
    .default('')
    .describe('Redis 地址 · empty: BullMQ keeps its queues in PostgreSQL; Redis needs noeviction'),
  HUB_UPSTREAM_URL: text
    .default('')
    .describe('总局节点地址 · gRPC address of the national node, such as http://host:7330'),
  HUB_PULL: z
    .enum(['true', 'false'])
    .default('false')
    .describe('拉取下行 · true: this node pulls from its upstream, which can not call it'),
  HUB_NODES: text
    .default('')
    .describe('省级节点地址 · for a national node: 330000=http://host:port,440000=…; others pull'),
  HUB_DATA_DIR: text
    .default('')
    .describe('数据目录 · of the embedded PostgreSQL; default ~/.zhengzhao-hub/<region>'),
  HUB_TLS_CERT: text.default('').describe('证书文件 · PEM file; empty: plaintext'),
  HUB_TLS_KEY: text.default('').describe('私钥文件 · PEM file of the certificate'),
  HUB_TLS_CA: text
    .default('')
    .describe('客户端证书签发机构 · PEM file; set: clients must show a certificate'),
  HUB_PROCESS: z
    .enum(['all', 'api', 'worker'])
    .default('all')
    .describe('进程角色 · api takes calls, worker delivers, all does both'),
  HUB_CHANNELS: text
    .default('NATIONAL_EXCHANGE')
    .describe(`推送通道 · of packages, one or more of ${Object.keys(channelNames).join(', ')}`),
  HUB_BACKLOG_LIMIT: integer(100, 100_000_000)
    .default(500_000)
    .describe('积压上限 · open deliveries past which submissions are refused for now'),
  HUB_SWEEP_MS: integer(100, 600_000)
    .default(1_000)
    .describe('巡检间隔 · milliseconds between two looks for work that no wake-up announced'),
  HUB_CATALOG_POLL_MS: integer(200, 3_600_000)
    .default(10_000)
    .describe('目录同步间隔 · milliseconds between two looks for new catalogue releases'),
  HUB_RECONCILE_AT: text
    .regex(/^(\S+\s+){4}\S+$/)
    .default('30 2 * * *')
    .describe('对账时间 · when the links are compared each day, cron pattern in Asia/Shanghai'),
  HUB_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('日志级别 · log level'),
} as const;

const schema = z.object(variables);

/** The verified configuration of a process. */
export interface Config {
  readonly level: 'national' | 'provincial';
  readonly node: string;
  readonly nodeName: { readonly zh: string; readonly en: string };
  readonly host: string;
  readonly port: number;
  readonly databaseUrl: string;
  readonly databaseSchema: string;
  readonly databasePool: number;
  readonly redisUrl: string;
  readonly upstreamUrl: string;
  readonly pull: boolean;
  /** Addresses of provincial nodes that the national node calls. */
  readonly nodeUrls: ReadonlyMap<string, string>;
  readonly dataDir: string;
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string } | undefined;
  readonly process: 'all' | 'api' | 'worker';
  readonly channels: readonly Channel[];
  readonly backlogLimit: number;
  readonly sweepMs: number;
  readonly catalogPollMs: number;
  readonly reconcileAt: string;
  readonly logLevel: string;
}

/** The environment does not make a configuration; the message names every problem at once. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(['配置有误 · the configuration is not valid:', ...problems].join('\n  - '));
    this.name = 'ConfigError';
  }
}

/** Turns environment variables into a frozen, verified object. Throws ConfigError. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith('HUB_') && !name.startsWith('HUB_TEST_') && !(name in variables),
  );
  const problems = unknown.map((name) => `${name}: 未知变量 · no such variable`);
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      problems.push(`${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(problems);
  }
  const config = toConfig(parsed.data, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);
}

function toConfig(values: z.infer<typeof schema>, problems: string[]): Config {
  const level = values.HUB_LEVEL;
  const region = values.HUB_REGION || (level === 'national' ? NATIONAL_NODE : '330000');
  const node = HUB_NODES.find((candidate) => candidate.code === region);
  if (!node || (node.level === 'NATIONAL') !== (level === 'national'))
    problems.push(`HUB_REGION: ${region} 不是该层级的节点 · is not a node of level ${level}`);
  if (values.HUB_PROCESS !== 'all' && values.HUB_DATABASE_URL === '')
    problems.push(
      'HUB_PROCESS: 分进程运行需要 HUB_DATABASE_URL · separate processes need HUB_DATABASE_URL',
    );
  if (level === 'national' && values.HUB_UPSTREAM_URL !== '')
    problems.push('HUB_UPSTREAM_URL: 总局节点没有上级 · a national node has no upstream');
  if (values.HUB_PULL === 'true' && values.HUB_UPSTREAM_URL === '')
    problems.push('HUB_PULL: 需要 HUB_UPSTREAM_URL · needs HUB_UPSTREAM_URL');
  if ((values.HUB_TLS_CERT === '') !== (values.HUB_TLS_KEY === ''))
    problems.push('HUB_TLS_CERT: 证书与私钥须同时给出 · certificate and key go together');
  return {
    level,
    node: region,
    nodeName: { zh: node?.nameZh ?? region, en: node?.nameEn ?? region },
    host: values.HUB_HOST,
    port: values.HUB_PORT,
    databaseUrl: values.HUB_DATABASE_URL,
    databaseSchema: values.HUB_DATABASE_SCHEMA,
    databasePool: values.HUB_DATABASE_POOL,
    redisUrl: values.HUB_REDIS_URL,
    upstreamUrl: values.HUB_UPSTREAM_URL,
    pull: values.HUB_PULL === 'true',
    nodeUrls: parseNodes(values.HUB_NODES, level, problems),
    dataDir: resolve(values.HUB_DATA_DIR || `${homedir()}/.zhengzhao-hub/${region}`),
    tls:
      values.HUB_TLS_CERT === ''
        ? undefined
        : { cert: values.HUB_TLS_CERT, key: values.HUB_TLS_KEY, ca: values.HUB_TLS_CA },
    process: values.HUB_PROCESS,
    channels: parseChannels(values.HUB_CHANNELS, problems),
    backlogLimit: values.HUB_BACKLOG_LIMIT,
    sweepMs: values.HUB_SWEEP_MS,
    catalogPollMs: values.HUB_CATALOG_POLL_MS,
    reconcileAt: values.HUB_RECONCILE_AT,
    logLevel: values.HUB_LOG_LEVEL,
  };
}

function listOf(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function parseNodes(value: string, level: string, problems: string[]): Map<string, string> {
  const parts = listOf(value);
  if (parts.length > 0 && level !== 'national')
    problems.push('HUB_NODES: 仅用于总局节点 · for the national node only');
  return new Map(
    parts.flatMap((part) => {
      const [code = '', url = ''] = part.split('=', 2);
      const known = HUB_NODES.some((node) => node.code === code && node.level === 'PROVINCIAL');
      if (!known || url === '')
        problems.push(
          `HUB_NODES: ${part} 应为 省级节点代码=地址 · should be province code=address`,
        );
      return known ? [[code, url] as const] : [];
    }),
  );
}

function parseChannels(value: string, problems: string[]): Channel[] {
  const names = listOf(value);
  if (names.length === 0) problems.push('HUB_CHANNELS: 至少一个通道 · at least one channel (R31)');
  return names.flatMap((name) => {
    const channel = channelNames[name as keyof typeof channelNames] as Channel | undefined;
    if (channel === undefined) problems.push(`HUB_CHANNELS: ${name} 未知 · is unknown`);
    return channel === undefined ? [] : [channel];
  });
}
