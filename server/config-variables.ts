import { z } from 'zod';
import { Channel } from '#gen/zhengzhao/v1/package_pb.js';

/** One environment variable: what it may be, its default in the same form, and what it means. */
export interface Variable<T> {
  /** Reads the text of the variable. */
  readonly form: z.ZodType<T, string>;
  /** Taken when the variable is unset or empty. */
  readonly preset: string;
  /** What the README says, Chinese and English. */
  readonly zh: string;
  readonly en: string;
}

function variable<T>(
  form: z.ZodType<T, string>,
  preset: string,
  zh: string,
  en: string,
): Variable<T> {
  return { form, preset, zh, en };
}

const text = z.string();

function integer(min: number, max: number): z.ZodType<number, string> {
  const error = `应为 ${min} 至 ${max} 的整数 · should be an integer from ${min} to ${max}`;
  return text
    .regex(/^\d{1,9}$/, { error, abort: true })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error });
}

/** A whole number, or nothing. */
function integerOrNone(min: number, max: number): z.ZodType<number | undefined, string> {
  const error = `应为空或 ${min} 至 ${max} 的整数 · should be empty or an integer from ${min} to ${max}`;
  return text
    .regex(/^\d{0,9}$/, { error, abort: true })
    .transform((value) => (value === '' ? undefined : Number(value)))
    .refine((value) => value === undefined || (value >= min && value <= max), { error });
}

function oneOf<const T extends string>(...choices: readonly T[]): z.ZodType<T, string> {
  const error = `应为 ${choices.join('、')} 之一 · should be one of ${choices.join(', ')}`;
  return text.pipe(z.enum(choices, { error })) as z.ZodType<T, string>;
}

/** An address with one of the schemes, or nothing. The text itself may hold a password: never quoted. */
function address(...schemes: readonly string[]): z.ZodType<string, string> {
  const named = schemes.map((scheme) => `${scheme}://`);
  const error = `应为 ${named.join(' 或 ')} 开头的地址 · should be an address that begins with ${named.join(' or ')}`;
  const fits = (value: string): boolean =>
    value === '' || (named.some((start) => value.startsWith(start)) && URL.canParse(value));
  return text.refine(fits, { error });
}

/** Names of HUB_CHANNELS. */
export const CHANNEL_NAMES = {
  NATIONAL_EXCHANGE: Channel.NATIONAL_EXCHANGE,
  MULTI_CERT: Channel.MULTI_CERT,
  DUAL_NOTICE: Channel.DUAL_NOTICE,
  OTHER: Channel.OTHER,
} as const;

