import { toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CatalogReleaseSchema } from '#gen/zhengzhao/v1/catalog_pb.js';
import { canonicalRelease } from '../../../server/domain/catalog/canonical-release.js';
import { changesBetween } from '../../../server/domain/catalog/catalog-diff.js';
import { authority, entry, item, release } from './builders.js';

const states = fc
  .uniqueArray(
    fc.record({ code: fc.constantFrom('A', 'B', 'C', 'D'), name: fc.constantFrom('甲', '乙') }),
    { selector: (row) => row.code },
  )
  .map((rows) => rows.map((row) => entry(row.code, { name: row.name })));

describe('changes since a version', () => {
  it('R7 applied to the state before, the changes give the state after, and nothing is sent in vain', () => {
    fc.assert(
      fc.property(states, states, (before, after) => {
        const { changed, removedCodes } = changesBetween(before, after);
        const result = new Map(before.map((one) => [one.scopeEntryCode, one.name]));
        for (const one of changed) {
          expect(result.get(one.scopeEntryCode)).not.toBe(one.name);
          result.set(one.scopeEntryCode, one.name);
        }
        for (const code of removedCodes) expect(result.delete(code)).toBe(true);
        expect(result).toEqual(new Map(after.map((one) => [one.scopeEntryCode, one.name])));
      }),
    );
  });
});

describe('the stored form of a release', () => {
  it('R4 is the same bytes for any order of the rows, and leaves the release given alone', () => {
    const bytes = (entryCodes: string[], itemCodes: string[], regions: string[]): Uint8Array => {
      const made = release({
        entries: entryCodes.map((code) => entry(code)),
        items: itemCodes.map((code) =>
          item(code, entryCodes, {
            licensingAuthorities: regions.map((region) => authority(region, 'D')),
          }),
        ),
      });
      const stored = toBinary(CatalogReleaseSchema, canonicalRelease(made));
      expect(made.entries.map((one) => one.scopeEntryCode)).toEqual(entryCodes);
      return stored;
    };
    const first = bytes(['E1', 'E2', 'E3'], ['I1', 'I2'], ['000000', '330000']);
    expect(bytes(['E3', 'E1', 'E2'], ['I2', 'I1'], ['330000', '000000'])).toEqual(first);
    expect(bytes(['E1', 'E2'], ['I1', 'I2'], ['000000', '330000'])).not.toEqual(first);
  });
});
