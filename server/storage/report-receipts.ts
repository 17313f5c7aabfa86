import { query, type Db } from './database.js';

/** A finding as a receipt states it. */
export interface StatedFinding {
  readonly rule: string;
  readonly field: string;
  readonly severity: 'ERROR' | 'WARNING';
  readonly code: string;
  readonly zh: string;
  readonly en: string;
}

/** What became of a row. */
export interface RowReceipt {
  readonly table_name: string;
  readonly row_id: number;
  readonly written_by: string;
  readonly message_id: string;
  readonly accepted: boolean;
  readonly receipt_no: string | null;
  readonly effect: string | null;
  readonly duplicate: boolean;
  readonly reason: string | null;
  readonly message_zh: string;
  readonly message_en: string;
  readonly findings: readonly StatedFinding[];
}

/** Writes receipts, one for each row, and announces them on the channel after the commit. */
export async function insertReceipts(
  db: Db,
  library: string,
  receipts: readonly RowReceipt[],
  channel: string,
): Promise<void> {
  if (receipts.length === 0) return;
  await query(
    db,
    `insert into ??.receipts (table_name, row_id, written_by, message_id, accepted, receipt_no,
            effect, duplicate, reason, message_zh, message_en, findings)
     select * from jsonb_to_recordset(?::jsonb) as x(table_name text, row_id bigint,
            written_by name, message_id text, accepted boolean, receipt_no text, effect text,
            duplicate boolean, reason text, message_zh text, message_en text, findings jsonb)
     on conflict (table_name, row_id) do nothing`,
    [library, JSON.stringify(receipts)],
  );
  await query(db, `select pg_notify(?, '')`, [channel]);
}
