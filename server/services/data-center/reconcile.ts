import { z } from 'zod';
import type { DataCenter, ReconcileRequest } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { ServiceMethods } from '../../doors/service.js';
import { HUB_NODES } from '../../reference/nodes.js';
import { exchangeBuckets, exchangedMessages } from '../../storage/reconcile.js';
import type { DataCenterParts } from '../data-center.js';
import { pageSizeOf } from '../page-token.js';
import { checkDateRange } from './date-range.js';
import { cutPage, decodeKey } from './keyset-page.js';
import { RequestCheck } from './request-check.js';

const PAGE = { preset: 1000, max: 5000 };
const PLACE = z.tuple([z.string(), z.string()]);
const MAX_DAYS = 31;

/**
 * 对账 (F21): count and digest per day and class of what this node and a peer exchanged. Asked on
 * both sides, equal answers mean that nothing is missing. The sums come with the first page; later
 * pages carry on with the ids.
 */
export function reconcileMethods(
  parts: DataCenterParts,
): Pick<ServiceMethods<typeof DataCenter>, 'reconcile'> {
  const { knex } = parts;
  return {
    async reconcile(request) {
      checkRequest(request, parts);
      const { peerNode, fromDate, toDate, kind, includeIds } = request;
      const range = { peer: peerNode, fromDate, toDate, kind };
      const list = ['reconcile', peerNode, fromDate, toDate, kind];
      const size = pageSizeOf(request.pageSize, PAGE);
      const key = decodeKey(list, request.pageToken, PLACE);
      const buckets = key ? [] : await exchangeBuckets(knex, range);
      if (!includeIds) return { buckets: buckets.map(toBucket) };
      const after = key && { sourceNode: key[0], messageId: key[1] };
      const rows = await exchangedMessages(knex, range, after, size + 1);
      const page = cutPage(rows, size, list, (row) => [row.sourceNode, row.messageId]);
      return {
        buckets: buckets.map(toBucket),
        entries: [...page.rows],
        nextPageToken: page.nextPageToken,
      };
    },
  };
}

function toBucket<Bucket extends { readonly count: number }>(bucket: Bucket) {
  return { ...bucket, count: BigInt(bucket.count) };
}

/** A peer is a node with a direct link: the national node for a province, and the other way round. */
function checkRequest(request: ReconcileRequest, { node, level }: DataCenterParts): void {
  const check = new RequestCheck();
  const peer = HUB_NODES.find(({ code }) => code === request.peerNode);
  if (!peer || peer.code === node || (peer.level === 'NATIONAL') === (level === 'national'))
    check.add('peer_node', 'NOT_A_PEER', {
      zh: '对方节点应为与本节点直接交换的节点:省级节点为 100000,总局节点为某一省级节点。',
      en: 'The peer must be a node with a direct link: 100000 for a province, a province for 100000.',
    });
  checkDateRange(request.fromDate, request.toDate, MAX_DAYS, check);
  check.pass();
}
