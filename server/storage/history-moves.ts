import type { Knex } from 'knex';
import type { Month } from '../domain/history/months.js';
import { leftStatuses } from '../domain/registration/package-state.js';
import { query, type Db } from './database.js';
import { nodeLock } from './node-locks.js';

/** Histories that rows move into by themselves; the steps of a package go with it. */
export type MovedTable = 'deliveries' | 'refusals' | 'packages';

/** The next rows of a hot table, in the order in which they were made. */
export interface MoveWindow {
  /** Place of the last of them; that before the first when there is none. */
  readonly last: number;
  readonly rows: number;
  /** Whether any of them is so old that it may have to move. */
  readonly old: boolean;
  /** Months of those that have to move. */
  readonly months: readonly Month[];
}

/** Rows after a place and up to another that were settled before the cutoff, in these months. */
export interface MoveChoice {
  readonly after: number;
  readonly last: number;
  readonly cutoff: Date;
  readonly months: readonly Month[];
}

const monthOf = (instant: string): string =>
  `to_char(${instant} at time zone 'Asia/Shanghai', 'YYYY-MM')`;

const ENDED_AT = `(select max(s.at) from package_steps s where s.package_id = p.package_id)`;
/** Still to leave, or a dead letter that a person may send again. */
const DISPATCHING = `exists (select 1 from package_dispatches d
                              where d.package_id = p.package_id and d.state in (1, 3))`;

/** What the rows of a table are told by: `place`, `born`, `ended`, and whether they are done with. */
const TOLD: Readonly<Record<MovedTable, string>> = {
  deliveries: `select id as place, created_at as born, settled_at as ended, state in (2, 4) as done
                 from deliveries where id > ? order by id limit ?`,
  refusals: `select id as place, at as born, at as ended, true as done
               from refusals where id > ? order by id limit ?`,
  packages: `select p.seq as place, p.created_at as born, ${ENDED_AT} as ended,
                    p.status in (${leftStatuses.join(', ')}) and not ${DISPATCHING} as done
               from packages p where p.seq > ? order by p.seq limit ?`,
};

/**
 * Looks at the next rows. They are read in the order of their numbers, which is that of time, so that
 * no index over times has to be kept on a table that every accept writes.
 */
export async function nextWindow(
  db: Db,
  table: MovedTable,
  after: number,
  { cutoff, limit }: { readonly cutoff: Date; readonly limit: number },
): Promise<MoveWindow> {
  const { rows } = await query<MoveWindow>(
    db,
    `select coalesce(max(place), ?) as last, count(*) as rows,
            coalesce(min(born) < ?::timestamptz, false) as old,
            coalesce(array_agg(distinct ${monthOf('ended')})
                       filter (where done and ended < ?::timestamptz), '{}') as months
       from (${TOLD[table]}) as told`,
    [after, cutoff, cutoff, after, limit],
  );
  const [window] = rows;
  return window ?? { last: after, rows: 0, old: false, months: [] };
}

/** Turns of moving and of bringing back: one who brings back waits until a batch is done. */
const TURNS = nodeLock('moving');

/**
 * Moves rows into their history, in a transaction of its own: one that is killed moved nothing. What
 * somebody else has locked stays until another day. Returns how many rows moved.
 */
export function moveRows(knex: Knex, table: MovedTable, choice: MoveChoice): Promise<number> {
  return knex.transaction(async (trx) => {
    await query(trx, `select pg_advisory_xact_lock(${TURNS})`);
    return MOVES[table](trx, choice);
  });
}

const MOVES: Readonly<
  Record<MovedTable, (trx: Knex.Transaction, choice: MoveChoice) => Promise<number>>
> = { deliveries: moveDeliveries, refusals: moveRefusals, packages: movePackages };

async function moveDeliveries(trx: Knex.Transaction, choice: MoveChoice): Promise<number> {
  const { after, last, cutoff, months } = choice;
  // One that is opened again at the same moment is looked at once more when its lock is free.
  const { rowCount } = await query(
    trx,
    `with chosen as (
       select id from deliveries
        where id > ? and id <= ? and state in (2, 4) and settled_at < ?::timestamptz
          and ${monthOf('settled_at')} = any(?::text[])
          for update skip locked),
     moved as (delete from deliveries d using chosen where d.id = chosen.id returning d.*)
     insert into deliveries_history select * from moved`,
    [after, last, cutoff, months],
  );
  return rowCount;
}

