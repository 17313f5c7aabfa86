import pg from 'pg';
import { query, type Db } from './database.js';

/**
 * What PostgreSQL gives everybody and a login of a library could stop the node with. Advisory locks
 * belong to the database: whoever may take them can keep the node waiting, and the numbers of those
 * that are held can be read by anybody. A transaction with a number, left open, holds back the feed.
 */
const STOPPING =
  `(f.proname like 'pg\\_advisory\\_%' or f.proname like 'pg\\_try\\_advisory\\_%'` +
  ` or f.proname in ('txid_current', 'pg_current_xact_id', 'lo_create', 'lo_creat',` +
  ` 'lo_from_bytea', 'lo_import'))`;

/**
 * The statements that would take it from everybody but the node, and whoever else has a schema in the
 * database and is no login of a library. None: it is taken already.
 */
export async function openToLogins(db: Db): Promise<string[]> {
  const { rows: functions } = await query<{ name: string }>(
    db,
    `select f.oid::regprocedure::text as name from pg_proc f
      where f.pronamespace = 'pg_catalog'::regnamespace and ${STOPPING}
        and has_function_privilege('public', f.oid, 'execute') order by 1`,
  );
  const { rows: databases } = await query<{ name: string }>(
    db,
    `select current_database() as name
      where has_database_privilege('public', current_database(), 'temporary')`,
  );
  if (functions.length + databases.length === 0) return [];
  const { rows: keepers } = await query<{ name: string }>(
    db,
    `select current_user::text as name union
     select r.rolname from pg_namespace n join pg_roles r on r.oid = n.nspowner
      where r.rolname not like 'pg\\_%' order by 1`,
  );
  const kept = keepers.map(({ name }) => pg.escapeIdentifier(name)).join(', ');
  const list = functions.map(({ name }) => name).join(', ');
  return [
    ...(list === ''
      ? []
      : [
          `grant execute on function ${list} to ${kept}`,
          `revoke execute on function ${list} from public`,
        ]),
    ...databases.flatMap((database) => {
      const name = pg.escapeIdentifier(database.name);
      return [
        `grant temporary on database ${name} to ${kept}`,
        `revoke temporary on database ${name} from public`,
      ];
    }),
  ];
}

/**
 * The statements that would give back to the node's own role what another node took from everybody, and
 * without which it can not work: its locks and the number of a transaction. None: it may.
 */
export async function shutToNode(db: Db): Promise<string[]> {
  const { rows } = await query<{ statement: string }>(
    db,
    `select format('grant execute on function %s to %I',
                   string_agg(f.oid::regprocedure::text, ', ' order by f.oid::regprocedure::text),
                   current_user) as statement
       from pg_proc f
      where f.pronamespace = 'pg_catalog'::regnamespace
        and (f.proname like 'pg\\_advisory\\_%' or f.proname like 'pg\\_try\\_advisory\\_%'
             or f.proname = 'pg_current_xact_id')
        and not has_function_privilege(f.oid, 'execute')
     having count(*) > 0`,
  );
  return rows.map(({ statement }) => statement);
}

/**
 * Takes it where the node's own role may, which is a superuser's right; answers the statements that
 * somebody else has to run. Safe to repeat, and for several processes at once.
 */
export async function shutToLogins(db: Db): Promise<string[]> {
  if ((await openToLogins(db)).length === 0) return [];
  return db.transaction(async (trx) => {
    // Two that change the same right at once would fail; the right is the whole database's.
    await query(trx, "select pg_advisory_xact_lock(hashtextextended('login-limits', 17))");
    const open = await openToLogins(trx);
    const { rows } = await query<{ may: boolean }>(
      trx,
      'select rolsuper as may from pg_roles where rolname = current_user',
    );
    if (rows[0]?.may !== true) return open;
    for (const statement of open) await trx.raw(statement);
    return [];
  });
}

/** Whether anybody logs in to the libraries of this node. */
export async function hasLogins(db: Db, share: string, report: string): Promise<boolean> {
  const { rows } = await query<{ hasSome: boolean }>(
    db,
    `select exists (select 1 from ??.subscribers)
         or exists (select 1 from ??.writers where offboarded_at is null) as "hasSome"`,
    [share, report],
  );
  return rows[0]?.hasSome === true;
}
