import type { ScopeEntry } from '#gen/zhengzhao/v1/catalog_pb.js';
import type { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import type { EntrySearch } from '../../catalog/search.js';
import { changesBetween, type EntryChanges } from '../../domain/catalog/catalog-diff.js';
import { CENTRAL_LAYER } from '../../domain/catalog/layer.js';
import type { LayeredView } from '../../domain/catalog/layered-view.js';
import type { CatalogView } from '../../domain/catalog/view.js';
import { notFound } from '../../domain/errors.js';
import { charLength } from '../../domain/identifiers/text.js';
import type { ServiceMethods } from '../../doors/service.js';
import { PAGE_SIZES } from '../page-sizes.js';
import { badPageToken, decodePageToken, encodePageToken, pageSizeOf } from '../page-token.js';
import type { ScopeCatalogDeps } from '../scope-catalog.js';
import { pageByCode } from './code-page.js';
import { invalidField, viewOn } from './view-on.js';

type EntryMethods = Pick<
  ServiceMethods<typeof ScopeCatalog>,
  'searchScopeEntries' | 'getScopeEntry' | 'listScopeEntries'
>;

const MAX_QUERY = 100;

/** SearchScopeEntries, GetScopeEntry and ListScopeEntries (R7). */
export function entryMethods(
  deps: ScopeCatalogDeps,
  searchOf: (view: CatalogView) => EntrySearch,
): EntryMethods {
  return {
    async searchScopeEntries(request) {
      const { query, category, industryCode, onDate } = request;
      if (charLength(query) > MAX_QUERY) throw queryTooLong();
      const view = viewOn(deps, onDate);
      const size = pageSizeOf(request.pageSize, PAGE_SIZES.SearchScopeEntries);
      // A rank only means something in the catalogue it was made from.
      const list = ['search', query, category, industryCode, view.version, view.localVersion];
      const offset = offsetOf(decodePageToken(list, request.pageToken));
      const answer = searchOf(view).find({ text: query, category, industryCode });
      const next = offset + size;
      return {
        matches: answer.page(offset, size).map(({ entry, score, matchedBy }) => ({
          entry,
          score,
          matchedBy,
          permitItemCodes: view.itemsOf(entry.scopeEntryCode).map((item) => item.permitItemCode),
        })),
        nextPageToken: next < answer.total ? encodePageToken(list, String(next)) : '',
        total: answer.total,
        catalogVersion: view.version,
        provisional: view.provisional,
        stale: deps.isStale(),
      };
    },

    async getScopeEntry({ scopeEntryCode, onDate }) {
      const view = viewOn(deps, onDate);
      const entry = view.entry(scopeEntryCode);
      if (!entry) throw notFound('该经营范围条目', 'scope entry');
      return {
        entry,
        items: [...view.itemsOf(scopeEntryCode)],
        catalogVersion: view.version,
        stale: deps.isStale(),
      };
    },

    async listScopeEntries(request) {
      const { onDate, changedSinceVersion } = request;
      const view = viewOn(deps, onDate);
      const { changed, removedCodes } = changesSince(deps, view, changedSinceVersion);
      const page = pageByCode(changed, codeOf, {
        list: ['entries', onDate, changedSinceVersion],
        token: request.pageToken,
        size: pageSizeOf(request.pageSize, PAGE_SIZES.ListScopeEntries),
      });
      return {
        entries: [...page.rows],
        nextPageToken: page.nextPageToken,
        catalogVersion: view.version,
        stale: deps.isStale(),
        removedCodes: page.isFirst ? [...removedCodes] : [],
      };
    },
  };
}

function changesSince(
  { shelf }: ScopeCatalogDeps,
  view: LayeredView,
  version: string,
): EntryChanges {
  if (version === '') return { changed: view.entries, removedCodes: [] };
  const before = shelf.current().release(CENTRAL_LAYER, version);
  if (!before) throw notFound(`目录版本 ${version}`, `catalogue release ${version}`);
  return changesBetween(before.entries, view.entries);
}

function codeOf(entry: ScopeEntry): string {
  return entry.scopeEntryCode;
}

function offsetOf(position: string): number {
  if (position === '') return 0;
  if (!/^\d{1,7}$/.test(position)) throw badPageToken();
  return Number(position);
}

function queryTooLong() {
  return invalidField('query', 'TOO_LONG', {
    zh: `检索词最多 ${MAX_QUERY} 个字符。`,
    en: `The query may have at most ${MAX_QUERY} characters.`,
  });
}
