/** A hash function, of whatever algorithm goes with the signature. */
export type Hash = (bytes: Uint8Array) => Uint8Array;

const LEAF = Uint8Array.of(0);
const INNER = Uint8Array.of(1);

/** Hash of a leaf (RFC 9162, 2.1.1). */
export function leafHash(hash: Hash, leaf: Uint8Array): Uint8Array {
  return hash(Buffer.concat([LEAF, leaf]));
}

function innerHash(hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array {
  return hash(Buffer.concat([INNER, left, right]));
}

/** A Merkle tree over leaf hashes: its root, and for each leaf the way up to it. */
export class MerkleTree {
  /** Levels from the leaves to the root; an odd one at the end of a level goes up unchanged. */
  readonly #levels: (readonly Uint8Array[])[];

  /** At least one leaf. */
  constructor(hash: Hash, leaves: readonly Uint8Array[]) {
    this.#levels = [leaves];
    for (let level = leaves; level.length > 1; this.#levels.push(level))
      level = parentsOf(hash, level);
  }

  get root(): Uint8Array {
    return this.#levels.at(-1)?.[0] ?? new Uint8Array();
  }

  /** Siblings from a leaf to the root, as an inclusion proof lists them (RFC 9162, 2.1.3.1). */
  pathOf(index: number): Uint8Array[] {
    return this.#levels.flatMap((level, height) => level[(index >> height) ^ 1] ?? []);
  }
}

function parentsOf(hash: Hash, level: readonly Uint8Array[]): Uint8Array[] {
  const parents: Uint8Array[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const [left, right] = [level[index], level[index + 1]];
    if (left) parents.push(right ? innerHash(hash, left, right) : left);
  }
  return parents;
}

/** Where a leaf stands in its tree. */
export interface Place {
  readonly index: number;
  readonly count: number;
}

/**
 * The root that a leaf and its path lead to (RFC 9162, 2.1.3.2); undefined when there can be no such
 * path in a tree of that size.
 */
export function rootOfPath(
  hash: Hash,
  leaf: Uint8Array,
  { index, count }: Place,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (!Number.isInteger(index) || index < 0 || index >= count) return undefined;
  let position = index;
  let last = count - 1;
  let root = leaf;
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (position % 2 === 1 || position === last) {
      root = innerHash(hash, sibling, root);
      // It went up unchanged for as long as it was an odd one at the end.
      while (position % 2 === 0) [position, last] = [position >> 1, last >> 1];
    } else root = innerHash(hash, root, sibling);
    [position, last] = [position >> 1, last >> 1];
  }
  return last === 0 ? root : undefined;
}
