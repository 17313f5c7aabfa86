import type { Knex } from 'knex';
import type { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { createCatalogSearch } from '../catalog/search.js';
import type { CatalogShelf } from '../catalog/shelf.js';
import type { ServiceMethods } from '../doors/service.js';
import type { Reference } from '../reference/load-reference.js';
import { compareMethods } from './scope-catalog/compare.js';
import { entryMethods } from './scope-catalog/entries.js';
import { holderMethods } from './scope-catalog/holders.js';
import { industryFacts } from './scope-catalog/industries.js';
import { itemMethods } from './scope-catalog/items.js';
import { publishMethods } from './scope-catalog/publish.js';
import { resolveMethods } from './scope-catalog/resolve.js';
import { versionMethods } from './scope-catalog/versions.js';

/** What the service rests on. */
export interface ScopeCatalogDeps {
  readonly knex: Knex;
  readonly shelf: CatalogShelf;
  /** The node's own code. */
  readonly node: string;
  readonly level: 'national' | 'provincial';
  /** Codes of the nodes that this one is configured with; at the national node the provinces. */
  readonly provinces: readonly string[];
  readonly reference: Pick<Reference, 'industries' | 'freeTradeZones' | 'regions'>;
  /** Whether the copy may lack something that the national node has (F1). */
  readonly isStale: () => boolean;
  /** Today's civil date in Asia/Shanghai. */
  readonly today: () => string;
  /** The province extends the pilot beyond its zones (R21). Unset: it does not. */
  readonly pilotEverywhere?: boolean;
}

/**
 * The catalogue as everybody asks for it, from this node's own copy (R4, R7, R16, R23, R25). Builds
 * the search of today's catalogue at once (some 200 ms), so that the first caller does not wait.
 */
export function createScopeCatalog(deps: ScopeCatalogDeps): ServiceMethods<typeof ScopeCatalog> {
  const search = createCatalogSearch(industryFacts(deps.reference.industries));
  const view = deps.shelf.current().on(deps.today());
  if (view) search(view).prepare();
  return {
    ...entryMethods(deps, search),
    ...itemMethods(deps),
    ...resolveMethods(deps),
    ...versionMethods(deps),
    ...compareMethods(deps),
    ...holderMethods(deps),
    ...publishMethods(deps),
  };
}
