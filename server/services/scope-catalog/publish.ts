import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { PublishCatalogRequest, ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { actorOf } from '../../audit/actor.js';
import { importRelease, type ImportedRelease } from '../../catalog/import.js';
import { canonicalRelease } from '../../domain/catalog/canonical-release.js';
import { CENTRAL_LAYER, isLayer } from '../../domain/catalog/layer.js';
import { countChanges, releaseChanges } from '../../domain/catalog/release-diff.js';
import { FindingList, messagePath } from '../../domain/catalog/release-findings.js';
import { HubError } from '../../domain/errors.js';
import type { ServiceMethods } from '../../doors/service.js';
import type { ScopeCatalogDeps } from '../scope-catalog.js';
import { describeVersion } from './versions.js';
import { invalidField } from './view-on.js';

type PublishMethods = Pick<ServiceMethods<typeof ScopeCatalog>, 'publishCatalog'>;

/** PublishCatalog: a release whole or not at all, with findings per row (R4, R6, R25). */
export function publishMethods(deps: ScopeCatalogDeps): PublishMethods {
  return {
    async publishCatalog(request, call) {
      const { release, findings, locate } = await readSource(request.source);
      if (!release) return refused(findings);
      requireOwnLayer(deps, release.layer);
      const publication = await deps.shelf.publish(
        { release, findings, locate, by: actorOf(call) },
        request.dryRun,
      );
      const { layer, version } = release;
      const held = deps.shelf
        .versions()
        .find((one) => publication.published && one.layer === layer && one.version === version);
      return {
        published: publication.published,
        catalogVersion: held ? describeVersion(deps, held) : publication.version,
        findings: [...publication.findings.findings],
        findingCount: publication.findings.count,
        replacesVersion: publication.replaces?.version ?? '',
        changeCounts: [
          ...countChanges(releaseChanges(publication.replaces, canonicalRelease(release))),
        ],
      };
    },
  };
}

async function readSource(source: PublishCatalogRequest['source']): Promise<ImportedRelease> {
  if (source.case === 'files') return importRelease(source.value.files);
  if (source.case === 'release') {
    return { release: source.value, findings: new FindingList(), locate: messagePath };
  }
  throw invalidField('source', 'REQUIRED', {
    zh: '请提供发布内容（release）或目录文件（files）。',
    en: 'Give either a release or files.',
  });
}

function refused(findings: FindingList) {
  return {
    published: false,
    findings: [...findings.findings],
    findingCount: findings.count,
  };
}

/**
 * The central layer only at the national node, a provincial one only at its own province (R25). A
 * layer that is none is left to the check, which says where it was written.
 */
function requireOwnLayer({ level, node }: ScopeCatalogDeps, layer: string): void {
  if (!isLayer(layer)) return;
  const own = level === 'national' ? layer === CENTRAL_LAYER : layer === node;
  if (own) return;
  throw new HubError(
    ErrorReason.WRONG_LEVEL,
    {
      zh: '总局目录只能在总局节点发布，省级目录只能在本省节点发布。',
      en: 'The central layer is published at the national node only, a provincial layer at its own province only.',
    },
    { metadata: { layer, node } },
  );
}
