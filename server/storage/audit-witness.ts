import { linkHash } from '../domain/audit/entry.js';
import { query, type Db } from './database.js';

/** Part of another node's chain, as it shows it. */
export interface ShownChain {
  readonly node: string;
  /** Number of the link that the links follow. */
  readonly after: number;
  /** Its hash by that node; empty when it has no such link. */
  readonly afterHash: Uint8Array;
  readonly links: readonly { readonly atMs: number; readonly entriesHash: Uint8Array }[];
}

/** What is known of a chain after it was shown. */
export interface Witnessed {
  readonly head: { readonly link: number; readonly hash: Uint8Array };
  readonly broken: boolean;
  /** The break was found just now. */
  readonly newlyBroken: boolean;
}

interface WitnessRow {
  readonly seq: number;
  readonly hash: Buffer;
  readonly broken: boolean;
}

/**
 * Compares what a node shows of its chain with the head that was seen last, and moves on along the
 * links: each hash is computed here, so that the new head is one that really follows the old. What
 * does not start at the known head proves nothing and changes nothing. A break stays on record, and
 * the head stays where it was.
 */
export async function witnessChain(db: Db, shown: ShownChain): Promise<Witnessed> {
  return db.transaction(async (trx) => {
    await query(trx, 'insert into audit_witness (node) values (?) on conflict do nothing', [
      shown.node,
    ]);
    const { rows } = await query<WitnessRow>(
      trx,
      `select seq, hash, broken_at is not null as broken from audit_witness
        where node = ? for update`,
      [shown.node],
    );
    const known = rows[0];
    if (!known) throw new Error('The witness row that was just made is gone.');
    const { seq, hash, broken } = known;
    const unchanged = { head: { link: seq, hash }, broken, newlyBroken: false };
    if (shown.after !== seq || broken) return unchanged;
    if (!hash.equals(shown.afterHash)) {
      await noteBreak(trx, shown.node, seq);
      return { ...unchanged, broken: true, newlyBroken: true };
    }
    const head = followLinks(shown, hash);
    await moveHead(trx, shown.node, head);
    return { head, broken: false, newlyBroken: false };
  });
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
}

/** Every chain that was ever shown here, by node. */
export async function listWitnessed(db: Db): Promise<WitnessedChain[]> {
  const { rows } = await query<WitnessedChain>(
    db,
    `select node, seq as link, hash, seen_at as "seenAt", broken_at as "brokenAt"
       from audit_witness order by node`,
  );
  return rows;
}
