import { entriesHash, entryHash, linkHash } from '../domain/audit/entry.js';
import { grouped } from '../domain/grouped.js';
import {
  auditHead,
  entriesOf,
  linksBetween,
  rowsOutside,
  type AuditHead,
  type StoredEntry,
  type StoredLink,
} from '../storage/audit.js';
import type { Db } from '../storage/database.js';

/** A row that is not what was written, by its place. */
export interface Fault {
  readonly link: number;
  /** Undefined: the link itself, or the head. */
  readonly position?: number;
  readonly what: 'missing' | 'changed' | 'inserted' | 'head-missing' | 'head-changed';
}

/** What a walk along the whole chain found. */
export interface Verdict {
  readonly links: number;
  readonly entries: number;
  /** Where the chain ends, to be compared with what the national node saw. */
  readonly head: { readonly link: number; readonly hash: Uint8Array };
  /** In order, at most a hundred; empty when every row is what was written. */
  readonly faults: readonly Fault[];
}

const LINKS = 200;
const MOST_FAULTS = 100;
const HASH_BYTES = 32;

/**
 * Walks the chain from its beginning and recomputes every hash. Names each link and entry that was
 * changed, removed or inserted. In one snapshot, so that the node may go on meanwhile. What it can't
 * see is a chain that was written anew from some place to its end: for that the national node keeps
 * the heads.
 */
export async function verifyChain(db: Db, node: string): Promise<Verdict> {
  return db.transaction(
    async (trx) => {
      const head = await auditHead(trx);
      const end = head?.link ?? 0;
      const walk = new Walk(node);
      for (;;) {
        const links = await linksBetween(trx, walk.last.link, end, LINKS);
        const [first, final] = [links[0], links.at(-1)];
        if (!first || !final) break;
        walk.take(links, await entriesOf(trx, walk.last.link + 1, final.link));
      }
      walk.end(head);
      walk.outside(await rowsOutside(trx, end, MOST_FAULTS));
      return walk.verdict;
    },
    { isolationLevel: 'repeatable read', readOnly: true },
  );
}

/** One walk, link after link. */
class Walk {
  /** The link passed last: its hash as stored and as computed, which differ when it was changed. */
  last: { link: number; stored: Uint8Array; computed: Uint8Array } = {
    link: 0,
    stored: new Uint8Array(),
    computed: new Uint8Array(),
  };
  readonly #faults: Fault[] = [];
  #links = 0;
  #entries = 0;

  constructor(private readonly node: string) {}

  get verdict(): Verdict {
    const faults = this.#faults.toSorted(
      (a, b) => a.link - b.link || (a.position ?? 0) - (b.position ?? 0),
    );
    const head = { link: this.last.link, hash: this.last.stored };
    return { links: this.#links, entries: this.#entries, head, faults };
  }

  take(links: readonly StoredLink[], entries: readonly StoredEntry[]): void {
    const byLink = grouped(entries.map((entry) => [entry.link, entry]));
    this.#entries += entries.length;
    for (const link of links) {
      const follows = link.link === this.last.link + 1;
      this.#missing(this.last.link + 1, link.link);
      this.#link(link, follows);
      this.#entriesOf(link, byLink.get(link.link) ?? []);
    }
  }

  /** The head tells how far the chain went: what is not there up to it was removed. */
  end(head: AuditHead | undefined): void {
    const { link, stored } = this.last;
    if (!head) this.#fault({ link, what: 'head-missing' });
    else if (head.link > link) this.#missing(link + 1, head.link + 1);
    else if (!head.hash.equals(stored)) this.#fault({ link, what: 'head-changed' });
  }

  /** Rows before the first link or behind the head: the chain never wrote them. */
  outside(rows: readonly Pick<Fault, 'link' | 'position'>[]): void {
    for (const row of rows) this.#fault({ ...row, what: 'inserted' });
  }

  #fault(fault: Fault): void {
    if (this.#faults.length < MOST_FAULTS) this.#faults.push(fault);
  }

  #missing(from: number, until: number): void {
    for (let link = from; link < until && this.#faults.length < MOST_FAULTS; link += 1)
      this.#fault({ link, what: 'missing' });
  }

  #link(link: StoredLink, follows: boolean): void {
    const computed = linkHash({ ...link, node: this.node });
    const intact = computed.equals(link.hash) && entriesHash(link.leaves).equals(link.entriesHash);
    // After one that was changed itself, either of its hashes may be the one that was followed.
    const { stored, computed: before } = this.last;
    const led = !follows || [stored, before].some((hash) => link.previous.equals(hash));
    if (!intact || !led) this.#fault({ link: link.link, what: 'changed' });
    this.#links += 1;
    this.last = { link: link.link, stored: link.hash, computed };
  }

  #entriesOf({ link, leaves }: StoredLink, entries: readonly StoredEntry[]): void {
    const count = Math.floor(leaves.length / HASH_BYTES);
    const held = new Map(entries.map((entry) => [entry.position, entry]));
    for (let position = 1; position <= count; position += 1) {
      const entry = held.get(position);
      const leaf = leaves.subarray((position - 1) * HASH_BYTES, position * HASH_BYTES);
      if (!entry) this.#fault({ link, position, what: 'missing' });
      else if (!entryHash(entry).equals(leaf)) this.#fault({ link, position, what: 'changed' });
    }
    for (const { position } of entries)
      if (position < 1 || position > count) this.#fault({ link, position, what: 'inserted' });
  }
}
