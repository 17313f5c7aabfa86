import { timestampFromMs, timestampMs, type Timestamp } from '@bufbuild/protobuf/wkt';
import { z } from 'zod';
import type { WitnessAuditChainRequest } from '#gen/zhengzhao/v1/audit_pb.js';
import type { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../../domain/errors.js';
import type { ServiceMethods } from '../../doors/service.js';
import { HUB_NODES } from '../../reference/nodes.js';
import { listEntries, type StoredEntry } from '../../storage/audit.js';
import { hearOfRestoration } from '../../restoration/hearing.js';
import { restorationMessage, restorationOf } from '../../restoration/notice.js';
import { witnessChain, type Witnessed } from '../../storage/audit-witness.js';
import { lastRestoration } from '../../storage/restorations.js';
import type { DataCenterParts } from '../data-center.js';
import { PAGE_SIZES } from '../page-sizes.js';
import { pageSizeOf } from '../page-token.js';
import { cutPage, decodeKey } from './keyset-page.js';
import { RequestCheck } from '../request-check.js';

type AuditMethods = Pick<
  ServiceMethods<typeof DataCenter>,
  'listAuditEntries' | 'witnessAuditChain'
>;

const PLACE = z.tuple([z.number().int(), z.number().int()]);
/** Most links of one call. */
const LINKS_LIMIT = 5_000;

/** 审计: what was done here, and what this node saw of the provinces' chains. */
export function auditMethods(parts: DataCenterParts): AuditMethods {
  const { knex } = parts;
  return {
    async listAuditEntries(request) {
      const { messageId, actor, kind } = request;
      const filter = {
        messageId,
        actor,
        kind,
        fromMs: msOf(request.from),
        untilMs: msOf(request.until),
      };
      const list = ['audit', messageId, actor, kind, filter.fromMs ?? '', filter.untilMs ?? ''];
      const size = pageSizeOf(request.pageSize, PAGE_SIZES.ListAuditEntries);
      const [link, position] = decodeKey(list, request.pageToken, PLACE) ?? [0, 0];
      const rows = await listEntries(knex, filter, { link, position }, size + 1);
      const page = cutPage(rows, size, list, (row) => [row.link, row.position]);
      return { entries: page.rows.map(toEntry), nextPageToken: page.nextPageToken };
    },

    async witnessAuditChain(request) {
      requireProvince(request, parts);
      const restoration = restorationOf(request.restoration);
      const seen = await witnessChain(knex, {
        node: request.node,
        after: Number(request.after),
        afterHash: request.afterHash,
        links: request.links.map(({ atMs, entriesHash }) => ({ atMs: Number(atMs), entriesHash })),
        restoration,
      });
      note(request.node, seen, parts);
      if (restoration) await hearOfRestoration(parts, request.node, restoration);
      const own = await lastRestoration(knex);
      const { head, broken } = seen;
      return {
        link: BigInt(head.link),
        hash: head.hash,
        broken,
        ...(own && { restoration: restorationMessage(own) }),
      };
    },
  };
}

/** Says in the log what happened to a province's chain. */
function note(
  from: string,
  { head, newlyBroken, newlyRestored }: Witnessed,
  parts: DataCenterParts,
) {
  if (newlyBroken)
    parts.log.error(
      { from, link: head.link },
      '省级审计链断裂 / the audit chain of a province does not lead on from what was seen',
    );
  if (newlyRestored)
    parts.log.warn(
      { from, link: head.link, ...newlyRestored },
      '省级节点由备份恢复 / a province goes on from a backup; links after it that were seen are lost',
    );
}

function msOf(timestamp: Timestamp | undefined): number | undefined {
  return timestamp && timestampMs(timestamp);
}

function toEntry({ atMs, link, rules, digest, ...entry }: StoredEntry) {
  return {
    ...entry,
    link: BigInt(link),
    at: timestampFromMs(atMs),
    rules: [...rules],
    digest: Buffer.from(digest).toString('hex'),
  };
}

/** Provinces show their chains to the national node; nobody else keeps any. */
function requireProvince(request: WitnessAuditChainRequest, { level }: DataCenterParts): void {
  if (level !== 'national')
    throw new HubError(ErrorReason.WRONG_LEVEL, {
      zh: '审计链由总局节点见证。',
      en: 'The national node witnesses audit chains.',
    });
  if (!HUB_NODES.some(({ code, level }) => code === request.node && level === 'PROVINCIAL'))
    throw new HubError(ErrorReason.WRONG_NODE, {
      zh: '报告节点不是省级节点。',
      en: 'The reporting node is no province.',
    });
  const check = new RequestCheck();
  if (request.links.length > LINKS_LIMIT)
    check.add('links', 'TOO_MANY', {
      zh: `每次最多 ${LINKS_LIMIT} 个链节。`,
      en: `At most ${LINKS_LIMIT} links at a time.`,
    });
  check.pass();
}
