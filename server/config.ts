import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { Channel } from '#gen/zhengzhao/v1/package_pb.js';
import { ConfigError } from './config-error.js';
import { withSecretFiles } from './config-secrets.js';
import type { Role } from './domain/access/principal.js';
import type { HistoryPolicy } from './domain/history/policy.js';
import { CHANNEL_NAMES, variables, type Values, type VariableName } from './config-variables.js';
import { HUB_NODES, NATIONAL_NODE, type HubNode } from './reference/nodes.js';

export { ConfigError };

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
  /** PEM file of the private key that signs receipts; empty: the one in the data directory. */
  readonly signingKey: string;
  readonly signingAlgorithm: 'ed25519' | 'sm2';
  readonly tls: { readonly cert: string; readonly key: string; readonly ca: string } | undefined;
  /** Role of callers that show neither certificate nor token. */
  readonly anonymous: Role;
  /** Names that browsers may call the node by where `anonymous` may do everything. */
  readonly hostNames: readonly string[];
  readonly process: 'all' | 'api' | 'worker';
  readonly channels: readonly Channel[];
  /** File of the ways out for packages; empty: departments fetch. */
  readonly channelsFile: string;
  /** File of days off that were announced after this version was made; empty: there are none. */
  readonly holidaysFile: string;
  /** The pilot holds outside the free trade zones too (R21). */
  readonly pilotEverywhere: boolean;
  /** A wrong check character of the organisation code refuses a message (VR3). */
  readonly strictOrgCode: boolean;
  /** Databases of business systems that have a report library of their own. */
  readonly reportUrls: readonly string[];
  /** Where metrics and probes are served; undefined: nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  /** Where traces go, and the share of them that does; undefined: there are none. */
  readonly traces: { readonly url: string; readonly ratio: number } | undefined;
  readonly backlogLimit: number;
  /** Share of one destination; 0: by the level of the node. */
  readonly backlogPerNode: number;
  /** What one caller may do at once and in a second. */
  readonly callers: { readonly inFlight: number; readonly perSecond: number };
  /** Publicity pages that one address may ask for in a minute. */
  readonly pagesPerMinute: number;
  /** Connections of everybody, and from one address. */
  readonly connections: { readonly total: number; readonly perPeer: number };
  readonly sweepMs: number;
  readonly catalogPollMs: number;
  /** When the links are compared each day, as a cron pattern in Asia/Shanghai. */
  readonly reconcileAt: string;
  /** When settled work leaves the hot tables, and for how long its months stay attached. */
  readonly history: HistoryPolicy;
  readonly auditWitnessMs: number;
  readonly logLevel: string;
}

/** Variables of tests, command line and clients, which may be exported where a node is started. */
const NOT_OURS = /^HUB_(TEST_\w*|SERVER|TOKEN|TOKEN_FILE)$/;

/**
 * Turns environment variables into a frozen, verified object; an empty variable is an unset one.
 * Throws ConfigError.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems = new Problems();
  for (const name of Object.keys(env))
    if (name.startsWith('HUB_') && !NOT_OURS.test(name) && !Object.hasOwn(variables, name))
      problems.add(name, '未知变量 · no such variable');
  const values = readValues(env, problems);
  checkTogether(values, problems);
  const config = toConfig(values, problems);
  problems.raise();
  return Object.freeze(config);
}

/** The configuration of this process, or of `env`, with secret files read. Throws ConfigError. */
export function configOfProcess(env: NodeJS.ProcessEnv = process.env): Config {
  return readConfig(withSecretFiles(env));
}

/** What is wrong, a line for each; what follows from a variable that could not be read is left out. */
class Problems {
  readonly #lines: string[] = [];
  readonly #unreadable = new Set<string>();

  unreadable(name: string, text: string): void {
    this.#unreadable.add(name);
    this.add(name, text);
  }

