import { spawn } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { EmbeddedPostgresError } from './embedded-error.js';

/** The operating-system user the server runs as; undefined means the user of this process. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface RunResult {
  readonly ok: boolean;
  /** Standard output and standard error together, or why the program could not be started. */
  readonly output: string;
}

/** What the server's programs see: nothing of the hub's environment, messages in plain English. */
export const SERVER_ENV = { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin' } as const;

const RUN_LIMIT_MS = 120_000;

/**
 * The user that must run the server. PostgreSQL refuses root, and a uid without a passwd entry:
 * so for root it is the owner of the cluster if there is one already, else `postgres`, else
 * `nobody`. An ordinary user runs it as itself (undefined).
 */
export async function chooseAccount(clusterDir: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(clusterDir).catch(() => undefined);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['postgres', '_postgres', 'nobody']) {
    const user = users.find((fields) => fields[0] === name);
    if (user) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw new EmbeddedPostgresError(
    '以 root 运行需要系统用户 postgres 或 nobody；请改用普通用户，或设置 HUB_DATABASE_URL',
    'running as root needs a system user postgres or nobody; use an ordinary user or set HUB_DATABASE_URL',
  );
}

/** Whether the account can enter a directory, asked of the system itself (modes, ACLs, mounts). */
export async function canEnter(account: Account, dir: string): Promise<boolean> {
  return (await runAs(account, '/bin/sh', ['-c', 'cd -- "$1"', 'sh', dir])).ok;
}

/**
 * Runs a program to its end as the account, with `input` on its standard input. Never rejects;
 * ended after two minutes.
 */
export function runAs(
  account: Account | undefined,
  file: string,
  args: readonly string[],
  input = '',
): Promise<RunResult> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      ...account,
      cwd: '/',
      env: SERVER_ENV,
      timeout: RUN_LIMIT_MS,
    });
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    // A program that ends without reading its input is judged by its exit code alone.
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => resolve({ ok: false, output: error.message }));
    child.once('close', (code) => resolve({ ok: code === 0, output: output.trim() }));
    child.stdin.end(input);
  });
}
