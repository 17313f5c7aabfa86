import type { LicensingAuthority, PermitItem, ScopeEntry } from '#gen/zhengzhao/v1/catalog_pb.js';

/**
 * The catalogue as it stands for one node on one day: the central release in force, with the
 * node's own provincial layer on top (R25). Immutable.
 */
export interface CatalogView {
  /** Central release in force, as registrations state it (R23). */
  readonly version: string;
  /** True when a release in it is not the official list. */
  readonly provisional: boolean;
  /** All entries valid on the day, in code order. */
  readonly entries: readonly ScopeEntry[];
  /** All items valid on the day, in code order. Cancelled items stay in (R9). */
  readonly items: readonly PermitItem[];
  /** The entry of a code, if it is valid on the day. */
  entry(code: string): ScopeEntry | undefined;
  /** The item of a code, if it is valid on the day. */
  item(code: string): PermitItem | undefined;
  /** Items that an entry implies (R6); empty for an unknown code. */
  itemsOf(entryCode: string): readonly PermitItem[];
  /** Authorities of an item for a region: those of the nearest region that has any (VR15). */
  authoritiesOf(item: PermitItem, regionCode: string): readonly LicensingAuthority[];
}

/** Every release a node holds. Immutable; publishing makes a new one. */
export interface CatalogLibrary {
  /** The catalogue on a civil date. Undefined when no central release was in force yet. */
  on(date: string): CatalogView | undefined;
  /** Whether a central release of this version is held. */
  has(version: string): boolean;
}
