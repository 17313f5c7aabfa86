import { recordKeyText, type RecordKey } from '../domain/message.js';
import { BY_INDEX, queryPrepared, type Db } from './database.js';
import { textArray } from './columns.js';

/**
 * Advisory locks belong to the database, and several nodes may live in one: what a lock is called is
 * hashed together with the schema, which is the node's own, so that none waits for another node.
 * Names of different purposes never meet either.
 */
const numberOf = (name: string, purpose: number): string =>
  `hashtextextended(current_schema() || '/' || ${name}, ${purpose})`;

const ENTITY = 1;

/** What the whole node does one at a time, and the number that its lock goes by. */
const OF_NODE = { place: 13, moving: 15, tending: 16 } as const;

/** SQL of the number of a lock that is the whole node's. */
export function nodeLock(purpose: keyof typeof OF_NODE): string {
  return `hashtextextended(current_schema(), ${OF_NODE[purpose]})`;
}

/** What callers of one name take turns at. */
const PURPOSES = { lane: 2, dispatch: 4, receipts: 5 } as const;

/**
 * How long anything is waited for in a transaction that begins with one of these. Its connection is one
 * of few, and whoever holds a lock for longer has hung, or wants the node to.
 */
const PATIENCE = `set_config('lock_timeout', '30s', true)`;

/**
 * Waits until nobody else of this node holds the name, and holds it until the transaction ends. Fails
 * (55P03) when that takes more than 30 s.
 */
export async function takeTurn(
  trx: Db,
  purpose: keyof typeof PURPOSES,
  name: string,
): Promise<void> {
  const number = numberOf('?::text', PURPOSES[purpose]);
  await queryPrepared(
    trx,
    `turn ${purpose}`,
    `select ${PATIENCE}, pg_advisory_xact_lock(${number})`,
    [name],
  );
}

/** Name of a record's lock, with separators that PostgreSQL's text accepts. */
export function recordKeyName(key: RecordKey): string {
  return recordKeyText(key).replaceAll('\u0000', '\n');
}

/**
 * Takes the locks that make concurrent transactions take turns on one enterprise or record, in one
 * order for all, and holds them until the transaction ends. Other processes of the node do the same.
 * What is looked up afterwards goes by indexes. Fails (55P03) when that takes more than 30 s.
 * Names: credit codes, old numbers, and records as `recordKeyName` writes them.
 */
export async function lockNames(trx: Db, names: readonly string[]): Promise<void> {
  await queryPrepared(
    trx,
    'lock names',
    `select ${BY_INDEX}, ${PATIENCE}, count(pg_advisory_xact_lock(number)) from
       (select distinct ${numberOf('name', ENTITY)} as number
          from unnest(?::text[]) as x(name) order by 1) as numbers`,
    [textArray(names)],
  );
}
