/** Rows of a page: when a request leaves it open (0), and at most. */
export interface PageSizes {
  readonly preset: number;
  readonly max: number;
}

/** Pages of every list, by RPC. The contract states the same numbers at each `page_size`. */
export const PAGE_SIZES = {
  SearchScopeEntries: { preset: 20, max: 200 },
  ListScopeEntries: { preset: 100, max: 1_000 },
  ListPermitItems: { preset: 100, max: 1_000 },
  ListCatalogVersions: { preset: 50, max: 200 },
  ListReleaseHolders: { preset: 50, max: 200 },
  CompareReleases: { preset: 50, max: 200 },
  ListRegistrationEvents: { preset: 50, max: 200 },
  ListDeliveries: { preset: 100, max: 500 },
  SearchEnterprises: { preset: 20, max: 100 },
  ListSharedRegistrations: { preset: 100, max: 1_000 },
  ListPackages: { preset: 50, max: 200 },
  ListUnattributed: { preset: 50, max: 200 },
  Reconcile: { preset: 1_000, max: 20_000 },
  GetExchangeReport: { preset: 200, max: 1_000 },
  ListAuditEntries: { preset: 100, max: 500 },
} as const satisfies Readonly<Record<string, PageSizes>>;
