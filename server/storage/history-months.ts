import type { Knex } from 'knex';
import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import { monthAfter, startOf, type Month } from '../domain/history/months.js';
import { query, type Db } from './database.js';
import { nodeLock } from './node-locks.js';

/**
 * Hot tables that have a history, `<name>_history`, with a partition for each month. Months are
 * detached in this order: a package never stands without its steps.
 */
export const HISTORIES = ['deliveries', 'refusals', 'packages', 'package_steps'] as const;

/** A hot table that has a history. */
export type History = (typeof HISTORIES)[number];

/** `detaching`: begun and interrupted. `detached`: its table is still there. `gone`: somebody took it away. */
export type MonthState = 'attached' | 'detaching' | 'detached' | 'gone';

/** A month of a history. */
export interface StoredMonth {
  readonly history: History;
  readonly month: Month;
  /** Table that holds it. */
  readonly table: string;
  readonly state: MonthState;
  /** As PostgreSQL last counted them; null: it has not yet. */
  readonly rows: number | null;
  /** With indexes. */
  readonly bytes: number;
  /** It is known to have been detached. */
  readonly noted: boolean;
}

/** Name of the table with a month of a history. */
export function tableOf(history: History, month: Month): string {
  return `${history}_history_${month.replace('-', '_')}`;
}

/** Every month of every history that is, or was, there; oldest first. */
export async function listMonths(db: Db): Promise<StoredMonth[]> {
  const { rows } = await query<StoredMonth>(
    db,
    `with own as (
       select history, c.oid, c.relname as "table", c.reltuples,
              replace(right(c.relname, 7), '_', '-') as month, i.inhdetachpending as pending
         from unnest(?::text[]) as history
         join pg_class c on c.relnamespace = current_schema()::regnamespace and c.relkind = 'r'
                        and c.relname ~ ('^' || history || '_history_[0-9]{4}_[0-9]{2}$')
         left join pg_inherits i on i.inhrelid = c.oid)
     select history, month, "table",
            case when pending then 'detaching' when not pending then 'attached'
                 else 'detached' end as state,
            case when reltuples >= 0 then reltuples::bigint end as rows,
            pg_total_relation_size(oid) as bytes,
            exists (select 1 from history_detachments d
                     where d.history = own.history and d.month = own.month) as noted
       from own
      union all
     select history, month, history || '_history_' || replace(month, '-', '_'), 'gone', 0, 0, true
       from history_detachments d
      where not exists (select 1 from own where own.history = d.history and own.month = d.month)
      order by month, history`,
    [HISTORIES],
  );
  return rows;
}

/** A hot table. */
export interface HotTable {
  readonly history: History;
  /** As PostgreSQL last counted them; null: it has not yet. */
  readonly rows: number | null;
  /** With indexes. */
  readonly bytes: number;
}

/** Size of the hot tables. */
export async function listHotTables(db: Db): Promise<HotTable[]> {
  const { rows } = await query<HotTable>(
    db,
    `select history, case when c.reltuples >= 0 then c.reltuples::bigint end as rows,
            pg_total_relation_size(c.oid) as bytes
       from unnest(?::text[]) with ordinality as x(history, place)
       join pg_class c on c.relnamespace = current_schema()::regnamespace and c.relname = history
      order by place`,
    [HISTORIES],
  );
  return rows;
}

/** For a lock of a history; who does not get it tries again on another day. */
const LOCK_TIMEOUT_MS = 5_000;

/**
 * Makes an empty month. It is made apart and then attached: made in place, it would keep everybody who
 * reads the history waiting, recalls in the accept path among them.
 */
