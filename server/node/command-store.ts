import type { Knex } from 'knex';
import type { Config } from '../config.js';
import { findRunningServer } from '../postgres/running.js';
import { openDatabase } from '../storage/database.js';
import { libraryNames, type LibraryNames } from '../storage/library-names.js';
import { openToLogins } from '../storage/login-limits.js';
import { StartError } from './patience.js';

/** The node's database, as a command beside the node uses it. */
export interface CommandStore {
  readonly knex: Knex;
  readonly url: string;
  readonly libraries: LibraryNames;
}

/**
 * Does something in the database of the node that the environment describes: of HUB_DATABASE_URL,
 * or the embedded one of the node that runs on HUB_DATA_DIR. Throws StartError when none runs, or
 * the node was never started with this version.
 */
export async function withCommandStore<T>(
  config: Config,
  act: (store: CommandStore) => Promise<T>,
): Promise<T> {
  const url = config.databaseUrl || (await findRunningServer(config.dataDir));
  if (url === undefined)
    throw new StartError(
      `${config.dataDir} 上没有运行中的节点,请先启动节点或设置 HUB_DATABASE_URL · no node runs on ` +
        `${config.dataDir}; start it first, or set HUB_DATABASE_URL.`,
    );
  const knex = openDatabase({ url, schema: config.databaseSchema, poolSize: 2 });
  const libraries = libraryNames(config.databaseSchema);
  try {
    await requireLibraries(knex, libraries);
    return await act({ knex, url, libraries });
  } finally {
    await knex.destroy();
  }
}

async function requireLibraries(knex: Knex, { share, report }: LibraryNames): Promise<void> {
  const found = await knex('pg_namespace').whereIn('nspname', [share, report]).count();
  if (Number(found[0]?.['count'] ?? 0) === 2) return;
  throw new StartError(
    '数据库中还没有共享库和上报库,请先用本版本启动节点 · the database has no libraries yet; ' +
      'start the node with this version first.',
  );
}

/** What a database administrator has still to run, as lines for the terminal; empty: nothing. */
export async function stillOpen(knex: Knex): Promise<string[]> {
  const statements = await openToLogins(knex);
  if (statements.length === 0) return [];
  return [
    '  注意 ATTENTION  节点账号无权限制该账号占用节点的锁,请数据库管理员(超级用户)执行:',
    '    The role of the node may not keep this login from the locks of the node. Have a superuser run:',
    ...statements.map((statement) => `    ${statement};`),
  ];
}

/** The address with another user; the password is left out when it is not known. */
export function addressFor(url: string, role: string, password: string | undefined): string {
  const address = new URL(url);
  address.username = role;
  address.password = password ?? '';
  return address.href;
}

/** Runs a command: its text goes to the terminal; an error is told in words, and the process ends with 1. */
export async function runCommand(command: () => Promise<string>): Promise<void> {
  try {
    process.stdout.write(`${await command()}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
