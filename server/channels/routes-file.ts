import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from '../config.js';
import { CHANNEL_NAMES } from '../config-variables.js';
import {
  EVERY_DEPARTMENT,
  optimisedRuleOf,
  type ChannelRoute,
} from '../domain/registration/channel-route.js';
import { ORGANISATION } from '../domain/validation/field-specs.js';
import type { HttpEndpoint } from './http-push.js';
import type { SftpServer } from './sftp-connection.js';

/** A route with what it takes to push by it. */
export type ConfiguredRoute = ChannelRoute & {
  /** Attempts at one package that the other side refuses; each waits up to five minutes. */
  readonly maxAttempts: number;
} & (
    | { readonly kind: 'pull' }
    | { readonly kind: 'http'; readonly endpoint: HttpEndpoint }
    | { readonly kind: 'folder'; readonly directory: string }
    | { readonly kind: 'sftp'; readonly server: SftpServer; readonly directory: string }
  );

const said = (zh: string, en: string): { error: string } => ({ error: `${zh} · ${en}` });
const channelNames = Object.keys(CHANNEL_NAMES) as (keyof typeof CHANNEL_NAMES)[];

const department = z
  .string(said('应为部门代码', 'should be the code of a department'))
  .refine(
    (code) => code === EVERY_DEPARTMENT || ORGANISATION.pattern.test(code),
    said('应为部门代码或 *', 'should be a department code or *'),
  );

const common = {
  name: z
    .string(said('必填', 'is required'))
    .regex(
      /^[a-z0-9][a-z0-9-]{0,39}$/,
      said('应为小写字母、数字和连字符', 'should be lower-case letters, digits and -'),
    ),
  channel: z.enum(channelNames, said(`应为 ${channelNames.join('、')} 之一`, 'one of these')),
  departments: z
    .array(department, said('应为部门代码列表', 'should be a list of department codes'))
    .min(1, said('至少一个部门', 'at least one department')),
  allowWithoutNationalExchange: z
    .boolean(said('应为 true 或 false', 'should be true or false'))
    .default(false),
};

function integer(min: number, max: number, preset: number): z.ZodDefault<z.ZodInt> {
  const error = said(`应为 ${min} 至 ${max} 的整数`, `should be an integer from ${min} to ${max}`);
  return z.int(error).min(min, error).max(max, error).default(preset);
}

/** Two days and more, for an endpoint that refuses everything by mistake. */
const maxAttempts = integer(1, 100_000, 1_000);
const path = z.string(said('必填', 'is required')).min(1, said('必填', 'is required'));

function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

const hostKey = z
  .string(said('应为主机密钥指纹', 'should be the fingerprint of a host key'))
  .regex(
    /^SHA256:[A-Za-z0-9+/]{43}$/,
    said('应为 ssh-keygen -l 显示的 SHA256:… 指纹', 'should be SHA256:… as ssh-keygen -l shows it'),
  );

const sftp = z
  .strictObject({
    ...common,
    kind: z.literal('sftp'),
    host: path,
    port: integer(1, 65_535, 22),
    user: path,
    // Required: without it anybody between could play the server and be given every package.
    hostKey: z.union([hostKey, z.array(hostKey).min(1).max(5)], {
      error: (issue) =>
        issue.input === undefined
          ? said('必填:服务器主机密钥的指纹', 'is required: the fingerprint of its host key').error
          : said('应为 SHA256:… 指纹', 'should be SHA256:… as ssh-keygen -l shows it').error,
    }),
    privateKeyFile: path.optional(),
    passwordFile: path.optional(),
    directory: path,
    timeoutMs: integer(1_000, 600_000, 30_000),
    maxAttempts,
  })
  .refine(({ privateKeyFile, passwordFile }) => !privateKeyFile !== !passwordFile, {
    path: ['privateKeyFile'],
    ...said('私钥文件与密码文件应恰好填一项', 'exactly one of privateKeyFile and passwordFile'),
  });

const fields = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ ...common, kind: z.literal('pull') }),
    z.strictObject({
      ...common,
      kind: z.literal('http'),
      // Never quoted: an address may hold a secret.
      url: z
        .string(said('必填', 'is required'))
        .refine(
          isEndpoint,
          said('应为 http(s) 地址,不含用户名密码', 'should be http(s), without user and password'),
        ),
      tokenFile: path.optional(),
      format: z
        .enum(['json', 'protobuf'], said('应为 json 或 protobuf', 'one of these'))
        .default('json'),
      timeoutMs: integer(100, 600_000, 30_000),
      maxAttempts,
    }),
    z.strictObject({ ...common, kind: z.literal('folder'), directory: path, maxAttempts }),
    sftp,
  ],
  said('kind 应为 pull、http、folder 或 sftp', 'kind should be pull, http, folder or sftp'),
);

