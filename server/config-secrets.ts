import { readFileSync, statSync } from 'node:fs';
import { ConfigError } from './config-error.js';
import { ExposedFileError, requirePrivate } from './private-file.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables whose value may hold a password, and so may be the name of a file instead. */
export const SECRETS = ['HUB_DATABASE_URL', 'HUB_REDIS_URL', 'HUB_REPORT_URLS'] as const;

/**
 * The environment with each `NAME_FILE` of a secret replaced by `NAME`, the content of that file
 * without blanks around it: what containers and systemd give as secrets. Throws ConfigError when
 * both are given, or a file can't be read, or others may read it, too; what a file holds is in no message.
 */
export function withSecretFiles(env: Environment): Record<string, string | undefined> {
  const files = new Set(SECRETS.map((name) => `${name}_FILE`));
  const result = Object.fromEntries(Object.entries(env).filter(([name]) => !files.has(name)));
  const problems: string[] = [];
  for (const name of SECRETS) {
    const file = env[`${name}_FILE`];
    if (!file) continue;
    if (env[name]) problems.push(`${name}: 与 ${name}_FILE 只能设置一个 · set one of the two`);
    else result[name] = readSecret(name, file, problems);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return result;
}

function readSecret(name: string, file: string, problems: string[]): string | undefined {
  try {
    requirePrivate(file, statSync(file));
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error instanceof ExposedFileError) problems.push(`${name}_FILE: ${error.message}`);
    else problems.push(`${name}_FILE: 文件无法读取 · the file can not be read: ${file}`);
    return undefined;
  }
}
