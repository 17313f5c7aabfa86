import type { Knex } from 'knex';
import type { SubmissionResult } from '#gen/zhengzhao/v1/common_pb.js';
import type { ValidationContext } from '../domain/validation/validator.js';
import type { Admission } from '../intake/admission.js';
import type { Db } from '../storage/database.js';
import { insertReceipts, type RowReceipt } from '../storage/report-receipts.js';
import {
  claimLibrary,
  deletePending,
  findPending,
  readRows,
  type PendingRow,
  type ReportRow,
} from '../storage/report-rows.js';
import { isPassing, outcomeOf } from './receipt-of-row.js';
import { admitRow } from './row-admission.js';
import { channelsOf, REPORT_TABLES, type ReportTable } from './tables.js';

/** What taking rows from a library needs. */
export interface ExtractionParts {
  /** Pool of the database that holds the library. */
  readonly knex: Knex;
  /** Schema of the library. */
  readonly library: string;
  readonly validation: () => ValidationContext;
  /** For which authorities each of these writers is the registered data unit (VR23). */
  readonly actsFor: (writers: readonly string[]) => Promise<ReadonlyMap<string, readonly string[]>>;
  /** Takes a batch as the interface does; each message has its own result, also where there is no room. */
  readonly takeEach: (admissions: readonly Admission[]) => Promise<readonly SubmissionResult[]>;
}

/** Rows of one turn. */
const BATCH = 200;

/** What a turn did. */
export interface Turn {
  /** Rows that were taken off the list. */
  readonly settled: number;
  /** Place in the list behind which the next turn goes on; 0: at the head. */
  readonly goOnAfter: number;
}

const NOTHING: Turn = { settled: 0, goOnAfter: 0 };

interface Waiting {
  readonly pending: PendingRow;
  readonly row: ReportRow;
  readonly admission: Admission;
}

/**
 * Takes the rows that have waited longest, at most 200, and settles what can be (R50). Where some
 * had to be left, as when there is no room, the next turn goes on behind them, and begins
 * anew at the end of the list: so what can't be taken holds up nobody, however much of it there is.
 * `after`: where the turn before said to go on.
 *
 * They go through the same door as calls do and are committed there; then receipts are written and
 * the rows taken off the list, in one transaction of the library's database, which may be another
 * one. A crash in between leaves them on the list: they are taken again, and get the same receipts,
 * as accepting a message is idempotent. A bad row gets a receipt with its findings, and holds up
 * nobody; one whose refusal passes by itself stays on the list. While the backlog is full that are all
 * but marks, which may stand anywhere in the list (D7). Throws when nothing can be judged (BACKLOG_FULL,
 * UNAVAILABLE), or when a database is away.
 */
export function extractBatch(parts: ExtractionParts, after = 0): Promise<Turn> {
  const { knex, library } = parts;
  return knex.transaction(async (trx) => {
    if (!(await claimLibrary(trx, library))) return NOTHING;
    const pending = await findPending(trx, library, after, BATCH);
    if (pending.length === 0) return NOTHING;
    const waiting = await readWaiting(trx, pending, parts);
    const results = waiting.length === 0 ? [] : await parts.takeEach(waiting.map(admissionOf));
    const receipts: RowReceipt[] = [];
    const left = new Set<number>();
    waiting.forEach((one, index) => {
      const result = results[index];
      if (!result) throw new Error('A row lost its result.');
      if (isPassing(result)) left.add(one.pending.id);
      else receipts.push(receiptOf(one, result));
    });
    const settled = pending.map(({ id }) => id).filter((id) => !left.has(id));
    await insertReceipts(trx, library, receipts, channelsOf(library).receipts);
    await deletePending(trx, library, settled);
    return { settled: settled.length, goOnAfter: placeBehind(pending, left, after) };
  });
}

function placeBehind(
  pending: readonly PendingRow[],
  left: ReadonlySet<number>,
  after: number,
): number {
  if (pending.length < BATCH) return 0;
  return left.size > 0 ? (pending.at(-1)?.id ?? 0) : after;
}

function admissionOf({ admission }: Waiting): Admission {
  return admission;
}

/** The rows of a list, in its order. One that its writer's administrator deleted is left out. */
async function readWaiting(
  db: Db,
  pending: readonly PendingRow[],
  { library, validation, actsFor }: ExtractionParts,
): Promise<Waiting[]> {
  const found = new Map<string, { readonly row: ReportRow; readonly table: ReportTable }>();
  for (const table of REPORT_TABLES) {
    const ids = pending.filter((one) => one.tableName === table.name).map((one) => one.rowId);
    if (ids.length === 0) continue;
    for (const row of await readRows(db, library, table, ids))
      found.set(`${table.name}/${row.id}`, { row, table });
  }
  const writers = [...found.values()].flatMap(({ row }) => row.writer ?? []);
  const units = await actsFor([...new Set(writers)]);
  const context = validation();
  return pending.flatMap((one) => {
    const read = found.get(`${one.tableName}/${one.rowId}`);
    if (!read) return [];
    const { row, table } = read;
    return [
      {
        pending: one,
        row,
        admission: admitRow(row, table, context, units.get(row.writer ?? '') ?? []),
      },
    ];
  });
}

function receiptOf({ pending, row, admission }: Waiting, result: SubmissionResult): RowReceipt {
  return {
    table_name: pending.tableName,
    row_id: pending.rowId,
    written_by: row.writtenBy,
    message_id: admission.head.messageId,
    ...outcomeOf(result),
  };
}