async function moveRefusals(trx: Knex.Transaction, choice: MoveChoice): Promise<number> {
  const { after, last, cutoff, months } = choice;
  const { rowCount } = await query(
    trx,
    `with moved as (
       delete from refusals where id in (
         select id from refusals
          where id > ? and id <= ? and at < ?::timestamptz and ${monthOf('at')} = any(?::text[])
            for update skip locked)
       returning *)
     insert into refusals_history select * from moved`,
    [after, last, cutoff, months],
  );
  return rowCount;
}

/**
 * Packages are locked first: whoever writes a step has locked its package, so that the statement which
 * moves them sees every step there is.
 */
async function movePackages(trx: Knex.Transaction, choice: MoveChoice): Promise<number> {
  const { after, last, cutoff, months } = choice;
  const { rows: locked } = await query<{ seq: number }>(
    trx,
    `select seq from packages
      where seq > ? and seq <= ? and created_at < ?::timestamptz
        and status in (${leftStatuses.join(', ')}) for update skip locked`,
    [after, last, cutoff],
  );
  const { rowCount } = await query(
    trx,
    `with chosen as (
       select * from (
         select p.seq, p.package_id, ${ENDED_AT} as ended_at from packages p
          where p.seq = any(?::bigint[]) and not ${DISPATCHING}) as p
        where ended_at < ?::timestamptz and ${monthOf('ended_at')} = any(?::text[])),
     steps as (
       delete from package_steps s using chosen where s.package_id = chosen.package_id
       returning chosen.ended_at, s.*),
     moved_steps as (insert into package_steps_history select * from steps),
     moved as (
       delete from packages p using chosen where p.seq = chosen.seq
       returning chosen.ended_at, p.*)
     insert into packages_history select * from moved`,
    [locked.map(({ seq }) => seq), cutoff, months],
  );
  return rowCount;
}

/**
 * Takes deliveries out of their history again, as they are, so that the statement after this one opens
 * them like any other; `condition` is about `d`. Nothing moves until the transaction ends.
 */
export async function bringBackDeliveries(
  trx: Knex.Transaction,
  condition: string,
  values: readonly unknown[],
): Promise<void> {
  await query(trx, `select pg_advisory_xact_lock_shared(${TURNS})`);
  await query(
    trx,
    `with back as (delete from deliveries_history d where ${condition} returning d.*)
     insert into deliveries overriding system value select * from back`,
    values,
  );
}

/** Every column of packages and of their steps; their histories have one more, the time they ended. */
export const BROUGHT_BACK = {
  packages: [
    ...['seq', 'package_id', 'message_seq', 'uscc', 'dept_code', 'dept_name', 'channels', 'rules'],
    ...['status', 'record_count', 'sha256', 'content', 'platform_receipt_no', 'return_reason'],
    'created_at',
  ],
  package_steps: ['id', 'package_id', 'status', 'at', 'by', 'note'],
} as const;

const PACKAGE = BROUGHT_BACK.packages.join(', ');
const STEP = BROUGHT_BACK.package_steps.join(', ');
const STEP_OF_S = BROUGHT_BACK.package_steps.map((name) => `s.${name}`).join(', ');

/** Takes a package of a department out of its history again; nothing happens when it is not there. */
export async function bringBackPackage(db: Db, packageId: string, deptCode: string): Promise<void> {
  await query(
    db,
    `with back as (
       delete from packages_history where package_id = ? and dept_code = ? returning ${PACKAGE}),
     steps as (
       delete from package_steps_history s using back where s.package_id = back.package_id
       returning ${STEP_OF_S}),
     back_steps as (
       insert into package_steps (${STEP}) overriding system value select ${STEP} from steps)
     insert into packages (${PACKAGE}) overriding system value select ${PACKAGE} from back`,
    [packageId, deptCode],
  );
}
