import type { CatalogVersion } from '#gen/zhengzhao/v1/catalog_pb.js';
import type { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { versionMessage } from '../../catalog/stored-form.js';
import { CENTRAL_LAYER } from '../../domain/catalog/layer.js';
import { notFound } from '../../domain/errors.js';
import type { ServiceMethods } from '../../doors/service.js';
import type { StoredVersion } from '../../storage/catalog-releases.js';
import { PAGE_SIZES } from '../page-sizes.js';
import {
  badPageToken,
  decodePageToken,
  encodePageToken,
  pageSizeOf,
  type ListIdentity,
} from '../page-token.js';
import type { ScopeCatalogDeps } from '../scope-catalog.js';

type VersionMethods = Pick<
  ServiceMethods<typeof ScopeCatalog>,
  'getCatalogVersion' | 'listCatalogVersions'
>;

/** GetCatalogVersion and ListCatalogVersions (R4, R23, F2). */
export function versionMethods(deps: ScopeCatalogDeps): VersionMethods {
  return {
    async getCatalogVersion(request) {
      const layer = request.layer === '' ? CENTRAL_LAYER : request.layer;
      const version = request.version === '' ? inForce(deps, layer) : request.version;
      const held = deps.shelf.versions().find((one) => isNamed(one, layer, version));
      if (!held) throw notFound('该目录版本', 'catalogue release');
      const catalogVersion = describeVersion(deps, held);
      const answer = { catalogVersion, stale: deps.isStale() };
      if (!request.includeRelease) return answer;
      const stored = await deps.shelf.release(layer, version);
      if (!stored) throw notFound('该目录版本', 'catalogue release');
      return { ...answer, release: stored.content };
    },

    async listCatalogVersions(request) {
      const size = pageSizeOf(request.pageSize, PAGE_SIZES.ListCatalogVersions);
      const list = ['versions', request.layer];
      const versions = deps.shelf
        .versions()
        .filter(({ layer }) => request.layer === '' || layer === request.layer);
      const start = startOf(versions, list, request.pageToken);
      const page = versions.slice(start, start + size);
      const last = page.at(-1);
      const more = last !== undefined && start + page.length < versions.length;
      return {
        catalogVersions: page.map((held) => describeVersion(deps, held)),
        nextPageToken: more ? encodePageToken(list, positionOf(last)) : '',
        stale: deps.isStale(),
      };
    },
  };
}

/** A release held, as the contract tells it; in force means today. */
export function describeVersion(
  deps: Pick<ScopeCatalogDeps, 'shelf' | 'today'>,
  held: StoredVersion,
): CatalogVersion {
  return versionMessage(held, held.version === inForce(deps, held.layer));
}

function inForce({ shelf, today }: Pick<ScopeCatalogDeps, 'shelf' | 'today'>, layer: string) {
  return shelf.current().inForce(layer, today())?.version ?? '';
}

function isNamed(held: StoredVersion, layer: string, version: string): boolean {
  return held.layer === layer && held.version === version;
}

/** Continues behind the release that ended the page before, wherever it stands by now. */
function startOf(versions: readonly StoredVersion[], list: ListIdentity, token: string): number {
  const position = decodePageToken(list, token);
  if (position === '') return 0;
  const index = versions.findIndex((held) => positionOf(held) === position);
  if (index < 0) throw badPageToken();
  return index + 1;
}

function positionOf(held: StoredVersion): string {
  return `${held.layer} ${held.version}`;
}
