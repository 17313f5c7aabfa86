import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
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

/** Where `pg_basebackup` has to put it, below the directory of the server. */
export const BASE_BACKUP = 'base-backup';

const SETTINGS = { listen_addresses: '127.0.0.1', fsync: 'off', max_connections: '200' };

/** A PostgreSQL of the system, run for one test file, with its own tools. */
export interface SystemPostgres {
  /** Address of a database. */
  url(database: string): string;
  /** Runs a tool, such as `pg_dump`, connected to the server; throws with what it wrote. */
  run(tool: string, ...args: string[]): Promise<void>;
  /** A file name that the tools may write to. */
  file(name: string): string;
  /**
   * Ends the server, and starts its base backup at the same address, recovered from the archived log up
   * to a named restore point. Answers while it still recovers.
   */
  recoverTo(restorePoint: string): Promise<void>;
  /** Kills the server and starts it again at the same address, where it recovers from its log. */
  crash(): Promise<void>;
  /**
   * Kills the server, and starts its standby at the same address: the base backup that `pg_basebackup -R`
   * made, which has nothing that came after. It can only be read until it is promoted.
   */
  failOver(): Promise<void>;
  /** Promotes the standby. */
  promote(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts one in a directory of its own; its log is archived there. */
export async function startSystemPostgres(): Promise<SystemPostgres> {
  const dir = await mkdtemp(join(tmpdir(), 'zhengzhao-system-'));
  const account = await chooseAccount(dir);
  if (account) await chown(dir, account.uid, account.gid);
  const archive = join(dir, 'archive');
  const port = await freePort();
  const run = async (tool: string, ...args: string[]): Promise<void> => {
    const { ok, output } = await runAs(account, join(bin ?? '', tool), args);
    if (!ok) throw new Error(`${tool}: ${output}`);
  };
  let data = join(dir, 'data');
  const start = (settings: Readonly<Record<string, string>>): Promise<void> => {
    const options = Object.entries({ ...SETTINGS, ...settings }).map(
      ([name, value]) => `-c "${name}=${value}"`,
    );
    const given = `-p ${port} -k ${dir} ${options.join(' ')}`;
    return run('pg_ctl', '-w', '-D', data, '-l', join(dir, 'log'), '-o', given, 'start');
  };
  const end = (mode = 'fast') => run('pg_ctl', '-w', '-D', data, '-m', mode, 'stop');
  await run('initdb', '-D', data, '-U', 'hub', '-A', 'trust', '-E', 'UTF8', '--no-locale');
  await start({ archive_mode: 'on', archive_command: `install -D %p ${archive}/%f` });
  const connection = ['-h', '127.0.0.1', '-p', String(port), '-U', 'hub'];
  return {
    url: (database) => `postgres://hub@127.0.0.1:${port}/${database}`,
    run: (tool, ...args) => run(tool, ...connection, ...args),
    file: (name) => join(dir, name),
    recoverTo: async (restorePoint) => {
      await end();
      data = join(dir, BASE_BACKUP);
      await writeFile(join(data, 'recovery.signal'), '');
      await start({
        restore_command: `cp ${archive}/%f %p`,
        recovery_target_name: restorePoint,
        recovery_target_action: 'promote',
      });
    },
    crash: async () => {
      await end('immediate');
      await start({});
    },
    failOver: async () => {
      await end('immediate');
      data = join(dir, BASE_BACKUP);
      await start({});
    },
    promote: () => run('pg_ctl', '-w', '-D', data, 'promote'),
    stop: async () => {
      await end();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
