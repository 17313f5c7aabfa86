import { equals } from '@bufbuild/protobuf';
import { ScopeEntrySchema, type ScopeEntry } from '#gen/zhengzhao/v1/catalog_pb.js';

/** What a reader that holds one state of the entries needs to reach another (R7, F2). */
export interface EntryChanges {
  /** Entries that are new or differ in any field, in the order of the later state. */
  readonly changed: readonly ScopeEntry[];
  /** Codes that are gone, in code order. */
  readonly removedCodes: readonly string[];
}

/** Compares two states of the entries, whole rows by code (R7). */
export function changesBetween(
  before: readonly ScopeEntry[],
  after: readonly ScopeEntry[],
): EntryChanges {
  const held = new Map(before.map((entry) => [entry.scopeEntryCode, entry]));
  const left = new Set(after.map((entry) => entry.scopeEntryCode));
  return {
    changed: after.filter((entry) => {
      const old = held.get(entry.scopeEntryCode);
      return !old || !equals(ScopeEntrySchema, old, entry);
    }),
    removedCodes: [...held.keys()].filter((code) => !left.has(code)).sort(),
  };
}
