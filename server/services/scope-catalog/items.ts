import { SetLevel } from '#gen/zhengzhao/v1/catalog_pb.js';
import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import type { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { notFound } from '../../domain/errors.js';
import type { ServiceMethods } from '../../doors/service.js';
import { PAGE_SIZES } from '../page-sizes.js';
import { pageSizeOf } from '../page-token.js';
import type { ScopeCatalogDeps } from '../scope-catalog.js';
import { pageByCode } from './code-page.js';
import { viewOn } from './view-on.js';

type ItemMethods = Pick<ServiceMethods<typeof ScopeCatalog>, 'listPermitItems' | 'getPermitItem'>;

/** ListPermitItems and GetPermitItem (R3, R6). */
export function itemMethods(deps: ScopeCatalogDeps): ItemMethods {
  return {
    async listPermitItems(request) {
      const { onDate, reformMode, setLevel } = request;
      const view = viewOn(deps, onDate);
      const chosen = view.items.filter(
        (item) =>
          (reformMode === ReformMode.UNSPECIFIED || item.reformMode === reformMode) &&
          (setLevel === SetLevel.UNSPECIFIED || item.setLevel === setLevel),
      );
      const page = pageByCode(chosen, (item) => item.permitItemCode, {
        list: ['items', onDate, reformMode, setLevel],
        token: request.pageToken,
        size: pageSizeOf(request.pageSize, PAGE_SIZES.ListPermitItems),
      });
      return {
        items: [...page.rows],
        nextPageToken: page.nextPageToken,
        catalogVersion: view.version,
        stale: deps.isStale(),
      };
    },

    async getPermitItem({ permitItemCode, onDate }) {
      const view = viewOn(deps, onDate);
      const item = view.item(permitItemCode);
      if (!item) throw notFound('该许可事项', 'permit item');
      return {
        item,
        entries: item.scopeEntryCodes.flatMap((code) => view.entry(code) ?? []),
        catalogVersion: view.version,
        stale: deps.isStale(),
      };
    },
  };
}
