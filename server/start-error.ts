import { ConfigError, type Config } from './config.js';
import { StartError, type WhyNot } from './node/patience.js';
import { ExposedFileError } from './private-file.js';
import { EmbeddedPostgresError } from './postgres/embedded-error.js';
import { PlaceError } from './restoration/place-watch.js';
import { isOutage } from './storage/outage.js';

/** Errors that are written for the operator as they are. */
const READABLE = [ConfigError, EmbeddedPostgresError, ExposedFileError, PlaceError, StartError];

/** Chinese and English of a database or queue that is away. */
const AWAY = [
  '数据库或队列无法连接,请核对 HUB_DATABASE_URL 与 HUB_REDIS_URL',
  'the database or the queue can not be reached; check HUB_DATABASE_URL and HUB_REDIS_URL',
] as const;

/** Words for a database that says no. */
const REFUSING = [
  '数据库拒绝连接,请核对 HUB_DATABASE_URL',
  'the database refuses the connection; check HUB_DATABASE_URL',
] as const;

/** Words for what the system does not allow. */
const NOT_PERMITTED = [
  '没有权限或空间,请核对 HUB_DATA_DIR、HUB_PORT 与 HUB_TLS_*',
  'not permitted, or no space; check HUB_DATA_DIR, HUB_PORT and HUB_TLS_*',
] as const;

/**
 * Other errors of the operating system and of PostgreSQL that an operator can do something about.
 * `wrong` is only what the configuration alone can mend: systemd does not start a node again for it.
 */
const KNOWN: readonly (readonly [codes: RegExp, why: WhyNot, zh: string, en: string])[] = [
  // Its account or the database may be made or restored just now.
  [/^(28\w{3}|3D000)$/, 'away', ...REFUSING],
  [/^ERR_INVALID_URL$/, 'wrong', ...REFUSING],
  [
    /^42501$/,
    'refused',
    '数据库用户权限不足,须能在 HUB_DATABASE_URL 中建立模式',
    'the database user of HUB_DATABASE_URL must be allowed to create schemas',
  ],
  [
    /^(ENOENT|EISDIR|ERR_OSSL\w*|ERR_TLS\w*)$/,
    'wrong',
    '证书或数据文件无法读取,请核对 HUB_TLS_* 与 HUB_DATA_DIR',
    'a certificate or a file can not be read; check HUB_TLS_* and HUB_DATA_DIR',
  ],
  [/^(EACCES|EPERM|ENOTDIR)$/, 'wrong', ...NOT_PERMITTED],
  [/^(EROFS|ENOSPC)$/, 'refused', ...NOT_PERMITTED],
];

/**
 * What an operator reads when a node does not start, Chinese and English; a stack only for
 * defects. `config` is unset when the configuration itself was at fault.
 */
export function explainStartError(error: unknown, config: Config | undefined): string {
  if (!(error instanceof Error)) return String(error);
  if (READABLE.some((kind) => error instanceof kind)) return error.message;
  const code = codeOf(error);
  if (config && isAboutAddress(error, code, config)) return explainAddress(code, config);
  const words = isAway(error) ? AWAY : knownBy(code)?.slice(2);
  if (words === undefined) return error.stack ?? error.message;
  return `${words.join(' · ')}: ${error.message || code}`;
}

/** Why a node did not start, or something beside one was not done: `refused` for defects too. */
export function whyNot(error: unknown): WhyNot {
  if (error instanceof StartError) return error.why;
  if (error instanceof ConfigError || error instanceof ExposedFileError) return 'wrong';
  if (error instanceof EmbeddedPostgresError || isAway(error)) return 'away';
  const [, why = 'refused'] = (error instanceof Error && knownBy(codeOf(error))) || [];
  return why;
}

/** A database on a socket of this machine has no file before it runs. */
function isAway(error: unknown): boolean {
  if (error instanceof Error && 'syscall' in error && error.syscall === 'connect') return true;
  return isOutage(error);
}

function knownBy(code: string): (typeof KNOWN)[number] | undefined {
  return KNOWN.find(([codes]) => codes.test(code));
}

/** The node's own port can't be opened; the same code may come from a database far away. */
function isAboutAddress(error: object, code: string, { host }: Config): boolean {
  if (code === 'EADDRINUSE' || code === 'EADDRNOTAVAIL') return true;
  return 'hostname' in error && error.hostname === host;
}

function explainAddress(code: string, { host, port }: Config): string {
  if (code !== 'EADDRINUSE')
    return `本机没有地址 ${host},请修改 HUB_HOST · this machine has no address ${host}; change HUB_HOST.`;
  return (
    `端口 ${host}:${port} 已被占用,请用 HUB_PORT 换一个 · ` +
    `port ${host}:${port} is in use; set HUB_PORT to another one.`
  );
}

/** The code of an error, or of the first one it gathers, as a refused connection to two addresses does. */
function codeOf(error: Error & { readonly code?: unknown }): string {
  if (typeof error.code === 'string') return error.code;
  return error instanceof AggregateError && error.errors[0] instanceof Error
    ? codeOf(error.errors[0])
    : '';
}
