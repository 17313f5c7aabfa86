import { createHash } from 'node:crypto';
import pg from 'pg';
import { qualified } from '../dictionary/table.js';
import { query, type Db } from './database.js';
import { shutToLogins } from './login-limits.js';
import { newPassword, scramVerifier } from './scram.js';
import { isStillNeeded } from './sql-state.js';

/** How a business system logs in. */
export interface Credentials {
  readonly role: string;
  /** Undefined: it keeps the one it has. */
  readonly password: string | undefined;
}

/** What a role may do in a library. */
export interface RoleRights {
  /** Schema of the library. */
  readonly library: string;
  /** `grant <right> on <table>`, such as `select` or `insert (lic_id, uscc)`. */
  readonly grants: readonly { readonly right: string; readonly table: string }[];
}

/** What became of a role that was let go: another database of the server may still give it rights. */
export type LetGo = 'dropped' | 'kept-elsewhere';

/** Connections of one business system at a time; one that runs wild must not shut out the node. */
const CONNECTIONS = 5;

/**
 * Settings of such a role: a forgotten transaction or an endless query ends by itself. It may set others
 * for its session; what it could stop the node with it does not have at all (login-limits.ts).
 */
const SETTINGS = {
  statement_timeout: '60s',
  idle_in_transaction_session_timeout: '60s',
} as const;

/**
 * Name of a new role of a business system. Roles belong to the whole database server, so the name
 * holds the library and, by the digest, the database and the code as it was written.
 */
async function roleNameFor(db: Db, library: string, code: string): Promise<string> {
  const { rows } = await query<{ name: string }>(db, 'select current_database() as name');
  const whole = `${rows[0]?.name ?? ''}\0${library}\0${code}`;
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, 8);
  const readable = code.toLowerCase().replace(/[^a-z0-9]+/g, '_');
  return `${library.slice(0, 24)}_${readable.slice(0, 24)}_${digest}`;
}

/**
 * The role of a business system with a password; one that is there keeps its own unless renewed. Before
 * it can log in, what a login could stop the node with is taken from it, as far as the node may. `noted`:
 * the role that the library knows it by. A database that was restored under another name goes on with it.
 */
export async function ensureLogin(
  db: Db,
  library: string,
  code: string,
  noted: string | undefined,
  renewPassword: boolean,
): Promise<Credentials> {
  await shutToLogins(db);
  const isThere = noted !== undefined && (await hasRole(db, noted));
  const role = isThere ? noted : await roleNameFor(db, library, code);
  const known = isThere || (await hasRole(db, role));
  if (known && !renewPassword) return { role, password: undefined };
  const password = newPassword();
  await (known ? changePassword : createLogin)(db, role, password);
  return { role, password };
}

/** The statement that gives the node's own role the right to manage logins; undefined: it has it. */
export async function missingRoleRight(db: Db): Promise<string | undefined> {
  const { rows } = await query<{ statement: string }>(
    db,
    `select format('alter role %I createrole', rolname) as statement
       from pg_roles where rolname = current_user and not rolsuper and not rolcreaterole`,
  );
  return rows[0]?.statement;
}

async function hasRole(db: Db, role: string): Promise<boolean> {
  const { rowCount } = await query(db, 'select 1 from pg_roles where rolname = ?', [role]);
  return rowCount > 0;
}

/** Makes a role that may log in and nothing else. PostgreSQL keeps the verifier only. */
async function createLogin(db: Db, role: string, password: string): Promise<void> {
  const name = pg.escapeIdentifier(role);
  await db.raw(
    `create role ${name} login nosuperuser nocreatedb nocreaterole noinherit noreplication
       connection limit ${CONNECTIONS} password ${pg.escapeLiteral(scramVerifier(password))}`,
  );
  for (const [setting, value] of Object.entries(SETTINGS))
    await db.raw(`alter role ${name} set ${setting} = ${pg.escapeLiteral(value)}`);
}

async function changePassword(db: Db, role: string, password: string): Promise<void> {
  const verifier = pg.escapeLiteral(scramVerifier(password));
  await db.raw(`alter role ${pg.escapeIdentifier(role)} password ${verifier}`);
}

/** Gives a role its rights in a library. */
export async function grantRights(db: Db, role: string, rights: RoleRights): Promise<void> {
  const name = pg.escapeIdentifier(role);
  await db.raw(`grant usage on schema ${pg.escapeIdentifier(rights.library)} to ${name}`);
  for (const { right, table } of rights.grants)
    await db.raw(`grant ${right} on ${qualified(rights.library, table)} to ${name}`);
}

/**
 * Takes a role's rights in this database, ends its sessions and removes it, unless another database, such
 * as the one that this one was restored from, gives it rights too. Nothing happens when it is not there.
 */
export async function dropLogin(db: Db, role: string | undefined, library: string): Promise<LetGo> {
  if (role === undefined || !(await hasRole(db, role))) return 'dropped';
  const name = pg.escapeIdentifier(role);
  const schema = pg.escapeIdentifier(library);
  await db.raw(`revoke all on all tables in schema ${schema} from ${name}`);
  await db.raw(`revoke all on schema ${schema} from ${name}`);
  // Only where the node's user may; a session that stays has no rights any more.
  await query(
    db,
    `select pg_terminate_backend(pid) from pg_stat_activity
      where usename = ? and pg_has_role(usename, 'usage')`,
    [role],
  );
  try {
    await db.transaction((trx) => trx.raw(`drop role ${name}`));
    return 'dropped';
  } catch (error) {
    if (isStillNeeded(error)) return 'kept-elsewhere';
    throw error;
  }
}