export async function makeMonth(knex: Knex, history: History, month: Month): Promise<void> {
  const parent = `${history}_history`;
  const table = tableOf(history, month);
  const [from, until] = [startOf(month), startOf(monthAfter(month, 1))].map((at) =>
    at.toISOString(),
  );
  await knex.transaction(async (trx) => {
    await query(trx, `set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
    await query(trx, 'create table ?? (like ?? including constraints)', [table, parent]);
    await query(
      trx,
      `alter table ?? attach partition ?? for values from ('${from}') to ('${until}')`,
      [parent, table],
    );
  });
}

/** Detaches a month while others read and write; ends one that was interrupted. Not in a transaction. */
export async function detachMonth(
  knex: Knex,
  { history, table, state }: Pick<StoredMonth, 'history' | 'table' | 'state'>,
): Promise<void> {
  const how = state === 'detaching' ? 'finalize' : 'concurrently';
  await query(knex, `alter table ?? detach partition ?? ${how}`, [`${history}_history`, table]);
}

/** Notes that a month is detached, so that it is never made again. */
export async function noteDetached(
  db: Db,
  { history, month }: Pick<StoredMonth, 'history' | 'month'>,
): Promise<void> {
  await query(
    db,
    `insert into history_detachments (history, month, detached_at) values (?, ?, now())
     on conflict do nothing`,
    [history, month],
  );
}

/** Forgets that a month was detached: somebody attached it again. */
export async function forgetDetached(
  db: Db,
  { history, month }: Pick<StoredMonth, 'history' | 'month'>,
): Promise<void> {
  await query(db, 'delete from history_detachments where history = ? and month = ?', [
    history,
    month,
  ]);
}

/** End of the newest month of deliveries that was detached; null: none was. */
export async function deliveriesDetachedUntil(db: Db): Promise<Date | null> {
  const { rows } = await query<{ month: Month | null }>(
    db,
    `select max(month) as month from history_detachments where history = 'deliveries'`,
  );
  const month = rows[0]?.month ?? null;
  return month === null ? null : startOf(monthAfter(month, 1));
}

/** When this database got its histories; undefined: it has none. */
export async function historySince(db: Db): Promise<Date | undefined> {
  const { rows } = await query<{ at: Date }>(
    db,
    `select migration_time as at from migrations where name = '015-history'`,
  );
  return rows[0]?.at;
}

/**
 * Does something while no other process of the node tends the history; undefined when one does. The
 * lock dies with its connection, as with a killed process.
 */
export function whileTending<T>(knex: Knex, act: () => Promise<T>): Promise<T | undefined> {
  return knex.transaction(async (lock) => {
    const { rows } = await query<{ mine: boolean }>(
      lock,
      `select pg_try_advisory_xact_lock(${nodeLock('tending')}) as mine`,
    );
    if (rows[0]?.mine !== true) return undefined;
    // It is idle from here on, and may be.
    await query(lock, 'set local idle_in_transaction_session_timeout = 0');
    return act();
  });
}

/**
 * Keeps for good where records went by the deliveries of a month, so that they are still called back
 * from there (R55) and counted when its table is detached. The same again changes nothing.
 */
export async function keepReach(db: Db, table: string): Promise<void> {
  await query(
    db,
    `insert into record_reach (record_kind, owner_org, business_key, destination, reached, carried,
            withdrawn)
     select m.record_kind, m.owner_org, m.business_key, d.destination,
            bool_or(d.action = ${DeliveryAction.CARRY} and d.kind = m.record_kind and d.attempts > 0),
            max(d.id) filter (where d.action = ${DeliveryAction.CARRY} and d.state = 2),
            max(d.id) filter (where d.action = ${DeliveryAction.WITHDRAW} and d.state = 2)
       from ?? d join messages m on m.seq = d.message_seq
      where m.record_kind <> 0
      group by 1, 2, 3, 4
     on conflict (record_kind, owner_org, business_key, destination) do update
        set reached = record_reach.reached or excluded.reached,
            carried = greatest(record_reach.carried, excluded.carried),
            withdrawn = greatest(record_reach.withdrawn, excluded.withdrawn)`,
    [table],
  );
}

/** Has PostgreSQL count a table anew. */
export async function countAnew(db: Db, table: string): Promise<void> {
  await query(db, 'analyze ??', [table]);
}
