import type { AuditKind } from '#gen/zhengzhao/v1/audit_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { entriesHash, entryHash, type AuditEntry } from '../domain/audit/entry.js';
import { HubError } from '../domain/errors.js';
import { Columns } from './columns.js';
import { query, queryPrepared, type Db } from './database.js';
import { isOutage } from './outage.js';
import { isCollision } from './sql-state.js';

/**
 * Adds entries to the audit as one link of the chain, in the transaction of what they record. To be
 * the last statement of it: from here to the commit, others who add a link wait. The database
 * computes the hash, because only it knows the link before once the lock is held.
 *
 * Throws UNAVAILABLE when the audit can't be written, so that nothing happens unrecorded.
 */
export async function appendAudit(
  trx: Db,
  node: string,
  entries: readonly AuditEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  try {
    await insertLink(trx, node, entries);
  } catch (error) {
    if (isOutage(error) || isCollision(error)) throw error;
    throw new HubError(
      ErrorReason.UNAVAILABLE,
      {
        zh: '审计记录无法写入,操作未执行,请稍后重试。',
        en: 'The audit can not be written, so nothing was done; try again later.',
      },
      { retryAfterMs: 5_000, cause: error },
    );
  }
}

async function insertLink(trx: Db, node: string, entries: readonly AuditEntry[]): Promise<void> {
  const leaves = Buffer.concat(entries.map(entryHash));
  const atMs = Date.now();
  const column = new Columns(entries);
  await queryPrepared(
    trx,
    'append audit link',
    `with head as (
       update audit_head
          set seq = seq + 1, previous = hash,
              hash = sha256(convert_to(concat(
                'zhengzhao-audit-link/1', chr(10), 'node=', ?::text, chr(10), 'link=', seq + 1, chr(10),
                'at=', ?::text, chr(10), 'entries=', ?::text, chr(10),
                'previous=', encode(hash, 'hex'), chr(10)), 'UTF8'))
       returning seq, previous, hash),
     link as (
       insert into audit_links (seq, at_ms, leaves, entries_hash, previous, hash)
       select seq, ?::bigint, ?::bytea, ?::bytea, previous, hash from head)
     insert into audit_entries (link, position, kind, at_ms, actor, action, message_id, source_node,
            digest, subject, rules, outcome)
     select head.seq, x.*
       from head, unnest(?::int[], ?::smallint[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::text[],
                         ?::bytea[], ?::text[], ?::text[], ?::text[]) as x`,
    [
      node,
      String(atMs),
      entriesHash(leaves).toString('hex'),
      atMs,
      leaves,
      entriesHash(leaves),
      column.int4((_, index) => index + 1),
      column.int2((e) => e.kind),
      column.int8((e) => e.atMs),
      column.text((e) => e.actor),
      column.text((e) => e.action),
      column.text((e) => e.messageId),
      column.text((e) => e.sourceNode),
      column.bytea((e) => e.digest),
      column.text((e) => e.subject),
      column.text((e) => e.rules.join(' ')),
      column.text((e) => e.outcome),
    ],
  );
}

/** Where the chain ends; link 0 and no hash when there is none yet. */
export interface AuditHead {
  readonly link: number;
  readonly hash: Buffer;
}

/** The head of the node's chain; undefined when somebody removed it. */
export async function auditHead(db: Db): Promise<AuditHead | undefined> {
  const { rows } = await query<AuditHead>(db, 'select seq as link, hash from audit_head');
  return rows[0];
}

/** A link as stored. */
export interface StoredLink {
  readonly link: number;
  readonly atMs: number;
  readonly leaves: Buffer;
  readonly entriesHash: Buffer;
  readonly previous: Buffer;
  readonly hash: Buffer;
}

/** Links after a number and up to another, in order. */
export async function linksBetween(
  db: Db,
  after: number,
  last: number,
  limit: number,
): Promise<StoredLink[]> {
  const { rows } = await query<StoredLink>(
    db,
    `select seq as link, at_ms as "atMs", leaves, entries_hash as "entriesHash", previous, hash
       from audit_links where seq > ? and seq <= ? order by seq limit ?`,
    [after, last, limit],
  );
  return rows;
}

/** The hash of a link; undefined when there is no such link. */
export async function hashOfLink(db: Db, link: number): Promise<Buffer | undefined> {
  const { rows } = await query<{ hash: Buffer }>(db, 'select hash from audit_links where seq = ?', [
    link,
  ]);
  return rows[0]?.hash;
}

/** An entry as stored, with its place. */
export type StoredEntry = AuditEntry & { readonly link: number; readonly position: number };

type EntryRow = Omit<StoredEntry, 'rules'> & { readonly rules: string };

const COLUMNS = `link, position, kind, at_ms as "atMs", actor, action, message_id as "messageId",
  source_node as "sourceNode", digest, subject, rules, outcome`;

function fromRow(row: EntryRow): StoredEntry {
  return { ...row, rules: row.rules === '' ? [] : row.rules.split(' ') };
}

/** Every entry of the links of a range, both included, in order. */
export async function entriesOf(db: Db, first: number, last: number): Promise<StoredEntry[]> {
  const { rows } = await query<EntryRow>(
    db,
    `select ${COLUMNS} from audit_entries where link between ? and ? order by link, position`,
    [first, last],
  );
  return rows.map(fromRow);
}

/** Links and entries before the first link or behind the last one, as far as `limit`. */
export async function rowsOutside(
  db: Db,
  last: number,
  limit: number,
): Promise<{ readonly link: number; readonly position?: number }[]> {
  const { rows } = await query<{ link: number; position: number | null }>(
    db,
    `select seq as link, null::int as position from audit_links where seq < 1 or seq > ?
      union all
     select link, position from audit_entries where link < 1 or link > ? limit ?`,
    [last, last, limit],
  );
  return rows.map(({ link, position }) => (position === null ? { link } : { link, position }));
}

/** Which entries to list; empty, 0 or undefined means any. */
export interface EntryFilter {
  readonly messageId: string;
  readonly actor: string;
  readonly kind: AuditKind;
  readonly fromMs: number | undefined;
  readonly untilMs: number | undefined;
}

/** Entries after a place in the chain, in order. */
export async function listEntries(
  db: Db,
  filter: EntryFilter,
  after: { readonly link: number; readonly position: number },
  limit: number,
): Promise<StoredEntry[]> {
  const conditions: readonly [boolean, string, string | number | undefined][] = [
    [filter.messageId !== '', 'message_id = ?', filter.messageId],
    [filter.actor !== '', 'actor = ?', filter.actor],
    [filter.kind !== 0, 'kind = ?', filter.kind],
    [filter.fromMs !== undefined, 'at_ms >= ?', filter.fromMs],
    [filter.untilMs !== undefined, 'at_ms < ?', filter.untilMs],
  ];
  const used = conditions.filter(([wanted]) => wanted);
  const { rows } = await query<EntryRow>(
    db,
    `select ${COLUMNS} from audit_entries
      where (link, position) > (?, ?) ${used.map(([, sql]) => `and ${sql}`).join(' ')}
      order by link, position limit ?`,
    [after.link, after.position, ...used.map(([, , value]) => value), limit],
  );
  return rows.map(fromRow);
}
