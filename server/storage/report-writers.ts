import { query, type Db } from './database.js';

/** The role of a writer, also of one that was let go; undefined when it was never onboarded. */
export async function writerRole(
  db: Db,
  library: string,
  code: string,
): Promise<string | undefined> {
  const { rows } = await query<{ role: string }>(db, 'select role from ??.writers where code = ?', [
    library,
    code,
  ]);
  return rows[0]?.role;
}

/** Notes which organisation a role writes for. */
export async function saveWriter(
  db: Db,
  library: string,
  writer: { readonly code: string; readonly role: string },
): Promise<void> {
  await query(
    db,
    `insert into ??.writers (code, role) values (?, ?)
     on conflict (code) do update set role = excluded.role, offboarded_at = null`,
    [library, writer.code, writer.role],
  );
}

/** Notes that an organisation writes no more; what it wrote before is still held to be its own. */
export async function closeWriter(db: Db, library: string, code: string): Promise<void> {
  await query(db, 'update ??.writers set offboarded_at = now() where code = ?', [library, code]);
}