/** Every variable once. The README's table is made from this. */
export const variables = {
  HUB_LEVEL: variable(
    oneOf('national', 'provincial'),
    'provincial',
    '节点层级',
    'level of the node: `national` or `provincial`',
  ),
  HUB_REGION: variable(
    text,
    '',
    '节点代码',
    'six-digit node code; empty: `330000`, or `100000` when national',
  ),
  HUB_HOST: variable(
    text,
    '127.0.0.1',
    '监听地址',
    'address to listen on; plaintext on loopback only, unless `HUB_BEHIND_GATEWAY`',
  ),
  HUB_PORT: variable(
    integer(0, 65535),
    '7330',
    '端口',
    'the one port for gRPC, Connect, gRPC-Web and JSON; `0` takes a free one',
  ),
  HUB_DATABASE_URL: variable(
    address('postgres', 'postgresql'),
    '',
    'PostgreSQL 地址',
    '`postgres://user:password@host:port/database`; empty: the embedded PostgreSQL in `HUB_DATA_DIR`',
  ),
  HUB_DATABASE_SCHEMA: variable(
    text.regex(/^[a-z][a-z0-9_]{0,50}$/, {
      error: '应为小写字母、数字和下划线 · should be lower-case letters, digits and _, at most 51',
    }),
    'hub',
    '数据库模式',
    'schema of the tables; the queues are in the same name with `_queue`',
  ),
  HUB_DATABASE_POOL: variable(
    integer(4, 200),
    '12',
    '连接数',
    'most database connections of this process, the queues not counted; 4 to 200',
  ),
  HUB_REDIS_URL: variable(
    address('redis', 'rediss'),
    '',
    'Redis 地址',
    '`redis://host:port`, which needs `noeviction`; empty: BullMQ keeps its queues in PostgreSQL',
  ),
  HUB_UPSTREAM_URL: variable(
    address('http', 'https'),
    '',
    '总局节点地址',
    'gRPC address of the national node, such as `http://host:7330`; empty: this node is alone',
  ),
  HUB_PULL: variable(
    oneOf('true', 'false'),
    'false',
    '拉取下行',
    '`true`: this node pulls from its upstream, which can not call it',
  ),
  HUB_NODES: variable(
    text,
    '',
    '省级节点地址',
    'for a national node: `330000=http://host:port,440000=…`; provinces that are not named pull',
  ),
  HUB_DATA_DIR: variable(
    text,
    '',
    '数据目录',
    'of the embedded PostgreSQL and of the signing key; empty: `~/.zhengzhao-hub/<node>`',
  ),
  HUB_SIGNING_KEY: variable(
    text,
    '',
    '回执签名私钥',
    'PEM file (PKCS #8) with which receipts are signed, shared by all processes on one database; empty: made in `HUB_DATA_DIR`',
  ),
  HUB_SIGNING_ALGORITHM: variable(
    oneOf('ed25519', 'sm2'),
    'ed25519',
    '回执签名算法',
    'of that key: `ed25519`, or `sm2` (with SM3), which costs the processor more',
  ),
  HUB_TLS_CERT: variable(text, '', '证书文件', 'PEM file; empty: plaintext'),
  HUB_TLS_KEY: variable(text, '', '私钥文件', 'PEM file, the key of the certificate'),
  HUB_TLS_CA: variable(
    text,
    '',
    '客户端证书签发机构',
    'PEM file; set: clients may show a certificate, which it must have signed (mutual TLS)',
  ),
  HUB_ANONYMOUS: variable(
    oneOf('auto', 'none', 'public', 'administrator', 'trial'),
    'auto',
    '未认证者的角色',
    'role of callers that show nothing; `auto`: `trial` (everything) in plaintext on loopback, else `none`',
  ),
  HUB_BEHIND_GATEWAY: variable(
    oneOf('true', 'false'),
    'false',
    '前置网关认证',
    '`true`: a gateway in front encrypts and authenticates, so that plaintext may leave loopback',
  ),
  HUB_HOST_NAMES: variable(
    text,
    '',
    '浏览器可用的主机名',
    'names by which browsers may call a node on trial, besides `localhost` and addresses: `a.test,b.test`',
  ),
  HUB_PROCESS: variable(
    oneOf('all', 'api', 'worker'),
    'all',
    '进程角色',
    '`api` takes calls, `worker` delivers, `all` does both',
  ),
  HUB_CHANNELS: variable(
    text,
    'NATIONAL_EXCHANGE',
    '推送通道',
    `of packages (R10), one or more of ${Object.keys(CHANNEL_NAMES)
      .map((name) => `\`${name}\``)
      .join(', ')}`,
  ),
  HUB_CHANNELS_FILE: variable(
    text,
    '',
    '通道配置文件',
    'JSON file of the ways out for packages: HTTP push, front-end folders, SFTP (R31); empty: departments fetch',
  ),
  HUB_HOLIDAYS_FILE: variable(
    text,
    '',
    '放假安排文件',
    'CSV (`date,day`; 休 off, 班 work) of days off announced after this version was made (VR31)',
  ),
  HUB_PILOT_EVERYWHERE: variable(
    oneOf('true', 'false'),
    'false',
    '全省试点',
    '`true`: the province extends the pilot: enterprises outside the zones may be marked too (R21)',
  ),
  HUB_STRICT_ORG_CODE: variable(
    oneOf('true', 'false'),
    'false',
    '严格校验组织机构代码',
    '`true`: a wrong check character of the organisation code refuses (VR3); `false`: it warns',
  ),
  HUB_REPORT_URLS: variable(
    text,
    '',
    '外部上报库地址',
    'further databases with a report library (R50): `postgres://…,postgres://…`; empty: the own one only',
  ),
  HUB_METRICS: variable(
    text.regex(/^(|.+:\d{1,5})$/, { error: '应为 主机:端口 · should be host:port' }),
    '',
    '监控地址',
    '`host:port` for Prometheus (`/metrics`) and probes (`/livez`, `/readyz`); empty: off',
  ),
  HUB_OTLP_URL: variable(
    address('http', 'https'),
    '',
    '链路追踪接收地址',
    'where traces go: OTLP over HTTP, with its path, such as `http://127.0.0.1:4318/v1/traces`; empty: off',
  ),
  HUB_TRACE_PERCENT: variable(
    integer(0, 100),
    '100',
    '追踪比例',
    'share of the traces that is kept, the same ones on every node',
  ),
  HUB_BACKLOG_LIMIT: variable(
    integer(100, 100_000_000),
    '500000',
    '积压上限',
    'open deliveries past which submissions are refused for now; 100 to 100,000,000',
  ),
  HUB_BACKLOG_PER_NODE: variable(
    integer(0, 100_000_000),
    '0',
    '单节点积压份额',
    'open deliveries for one node; `0`: a fifth of the limit for the national node, all for a province',
  ),
  HUB_CALLER_RATE: variable(
    integer(1, 1_000_000),
    '5000',
    '每秒调用数',
    'calls that one caller may begin in a second; 1 to 1,000,000',
  ),
  HUB_CALLER_IN_FLIGHT: variable(
    integer(1, 100_000),
    '512',
    '并发调用数',
    'calls and streams of one caller at the same time; 1 to 100,000',
  ),
  HUB_PAGE_RATE: variable(
    integer(1, 1_000_000),
    '120',
    '公示页访问频率',
    'publicity pages that one address may ask for in a minute; 1 to 1,000,000',
  ),
  HUB_CONNECTIONS: variable(
    integer(10, 1_000_000),
    '10000',
    '连接总数',
    'open connections of everybody together; 10 to 1,000,000',
  ),
  HUB_PEER_CONNECTIONS: variable(
    integer(1, 1_000_000),
    '1000',
    '单地址连接数',
    'open connections from one address (IPv6: one /64 network); 1 to 1,000,000',
  ),
  HUB_SWEEP_MS: variable(
    integer(100, 600_000),
    '1000',
    '巡检间隔',
    'milliseconds between two looks for work that no wake-up announced; 100 to 600,000',
  ),
  HUB_CATALOG_POLL_MS: variable(
    integer(200, 3_600_000),
    '10000',
    '目录同步间隔',
    'milliseconds between two looks for new catalogue releases; 200 to 3,600,000',
  ),
  HUB_RECONCILE_AT: variable(
    text.regex(/^([\d*,/-]+\s+){4}[\d*,/-]+$/, {
      error: '应为五段 cron 表达式 · should be a cron pattern of five fields',
    }),
    '30 2 * * *',
    '对账时间',
    'when the links are compared each day: cron pattern, in Asia/Shanghai',
  ),
  HUB_HISTORY_AFTER_DAYS: variable(
    integer(1, 36_500),
    '90',
    '历史归档天数',
    'days after which settled deliveries, refusals and packages move into monthly history tables; 1 to 36,500',
  ),
  HUB_HISTORY_MONTHS: variable(
    integerOrNone(3, 1_200),
    '',
    '历史保留月数',
    'months before the current one that stay attached; older ones are detached, never dropped; 3 to 1,200; empty: all',
  ),
  HUB_AUDIT_WITNESS_MS: variable(
    integer(200, 86_400_000),
    '60000',
    '审计链报告间隔',
    'milliseconds between two reports of the audit chain to the national node; 200 to 86,400,000',
  ),
  HUB_LOG_LEVEL: variable(
    oneOf('trace', 'debug', 'info', 'warn', 'error', 'silent'),
    'info',
    '日志级别',
    'log level: `trace`, `debug`, `info`, `warn`, `error` or `silent`',
  ),
} as const satisfies Readonly<Record<string, Variable<unknown>>>;

/** Name of a variable. */
export type VariableName = keyof typeof variables;

/** What the variables say, each read by its form. */
export type Values = {
  readonly [Name in VariableName]: z.output<(typeof variables)[Name]['form']>;
};
