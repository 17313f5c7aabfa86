/** Who issued a release: the national catalogue, or the local items of one province (R25). */
export type CatalogueLayer = 'CENTRAL' | `PROVINCE:${string}`;

/** 1 直接取消审批, 2 审批改为备案, 3 实行告知承诺, 4 优化审批服务 (R3). */
export type ReformModeDigit = 1 | 2 | 3 | 4;

/** `release.csv`: what the other tables of the directory are a release of. */
export interface ReleaseRow {
  /** At most 16 characters, as registrations quote it (catalog_version). */
  readonly version: string;
  readonly layer: CatalogueLayer;
  /** Civil date YYYY-MM-DD. */
  readonly effectiveFrom: string;
  readonly titleZh: string;
  readonly titleEn: string;
  /** True while the release is not the official list. */
  readonly provisional: boolean;
  readonly provenance: string;
}

/** `scope-entries.csv`: one standard expression of the business scope. */
export interface ScopeEntryRow {
  readonly scopeEntryCode: string;
  readonly name: string;
  readonly category: 'GENERAL' | 'PERMIT';
  readonly industryCodes: readonly string[];
  readonly keywords: readonly string[];
  readonly description: string;
  readonly includeNote: string;
  readonly excludeNote: string;
  /** Code of the wider expression; blank when it has none. */
  readonly parentCode: string;
  readonly effectiveFrom: string;
  /** Last day in force; blank while it is open. */
  readonly effectiveTo: string;
  readonly provisional: boolean;
  readonly provenance: string;
}

/** `permit-items.csv`: one permit item and how the pilot treats it (R3, D1). */
export interface PermitItemRow {
  readonly permitItemCode: string;
  readonly name: string;
  /** Number in the official list; blank where it is not known. */
  readonly listNo: string;
  readonly setLevel: 'CENTRAL' | 'LOCAL';
  /** 100000, or the province that issues a LOCAL item. */
  readonly ownerNode: string;
  readonly reformMode: ReformModeDigit;
  /** ASSUMED: no text states the mode of this item. */
  readonly reformModeBasis: 'STATED' | 'ASSUMED';
  /** Codes of the list public_interest_reason (R14); mostly unknown. */
  readonly publicInterestReasons: readonly string[];
  readonly competentDeptCode: string;
  readonly competentDeptName: string;
  readonly defaultAuthoritySystem: 'SAMR_HQ' | 'OTHER_CENTRAL' | 'PROVINCIAL_OR_BELOW';
  readonly licenceName: string;
  readonly legalBasis: readonly string[];
  readonly effectiveFrom: string;
  readonly effectiveTo: string;
  readonly provisional: boolean;
  readonly provenance: string;
}

/** `mapping.csv`: a permit item belongs to a scope entry (R6). */
export interface MappingRow {
  readonly permitItemCode: string;
  readonly scopeEntryCode: string;
  readonly provenance: string;
}

/** `authorities.csv`: who receives and licenses an item in a region and all districts under it. */
export interface AuthorityRow {
  readonly permitItemCode: string;
  /** GB/T 2260 code, or 000000 for the whole country. */
  readonly regionCode: string;
  readonly orgCode: string;
  readonly orgName: string;
  readonly level: 'NATIONAL' | 'PROVINCE' | 'CITY' | 'COUNTY';
  /** False when it only receives, e.g. because the approval was abolished (R9). */
  readonly decides: boolean;
}

/** The five tables of one release, in file order. */
export interface CatalogueTables {
  readonly release: ReleaseRow;
  readonly scopeEntries: readonly ScopeEntryRow[];
  readonly permitItems: readonly PermitItemRow[];
  readonly mapping: readonly MappingRow[];
  readonly authorities: readonly AuthorityRow[];
}