const fileForm = z.strictObject({ channels: z.array(fields) });
type Fields = z.output<typeof fields>;

/**
 * Reads the province's ways out from HUB_CHANNELS_FILE; files and directories in it are relative
 * to it. Throws ConfigError with everything that is wrong.
 */
export async function readRoutes(file: string): Promise<readonly ConfiguredRoute[]> {
  const parsed = fileForm.safeParse(await readJson(file));
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map(problemOf));
  const routes = parsed.data.channels.map((one) => toRoute(one, dirname(resolve(file))));
  const problems = [...clashes(routes), ...withoutNationalExchange(routes)];
  if (problems.length > 0) throw new ConfigError(problems);
  return routes;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    throw new ConfigError([
      'HUB_CHANNELS_FILE: 文件无法读取或不是 JSON · the file can not be read, or is no JSON',
    ]);
  }
}

function problemOf(issue: z.core.$ZodIssue): string {
  const problem =
    issue.code === 'unrecognized_keys'
      ? `未知字段 ${issue.keys.join('、')} · unknown fields`
      : issue.message;
  const text = /\p{Script=Han}/u.test(problem) ? problem : `值无效 · ${problem}`;
  return `HUB_CHANNELS_FILE ${issue.path.join('.')}: ${text}`;
}

function toRoute(given: Fields, base: string): ConfiguredRoute {
  const { name, departments, allowWithoutNationalExchange } = given;
  const channel = CHANNEL_NAMES[given.channel];
  const shared = { name, departments, channel, allowWithoutNationalExchange };
  switch (given.kind) {
    case 'pull':
      return { ...shared, kind: 'pull', push: false, maxAttempts: 0 };
    case 'folder': {
      const directory = resolve(base, given.directory);
      return { ...shared, kind: 'folder', push: true, directory, maxAttempts: given.maxAttempts };
    }
    case 'sftp': {
      const { directory, maxAttempts } = given;
      return {
        ...shared,
        kind: 'sftp',
        push: true,
        server: serverOf(given, base),
        directory,
        maxAttempts,
      };
    }
    case 'http': {
      const { url, format, timeoutMs } = given;
      const tokenFile = given.tokenFile && resolve(base, given.tokenFile);
      const endpoint = { url, format, timeoutMs, tokenFile };
      return { ...shared, kind: 'http', push: true, endpoint, maxAttempts: given.maxAttempts };
    }
  }
}

function serverOf(given: Extract<Fields, { kind: 'sftp' }>, base: string): SftpServer {
  const { host, port, user, timeoutMs } = given;
  const privateKeyFile = given.privateKeyFile && resolve(base, given.privateKeyFile);
  const passwordFile = given.passwordFile && resolve(base, given.passwordFile);
  return {
    host,
    port,
    user,
    hostKeys: [given.hostKey].flat(),
    privateKeyFile,
    passwordFile,
    timeoutMs,
  };
}

/** Where a route puts its archives, as a text; undefined when by no folder. */
function folderOf(route: ConfiguredRoute): string | undefined {
  if (route.kind === 'folder') return route.directory;
  if (route.kind !== 'sftp') return undefined;
  return `${route.server.host}:${route.server.port} ${route.directory}`;
}

/** Names and folders belong to one route each; receipts would be ambiguous otherwise. */
function clashes(routes: readonly ConfiguredRoute[]): string[] {
  const folders = routes.flatMap((route) => folderOf(route) ?? []);
  return [
    ...repeated(routes.map((route) => route.name)).map((name) => `name ${name}`),
    ...repeated(folders).map((directory) => `directory ${directory}`),
  ].map((what) => `HUB_CHANNELS_FILE: ${what} 重复 · is there twice`);
}

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

/** R15: mode 4 leaves by the national exchange unless the province says otherwise in so many words. */
function withoutNationalExchange(routes: readonly ConfiguredRoute[]): string[] {
  return departmentsOf(routes)
    .filter((code) => optimisedRuleOf(routes, code) === 'none')
    .map(
      (code) =>
        `HUB_CHANNELS_FILE: 部门 ${code} 没有国家数据共享交换通道(R15) · department ${code} has no ` +
        'NATIONAL_EXCHANGE; add it, or set "allowWithoutNationalExchange": true',
    );
}

/** Every department that a route names, `*` included. */
export function departmentsOf(routes: readonly ChannelRoute[]): string[] {
  return [...new Set(routes.flatMap((route) => route.departments))].sort((a, b) =>
    a === EVERY_DEPARTMENT ? -1 : a.localeCompare(b),
  );
}
