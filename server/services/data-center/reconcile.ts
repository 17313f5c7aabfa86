import { z } from 'zod';
import type {
  DataCenter,
  ReconcilePart,
  ReconcileRequest,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import type { ServiceMethods } from '../../doors/service.js';
import { HUB_NODES } from '../../reference/nodes.js';
import {
  exchangeBuckets,
  exchangedMessages,
  exchangeSlices,
} from '../../storage/exchanged-messages.js';
import type { DataCenterParts } from '../data-center.js';
import { PAGE_SIZES } from '../page-sizes.js';
import { pageSizeOf } from '../page-token.js';
import { checkDateRange } from './date-range.js';
import { cutPage, decodeKey } from './keyset-page.js';
import { RequestCheck } from '../request-check.js';

const MAX_PARTS = 1_000;
const LAST_SLICE = 255;
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
      const { peerNode, fromDate, toDate, kind, parts: named, includeIds } = request;
      const range = { peer: peerNode, fromDate, toDate, kind };
      const slices = request.includeSlices ? await exchangeSlices(knex, range, named) : [];
      const list = ['reconcile', peerNode, fromDate, toDate, kind, ...named.map(partText)];
      const size = pageSizeOf(request.pageSize, PAGE_SIZES.Reconcile);
      const key = decodeKey(list, request.pageToken, PLACE);
      const whole = named.length === 0 && !key;
      const buckets = whole ? await exchangeBuckets(knex, range) : [];
      const sums = { buckets: buckets.map(withCount), slices: slices.map(withCount) };
      if (!includeIds) return sums;
      const after = key && { sourceNode: key[0], messageId: key[1] };
      const rows = await exchangedMessages(knex, range, named, after, size + 1);
      const page = cutPage(rows, size, list, (row) => [row.sourceNode, row.messageId]);
      return { ...sums, entries: [...page.rows], nextPageToken: page.nextPageToken };
    },
  };
}

function withCount<Sum extends { readonly count: number }>(sum: Sum) {
  return { ...sum, count: BigInt(sum.count) };
}

function partText({ date, kind, slices }: ReconcilePart): string {
  return [date, kind, ...slices].join(',');
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
  checkParts(request, check);
  check.pass();
}

function checkParts({ parts, includeSlices }: ReconcileRequest, check: RequestCheck): void {
  const slices = parts.flatMap((part) => part.slices);
  const wrong = slices.some((slice) => slice < 0 || slice > LAST_SLICE);
  for (const [index, { date }] of parts.entries()) check.date(date, `parts[${index}].date`);
  if (parts.length > MAX_PARTS || wrong || (includeSlices && parts.length === 0))
    check.add('parts', 'PARTS_RANGE', {
      zh: `parts 最多 ${MAX_PARTS} 项,分片为 0–${LAST_SLICE};要求分片汇总时不得为空。`,
      en: `At most ${MAX_PARTS} parts with slices from 0 to ${LAST_SLICE}; sums of slices need parts.`,
    });
}
