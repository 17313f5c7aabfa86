import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseAccount, runAs } from '../../server/postgres/account.js';
import { freePort } from './nodes.js';

const VERSIONS = '/usr/lib/postgresql';

/** Programs of the newest PostgreSQL that the system brings; undefined when it has no whole one. */
const bin = (existsSync(VERSIONS) ? readdirSync(VERSIONS) : [])
  .sort((a, b) => Number(b) - Number(a))
  .map((version) => join(VERSIONS, version, 'bin'))
  .find((dir) => ['initdb', 'pg_dump', 'pg_restore'].every((one) => existsSync(join(dir, one))));

/** Whether the drill can be performed; CI must be able to, elsewhere it depends on the machine. */
export const hasSystemPostgres = bin !== undefined;

if (!hasSystemPostgres && process.env['CI'])
  throw new Error('CI must have postgresql: backup and restore are performed with its tools.');

/** A PostgreSQL of the system, run for one test file, with its own tools. */
export interface SystemPostgres {
  /** Address of a database. */
  url(database: string): string;
  /** Runs a tool, such as `pg_dump`, connected to the server; throws with what it wrote. */
  run(tool: string, ...args: string[]): Promise<void>;
  /** A file name that the tools may write to. */
  file(name: string): string;
  stop(): Promise<void>;
}

/** Starts one in a directory of its own. */
export async function startSystemPostgres(): Promise<SystemPostgres> {
  const dir = await mkdtemp(join(tmpdir(), 'zhengzhao-system-'));
  const account = await chooseAccount(dir);
  if (account) await chown(dir, account.uid, account.gid);
  const data = join(dir, 'data');
  const port = await freePort();
  const run = async (tool: string, ...args: string[]): Promise<void> => {
    const { ok, output } = await runAs(account, join(bin ?? '', tool), args);
    if (!ok) throw new Error(`${tool}: ${output}`);
  };
  await run('initdb', '-D', data, '-U', 'hub', '-A', 'trust', '-E', 'UTF8', '--no-locale');
  const options = `-p ${port} -k ${dir} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200`;
  await run('pg_ctl', '-w', '-D', data, '-l', join(dir, 'log'), '-o', options, 'start');
  const connection = ['-h', '127.0.0.1', '-p', String(port), '-U', 'hub'];
  return {
    url: (database) => `postgres://hub@127.0.0.1:${port}/${database}`,
    run: (tool, ...args) => run(tool, ...connection, ...args),
    file: (name) => join(dir, name),
    stop: async () => {
      await run('pg_ctl', '-w', '-D', data, '-m', 'fast', 'stop');
      await rm(dir, { recursive: true, force: true });
    },
  };
}
