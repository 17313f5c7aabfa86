import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafHash, MerkleTree, rootOfPath } from '../../server/domain/proof/merkle.js';
import { hashSha256 } from '../../server/signing/sm2.js';

/** The definition of RFC 9162, 2.1.1, word by word. */
function rootByDefinition(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leafHash(hashSha256, leaves[0]!);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)].map(rootByDefinition);
  return hashSha256(Buffer.concat([Uint8Array.of(1), left!, right!]));
}

const leavesOf = fc.array(fc.uint8Array({ maxLength: 5 }), { minLength: 1, maxLength: 70 });

describe('the tree over receipts', () => {
  it('has the root that RFC 9162 defines, and every leaf leads to it', () => {
    fc.assert(
      fc.property(leavesOf, (leaves) => {
        const hashes = leaves.map((leaf) => leafHash(hashSha256, leaf));
        const tree = new MerkleTree(hashSha256, hashes);
        expect(tree.root).toEqual(rootByDefinition(leaves));
        for (const [index, leaf] of hashes.entries()) {
          const place = { index, count: hashes.length };
          expect(rootOfPath(hashSha256, leaf, place, tree.pathOf(index))).toEqual(tree.root);
        }
      }),
    );
  });

  it('leads nowhere near from another place, by another path or for another leaf', () => {
    fc.assert(
      fc.property(leavesOf, fc.nat(), fc.nat(), fc.nat(), (leaves, at, other, bit) => {
        const hashes = leaves.map((leaf, index) =>
          leafHash(hashSha256, Buffer.concat([Buffer.from(`${index}:`), leaf])),
        );
        const tree = new MerkleTree(hashSha256, hashes);
        const [index, count] = [at % hashes.length, hashes.length];
        const path = tree.pathOf(index);
        const from = (leaf: Uint8Array, place = index, way: readonly Uint8Array[] = path) =>
          rootOfPath(hashSha256, leaf, { index: place, count }, way);
        const elsewhere = other % count;
        if (elsewhere !== index) expect(from(hashes[index]!, elsewhere)).not.toEqual(tree.root);
        expect(from(hashes[index]!, count)).toBeUndefined();
        expect(from(hashes[index]!, index, [...path, tree.root])).not.toEqual(tree.root);
        const changed = Uint8Array.from(hashes[index]!);
        changed[bit % 32]! ^= 1;
        expect(from(changed)).not.toEqual(tree.root);
        if (path.length > 0)
          expect(from(hashes[index]!, index, path.slice(1))).not.toEqual(tree.root);
      }),
    );
  });
});
