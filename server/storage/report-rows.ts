import type { Column } from '../dictionary/columns.js';
import { query, type Db } from './database.js';

/** A row that waits to be taken. */
export interface PendingRow {
  readonly id: number;
  readonly tableName: string;
  readonly rowId: number;
}

/** A row as read: its values by column, and who wrote it. */
export interface ReportRow {
  readonly id: number;
  readonly writtenBy: string;
  /** Code of the writer; null when the role was not onboarded, as in a foreign database. */
  readonly writer: string | null;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * Makes this transaction the one that takes rows from the library; false when another process is
 * at it. No row is locked and nothing is written, so writers are not in the way.
 */
export async function claimLibrary(db: Db, library: string): Promise<boolean> {
  // Dates and moments are read as text, whatever the server is set to.
  await query(
    db,
    `select set_config('datestyle', 'ISO', true), set_config('timezone', 'UTC', true)`,
  );
  const { rows } = await query<{ mine: boolean }>(
    db,
    'select pg_try_advisory_xact_lock(hashtextextended(?, 0)) as mine',
    [`extract/${library}`],
  );
  return rows[0]?.mine ?? false;
}

/** The rows that have waited longest, behind a place in the list; 0: from its head. */
export async function findPending(
  db: Db,
  library: string,
  after: number,
  count: number,
): Promise<PendingRow[]> {
  const { rows } = await query<PendingRow>(
    db,
    `select id, table_name as "tableName", row_id as "rowId" from ??.pending
      where id > ? order by id limit ?`,
    [library, after, count],
  );
  return rows;
}

/** Takes rows off the list of what waits. */
export async function deletePending(
  db: Db,
  library: string,
  ids: readonly number[],
): Promise<void> {
  await query(db, 'delete from ??.pending where id = any(?::bigint[])', [library, ids]);
}

/** Rows of one table by their numbers; one that was deleted meanwhile is left out. */
export async function readRows(
  db: Db,
  library: string,
  table: { readonly name: string; readonly columns: readonly Column[] },
  ids: readonly number[],
): Promise<ReportRow[]> {
  const { rows } = await query<Record<string, unknown>>(
    db,
    `select t.id as row_number, t.written_by as row_writer, w.code as writer_code,
            ${table.columns.map(selected).join(', ')}
       from ??.?? t left join ??.writers w on w.role = t.written_by
      where t.id = any(?::bigint[])`,
    [library, table.name, library, ids],
  );
  return rows.map(({ row_number, row_writer, writer_code, ...values }) => ({
    id: Number(row_number),
    writtenBy: String(row_writer),
    writer: writer_code === null ? null : String(writer_code),
    values,
  }));
}

/** As text where JavaScript would lose digits, or know no such value (`infinity`). */
function selected({ name, sqlType }: Column): string {
  switch (sqlType) {
    case 'bigint':
    case 'date':
      return `t."${name}"::text as "${name}"`;
    case 'timestamptz':
      return `to_char(t."${name}", 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "${name}"`;
    default:
      return `t."${name}"`;
  }
}
