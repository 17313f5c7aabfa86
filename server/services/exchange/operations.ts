import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { actorOf } from '../../audit/actor.js';
import type { ServiceMethods } from '../../doors/service.js';
import { ruleById } from '../../domain/routing/route.js';
import { listDeliveries } from '../../storage/delivery-desk.js';
import { PAGE_SIZES } from '../page-sizes.js';
import { decodeSequence, encodePageToken, pageSizeOf } from '../page-token.js';
import { replay, type ReplayParts } from './replay.js';

/** What looking after deliveries needs. */
export type OperationsParts = ReplayParts;

type OperationMethods = Pick<ServiceMethods<typeof Exchange>, 'listDeliveries' | 'retryDeliveries'>;

/** What an operator does with deliveries. */
export function createOperationMethods(parts: OperationsParts): OperationMethods {
  const { knex } = parts;
  return {
    async listDeliveries({ destination, state, messageId, pageSize, pageToken }) {
      const list = ['deliveries', destination, state, messageId];
      const size = pageSizeOf(pageSize, PAGE_SIZES.ListDeliveries);
      const after = decodeSequence(list, pageToken);
      const rows = await listDeliveries(knex, { destination, state, messageId }, after, size + 1);
      const page = rows.slice(0, size);
      const last = page.at(-1);
      return {
        deliveries: page.map((row) => ({
          ...row,
          deliveryId: String(row.id),
          clause: ruleById(row.rule)?.clause ?? '',
          createdAt: timestampFromDate(row.createdAt),
          nextAttemptAt: row.nextAttemptAt ? timestampFromDate(row.nextAttemptAt) : undefined,
          replayedAt: row.replayedAt ? timestampFromDate(row.replayedAt) : undefined,
          settledAt: row.settledAt ? timestampFromDate(row.settledAt) : undefined,
        })),
        nextPageToken: rows.length > size && last ? encodePageToken(list, String(last.id)) : '',
      };
    },

    retryDeliveries: (request, call) => replay(request, actorOf(call), parts),
  };
}
