import { linkHash } from '../domain/audit/entry.js';
import { query, type Db } from './database.js';
import type { Restoration } from './restorations.js';

/** Part of another node's chain, as it shows it. */
export interface ShownChain {
  readonly node: string;
  /** Number of the link that the links follow. */
  readonly after: number;
  /** Its hash by that node; empty when it has no such link. */
  readonly afterHash: Uint8Array;
  readonly links: readonly { readonly atMs: number; readonly entriesHash: Uint8Array }[];
  /** Its last restoration from a backup, as it says; undefined: none. */
  readonly restoration: Restoration | undefined;
}

/** What is known of a chain after it was shown. */
export interface Witnessed {
  readonly head: { readonly link: number; readonly hash: Uint8Array };
  readonly broken: boolean;
  /** The break was found just now. */
  readonly newlyBroken: boolean;
  /** The restoration was heard of just now; `lostTo`: last link seen that is lost there, 0 for none. */
  readonly newlyRestored: { readonly lostTo: number } | undefined;
}

interface WitnessRow {
  readonly seq: number;
  readonly hash: Buffer;
  readonly broken: boolean;
  readonly restoredAt: Date | null;
}

/**
 * Compares what a node shows of its chain with the head that was seen last, and moves on along the
 * links: each hash is computed here, so that the new head is one that really follows the old. What
 * does not start at the known head proves nothing and changes nothing. A break stays on record, and
 * the head stays where it was. A node that says that it was restored from a backup is held against the
 * newest head that its backup must still have; what was seen beyond it stays on record as lost.
 */
export async function witnessChain(db: Db, shown: ShownChain): Promise<Witnessed> {
  return db.transaction(async (trx) => {
    await query(trx, 'insert into audit_witness (node) values (?) on conflict do nothing', [
      shown.node,
    ]);
    const known = await lockKnown(trx, shown.node);
    const rewound = await heedRestoration(trx, shown, known);
    const { seq, hash, broken } = rewound?.row ?? known;
    const unchanged = {
      head: { link: seq, hash },
      broken,
      newlyBroken: false,
      newlyRestored: rewound && { lostTo: rewound.lostTo },
    };
    if (shown.after !== seq || broken || rewound) return unchanged;
    if (!hash.equals(shown.afterHash)) {
      await noteBreak(trx, shown.node, seq);
      return { ...unchanged, broken: true, newlyBroken: true };
    }
    const head = followLinks(shown, hash);
    if (head.link !== seq) await keepHead(trx, shown.node, head);
    await moveHead(trx, shown.node, head);
    return { ...unchanged, head };
  });
}

async function lockKnown(trx: Db, node: string): Promise<WitnessRow> {
  const { rows } = await query<WitnessRow>(
    trx,
    `select seq, hash, broken_at is not null as broken, restored_at as "restoredAt"
       from audit_witness where node = ? for update`,
    [node],
  );
  if (!rows[0]) throw new Error('The witness row that was just made is gone.');
  return rows[0];
}

/**
 * Takes note of a restoration that was not heard of yet. When it cut off links that were seen, the
 * witness goes back to the newest head before it: the chain has to lead on from there. Undefined when
 * nothing is new.
 */
async function heedRestoration(
  trx: Db,
  { node, restoration }: ShownChain,
  known: WitnessRow,
): Promise<{ readonly row: WitnessRow; readonly lostTo: number } | undefined> {
  if (!restoration || known.broken) return undefined;
  const { restoredAt, backupUntil, link } = restoration;
  if (known.restoredAt && known.restoredAt.getTime() >= restoredAt.getTime()) return undefined;
  const lost = link <= known.seq;
  const head = lost ? await goBackBefore(trx, node, link) : known;
  await query(
    trx,
    `update audit_witness
        set restored_at = ?, backup_until = ?, restored_link = ?, lost_link = ?, lost_hash = ?,
            seq = ?, hash = ?, seen_at = now()
      where node = ?`,
    [
      restoredAt.toISOString(),
      backupUntil?.toISOString() ?? null,
      link,
      lost ? known.seq : null,
      lost ? known.hash : null,
      head.seq,
      head.hash,
      node,
    ],
  );
  return { row: { ...known, ...head }, lostTo: lost ? known.seq : 0 };
}

/** The newest kept head before a link; later ones are of the part that is lost. */
async function goBackBefore(
  trx: Db,
  node: string,
  link: number,
): Promise<Pick<WitnessRow, 'seq' | 'hash'>> {
  await query(trx, 'delete from audit_witness_heads where node = ? and seq >= ?', [node, link]);
  const { rows } = await query<Pick<WitnessRow, 'seq' | 'hash'>>(
    trx,
    'select seq, hash from audit_witness_heads where node = ? order by seq desc limit 1',
    [node],
  );
  return rows[0] ?? { seq: 0, hash: Buffer.alloc(0) };
}

/** Heads kept of a node: of a week, at one a minute. */
const HEADS = 10_000;

async function keepHead(trx: Db, node: string, { link, hash }: Witnessed['head']): Promise<void> {
  await query(
    trx,
    `insert into audit_witness_heads (node, seq, hash) values (?, ?, ?) on conflict do nothing`,
    [node, link, hash],
  );
  await query(
    trx,
    `delete from audit_witness_heads where node = ? and seq <= (
       select seq from audit_witness_heads where node = ? order by seq desc offset ? limit 1)`,
    [node, node, HEADS],
  );
}

function followLinks({ node, after, links }: ShownChain, start: Uint8Array): Witnessed['head'] {
  let [link, hash] = [after, start];
  for (const { atMs, entriesHash } of links) {
    link += 1;
    hash = linkHash({ node, link, atMs, entriesHash, previous: hash });
  }
  return { link, hash };
}

async function noteBreak(db: Db, node: string, seq: number): Promise<void> {
  await query(db, 'update audit_witness set broken_at = now(), broken_seq = ? where node = ?', [
    seq,
    node,
  ]);
}

async function moveHead(db: Db, node: string, { link, hash }: Witnessed['head']): Promise<void> {
  await query(db, 'update audit_witness set seq = ?, hash = ?, seen_at = now() where node = ?', [
    link,
    hash,
    node,
  ]);
}

/** A chain of another node, as this node knows it. */
export interface WitnessedChain {
  readonly node: string;
  readonly link: number;
  readonly hash: Buffer;
  readonly seenAt: Date;
  readonly brokenAt: Date | null;
  readonly restoredAt: Date | null;
  readonly backupUntil: Date | null;
  readonly restoredLink: number | null;
  /** Last link seen before the restoration, which is lost there. */
  readonly lostLink: number | null;
  readonly lostHash: Buffer | null;
}

/** Every chain that was ever shown here, by node. */
export async function listWitnessed(db: Db): Promise<WitnessedChain[]> {
  const { rows } = await query<WitnessedChain>(
    db,
    `select node, seq as link, hash, seen_at as "seenAt", broken_at as "brokenAt",
            restored_at as "restoredAt", backup_until as "backupUntil",
            restored_link as "restoredLink", lost_link as "lostLink", lost_hash as "lostHash"
       from audit_witness order by node`,
  );
  return rows;
}
