import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type {
  HeldRelease,
  ReleaseHolderSchema,
  ScopeCatalog,
} from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { CENTRAL_LAYER } from '../../domain/catalog/layer.js';
import { HubError } from '../../domain/errors.js';
import type { ServiceMethods } from '../../doors/service.js';
import { HUB_NODES } from '../../reference/nodes.js';
import type { StoredVersion } from '../../storage/catalog-releases.js';
import {
  listHolders,
  storeHeld,
  type HeldVersion,
  type HolderRow,
} from '../../storage/release-holders.js';
import { RequestCheck } from '../request-check.js';
import { decodePageToken, encodePageToken, pageSizeOf } from '../page-token.js';
import { PAGE_SIZES } from '../page-sizes.js';
import type { ScopeCatalogDeps } from '../scope-catalog.js';

type HolderMethods = Pick<
  ServiceMethods<typeof ScopeCatalog>,
  'reportHeldReleases' | 'listReleaseHolders'
>;
type Holder = MessageInitShape<typeof ReleaseHolderSchema>;

/** Most releases of one report. */
const RELEASES_LIMIT = 1_000;
const LIST = ['release-holders'];
const MAX_MISSING = 20;
const MAX_VERSION = 100;

/** ReportHeldReleases and ListReleaseHolders: the national node sees how provinces follow (F2, R16). */
export function holderMethods(deps: ScopeCatalogDeps): HolderMethods {
  return {
    async reportHeldReleases({ node, releases }) {
      requireNational(deps);
      requireProvince(node);
      checkReleases(releases);
      await storeHeld(deps.knex, node, releases);
      return { behind: missingOf(centralVersions(deps), releases).length };
    },

    async listReleaseHolders(request) {
      const size = pageSizeOf(request.pageSize, PAGE_SIZES.ListReleaseHolders);
      const after = decodePageToken(LIST, request.pageToken);
      const reported = new Map((await listHolders(deps.knex)).map((one) => [one.node, one]));
      const nodes = (
        deps.level === 'national' ? [...new Set([...deps.provinces, ...reported.keys()])] : []
      )
        .filter((node) => node > after)
        .sort();
      const page = nodes.slice(0, size);
      const last = nodes.length > page.length ? page.at(-1) : undefined;
      const central = centralVersions(deps);
      return {
        latestVersion: central[0]?.version ?? '',
        holders: page.map((node) => holderOf(node, reported.get(node), central)),
        nextPageToken: last === undefined ? '' : encodePageToken(LIST, last),
      };
    },
  };
}

/** Central releases that this node holds, newest effective date first. */
function centralVersions({ shelf }: ScopeCatalogDeps): readonly StoredVersion[] {
  return shelf.versions().filter(({ layer }) => layer === CENTRAL_LAYER);
}

function missingOf(
  central: readonly StoredVersion[],
  held: readonly HeldVersion[],
): readonly StoredVersion[] {
  const known = new Map(held.map(({ version, digest }) => [version, digest]));
  return central.filter(
    ({ version, digest }) => known.get(version) !== Buffer.from(digest).toString('hex'),
  );
}

function holderOf(
  node: string,
  reported: HolderRow | undefined,
  central: readonly StoredVersion[],
): Holder {
  const nodeName = HUB_NODES.find(({ code }) => code === node)?.nameZh ?? '';
  if (!reported) return { node, nodeName, behind: -1 };
  const missing = missingOf(central, reported.held);
  const since = new Map(reported.held.map((one) => [one.version, one.since]));
  const latest = central.find((one) => !missing.includes(one))?.version ?? '';
  const latestSince = since.get(latest);
  const behindSince = earliest(missing);
  return {
    node,
    nodeName,
    latestVersion: latest,
    ...(latestSince && { latestHeldSince: timestampFromDate(latestSince) }),
    reportedAt: timestampFromDate(reported.reportedAt),
    behind: missing.length,
    missingVersions: missing.slice(0, MAX_MISSING).map(({ version }) => version),
    ...(behindSince && { behindSince: timestampFromDate(behindSince) }),
  };
}

function earliest(versions: readonly StoredVersion[]): Date | undefined {
  const [first] = versions.map(({ storedAt }) => storedAt).sort((a, b) => +a - +b);
  return first;
}

function requireNational({ level }: ScopeCatalogDeps): void {
  if (level === 'national') return;
  throw new HubError(ErrorReason.WRONG_LEVEL, {
    zh: '各省所持目录版本由总局节点掌握。',
    en: 'The national node keeps which releases the provinces hold.',
  });
}

function requireProvince(node: string): void {
  if (HUB_NODES.some(({ code, level }) => code === node && level === 'PROVINCIAL')) return;
  throw new HubError(ErrorReason.WRONG_NODE, {
    zh: '报告节点不是省级节点。',
    en: 'The reporting node is no province.',
  });
}

function checkReleases(releases: readonly HeldRelease[]): void {
  const check = new RequestCheck();
  if (releases.length > RELEASES_LIMIT)
    check.add('releases', 'TOO_MANY', {
      zh: `每次最多 ${RELEASES_LIMIT} 个版本。`,
      en: `At most ${RELEASES_LIMIT} releases at a time.`,
    });
  for (const [index, { version, digest }] of releases.slice(0, RELEASES_LIMIT).entries()) {
    check.text(version, `releases[${index}].version`, MAX_VERSION);
    if (!/^[0-9a-f]{64}$/.test(digest))
      check.add(`releases[${index}].digest`, 'DIGEST', {
        zh: '摘要应为 64 位小写十六进制。',
        en: 'A digest has 64 lower-case hexadecimal digits.',
      });
  }
  check.pass();
}
