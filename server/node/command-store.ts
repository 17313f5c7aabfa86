import type { Knex } from 'knex';
import type { Config } from '../config.js';
import { findRunningServer } from '../postgres/running.js';
import { openDatabase } from '../storage/database.js';
import { libraryNames, type LibraryNames } from '../storage/library-names.js';
import { missingRoleRight, type Credentials } from '../storage/library-roles.js';
import { openToLogins } from '../storage/login-limits.js';
import { isForbidden } from '../storage/sql-state.js';
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
      'away',
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

/**
 * As {@link withCommandStore}, to make, change or remove logins, for which the node's role needs CREATEROLE.
 * Throws StartError with the statement that gives it that.
 */
export function withLoginStore<T>(
  config: Config,
  act: (store: CommandStore) => Promise<T>,
): Promise<T> {
  return withCommandStore(config, async (store) => {
    try {
      return await act(store);
    } catch (error) {
      const missing = isForbidden(error) ? await missingRoleRight(store.knex) : undefined;
      if (missing === undefined) throw error;
      throw new StartError(
        `数据库用户无权管理账号,请超级用户执行:${missing}; · the database user may not manage logins; ` +
          `have a superuser run: ${missing};`,
      );
    }
  });
}

async function requireLibraries(knex: Knex, { share, report }: LibraryNames): Promise<void> {
  const found = await knex('pg_namespace').whereIn('nspname', [share, report]).count();
  if (Number(found[0]?.['count'] ?? 0) === 2) return;
  throw new StartError(
    '数据库中还没有共享库和上报库,请先用本版本启动节点 · the database has no libraries yet; ' +
      'start the node with this version first.',
    'away',
  );
}

/** The login for a library of somebody who was taken on. */
export interface LibraryLogin extends Credentials {
  /** Schema of the library. */
  readonly library: string;
  /** Address of the database with the role, and with the password when it is known. A secret. */
  readonly address: string;
  /** What a superuser has still to run, lest the login could hold up the node. Empty: nothing. */
  readonly openToLogins: readonly string[];
}

/** A login with all that whoever gets it has to know. */
export async function libraryLogin(
  { knex, url }: CommandStore,
  library: string,
  login: Credentials,
): Promise<LibraryLogin> {
  const address = addressFor(url, login.role, login.password);
  return { ...login, library, address, openToLogins: await openToLogins(knex) };
}

/** The address with another user; the password is left out when it is not known. */
export function addressFor(url: string, role: string, password: string | undefined): string {
  const address = new URL(url);
  address.username = role;
  address.password = password ?? '';
  return address.href;
}