  /** `because`: other variables that the problem follows from. */
  add(name: string, text: string, ...because: readonly VariableName[]): void {
    if (!because.some((other) => this.#unreadable.has(other))) this.#lines.push(`${name}: ${text}`);
  }

  raise(): void {
    if (this.#lines.length > 0) throw new ConfigError(this.#lines);
  }
}

/** Reads every variable by its form; one that does not fit is noted and counts as its default. */
function readValues(env: Readonly<Record<string, string | undefined>>, problems: Problems): Values {
  const values = Object.entries(variables).map(([name, { form, preset }]) => {
    const parsed = form.safeParse(env[name]?.trim() || preset);
    if (parsed.success) return [name, parsed.data];
    problems.unreadable(name, parsed.error.issues[0]?.message ?? '值无效 · not valid');
    return [name, form.parse(preset)];
  });
  return Object.fromEntries(values) as Values;
}

/** What variables demand of each other. */
function checkTogether(values: Values, problems: Problems): void {
  const national = values.HUB_LEVEL === 'national';
  const node = nodeOf(values);
  if (!node || (node.level === 'NATIONAL') !== national)
    problems.add(
      'HUB_REGION',
      `${regionOf(values)} 不是该层级的节点 · is not a node of level ${values.HUB_LEVEL}`,
      'HUB_LEVEL',
    );
  if (values.HUB_PROCESS !== 'all' && values.HUB_DATABASE_URL === '')
    problems.add(
      'HUB_PROCESS',
      '分进程运行需要 HUB_DATABASE_URL · separate processes need HUB_DATABASE_URL',
      'HUB_DATABASE_URL',
    );
  if (national && values.HUB_UPSTREAM_URL !== '')
    problems.add('HUB_UPSTREAM_URL', '总局节点没有上级 · a national node has no upstream');
  if (values.HUB_PULL === 'true' && values.HUB_UPSTREAM_URL === '')
    problems.add('HUB_PULL', '需要 HUB_UPSTREAM_URL · needs HUB_UPSTREAM_URL', 'HUB_UPSTREAM_URL');
  if (!national && values.HUB_NODES !== '')
    problems.add('HUB_NODES', '仅用于总局节点 · for the national node only', 'HUB_LEVEL');
  if (national && values.HUB_CHANNELS_FILE !== '')
    problems.add('HUB_CHANNELS_FILE', '仅用于省级节点 · for provinces only', 'HUB_LEVEL');
  checkCertificates(values, problems);
  checkOpenness(values, problems);
}

/** Only this machine can reach it. */
function isLoopback({ HUB_HOST }: Values): boolean {
  return /^(127(\.\d{1,3}){3}|::1|localhost)$/i.test(HUB_HOST);
}

/** Nobody listens in and nobody is let in unasked, except on the machine itself. */
function checkOpenness(values: Values, problems: Problems): void {
  const closed = isLoopback(values) || values.HUB_BEHIND_GATEWAY === 'true';
  if (closed || values.HUB_PROCESS === 'worker') return;
  if (values.HUB_TLS_CERT === '')
    problems.add(
      'HUB_HOST',
      '明文只能监听本机回环地址:请设置 HUB_TLS_CERT,或在前置网关已加密并认证时设 HUB_BEHIND_GATEWAY=true · ' +
        'plaintext stays on loopback: set HUB_TLS_CERT, or HUB_BEHIND_GATEWAY=true when a gateway in front encrypts and authenticates',
      'HUB_TLS_CERT',
    );
  if (values.HUB_ANONYMOUS === 'trial' || values.HUB_ANONYMOUS === 'administrator')
    problems.add('HUB_ANONYMOUS', '仅可用于本机回环地址 · for loopback only', 'HUB_HOST');
}

/** Trying it out needs no token where nobody else can come; everywhere else it does. */
function anonymousRole(values: Values): Role {
  const { HUB_ANONYMOUS, HUB_TLS_CERT, HUB_BEHIND_GATEWAY } = values;
  if (HUB_ANONYMOUS === 'none') return 'nobody';
  if (HUB_ANONYMOUS !== 'auto') return HUB_ANONYMOUS;
  const alone = isLoopback(values) && HUB_TLS_CERT === '' && HUB_BEHIND_GATEWAY === 'false';
  return alone ? 'trial' : 'nobody';
}

function checkCertificates(values: Values, problems: Problems): void {
  if ((values.HUB_TLS_CERT === '') !== (values.HUB_TLS_KEY === ''))
    problems.add('HUB_TLS_CERT', '证书与私钥须同时给出 · certificate and key go together');
  // Silently plaintext would be the opposite of what was asked for.
  else if (values.HUB_TLS_CA !== '' && values.HUB_TLS_CERT === '')
    problems.add(
      'HUB_TLS_CA',
      '需要 HUB_TLS_CERT 和 HUB_TLS_KEY · needs HUB_TLS_CERT and HUB_TLS_KEY',
    );
}

function regionOf({ HUB_LEVEL, HUB_REGION }: Values): string {
  return HUB_REGION || (HUB_LEVEL === 'national' ? NATIONAL_NODE : '330000');
}

function nodeOf(values: Values): HubNode | undefined {
  return HUB_NODES.find(({ code }) => code === regionOf(values));
}

/** Names alone: what else stands there would never be met with. */
function readHostNames(text: string, problems: Problems): string[] {
  const names = listOf(text);
  for (const name of names)
    if (!/^[^\s/:@?#]+$/.test(name))
      problems.add(
        'HUB_HOST_NAMES',
        `只能是主机名,不带协议、端口或路径:${name} · names only, without scheme, port or path`,
      );
  return names;
}

function toConfig(values: Values, problems: Problems): Config {
  const region = regionOf(values);
  const node = nodeOf(values);
  const { HUB_TLS_CERT: cert, HUB_TLS_KEY: key, HUB_TLS_CA: ca } = values;
  return {
    level: values.HUB_LEVEL,
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
    nodeUrls: readNodes(values.HUB_NODES, problems),
    dataDir: resolve(values.HUB_DATA_DIR || `${homedir()}/.zhengzhao-hub/${region}`),
    signingKey: values.HUB_SIGNING_KEY,
    signingAlgorithm: values.HUB_SIGNING_ALGORITHM,
    tls: cert === '' ? undefined : { cert, key, ca },
    anonymous: anonymousRole(values),
    hostNames: readHostNames(values.HUB_HOST_NAMES, problems),
    process: values.HUB_PROCESS,
    channels: readChannels(values.HUB_CHANNELS, problems),
    channelsFile: values.HUB_CHANNELS_FILE,
    holidaysFile: values.HUB_HOLIDAYS_FILE,
    pilotEverywhere: values.HUB_PILOT_EVERYWHERE === 'true',
    strictOrgCode: values.HUB_STRICT_ORG_CODE === 'true',
    reportUrls: readReportUrls(values.HUB_REPORT_URLS, problems),
    metrics: readHostPort(values.HUB_METRICS),
    traces:
      values.HUB_OTLP_URL === ''
        ? undefined
        : { url: values.HUB_OTLP_URL, ratio: values.HUB_TRACE_PERCENT / 100 },
    backlogLimit: values.HUB_BACKLOG_LIMIT,
    backlogPerNode: values.HUB_BACKLOG_PER_NODE,
    callers: { inFlight: values.HUB_CALLER_IN_FLIGHT, perSecond: values.HUB_CALLER_RATE },
    pagesPerMinute: values.HUB_PAGE_RATE,
    connections: { total: values.HUB_CONNECTIONS, perPeer: values.HUB_PEER_CONNECTIONS },
    sweepMs: values.HUB_SWEEP_MS,
    catalogPollMs: values.HUB_CATALOG_POLL_MS,
    reconcileAt: values.HUB_RECONCILE_AT,
    history: {
      afterDays: values.HUB_HISTORY_AFTER_DAYS,
      keptMonths: values.HUB_HISTORY_MONTHS,
    },
    auditWitnessMs: values.HUB_AUDIT_WITNESS_MS,
    logLevel: values.HUB_LOG_LEVEL,
  };
}

function listOf(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function readNodes(value: string, problems: Problems): Map<string, string> {
  const nodes = new Map<string, string>();
  for (const part of listOf(value)) {
    const [, code = '', url = ''] = /^(\d{6})=(https?:\/\/\S+)$/.exec(part) ?? [];
    const known = HUB_NODES.some((node) => node.code === code && node.level === 'PROVINCIAL');
    if (!known || !URL.canParse(url))
      problems.add(
        'HUB_NODES',
        `${part} 应为 省级节点代码=http://地址 · should be province code=http://address`,
      );
    if (nodes.has(code)) problems.add('HUB_NODES', `${code} 重复 · is there twice`);
    nodes.set(code, url);
  }
  return nodes;
}

function readHostPort(value: string): Config['metrics'] {
  const [, host, port] = /^(.+):(\d+)$/.exec(value) ?? [];
  return host && port ? { host, port: Number(port) } : undefined;
}

/** Problems are told by place in the list: an address may hold a password. */
function readReportUrls(value: string, problems: Problems): string[] {
  const urls = listOf(value);
  urls.forEach((url, index) => {
    if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
      problems.add(
        'HUB_REPORT_URLS',
        `第 ${index + 1} 个应为 postgres:// 地址 · number ${index + 1} should be a postgres:// address`,
      );
  });
  return [...new Set(urls)];
}

function readChannels(value: string, problems: Problems): Channel[] {
  const names = new Set(listOf(value));
  if (names.size === 0) problems.add('HUB_CHANNELS', '至少一个通道 · at least one channel (R31)');
  return [...names].flatMap((name) => {
    if (Object.hasOwn(CHANNEL_NAMES, name))
      return [CHANNEL_NAMES[name as keyof typeof CHANNEL_NAMES]];
    problems.add('HUB_CHANNELS', `${name} 未知 · is unknown`);
    return [];
  });
}
