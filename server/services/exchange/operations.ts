import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Knex } from 'knex';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { Logger } from 'pino';
import type { ServiceMethods } from '../../doors/service.js';
import { HubError } from '../../domain/errors.js';
import { ruleById } from '../../domain/routing/route.js';
import type { Wake } from '../../intake/write-batch.js';
import { countDead, listDeliveries, reopenDeliveries } from '../../storage/delivery-desk.js';
import { decodeSequence, encodePageToken, pageSizeOf } from '../page-token.js';
import { required } from '../required.js';

/** What looking after deliveries needs. */
export interface OperationsParts {
  readonly knex: Knex;
  readonly log: Logger;
  readonly nationalNode: string;
  readonly wake: (wakes: readonly Wake[]) => void;
}

type OperationMethods = Pick<ServiceMethods<typeof Exchange>, 'listDeliveries' | 'retryDeliveries'>;

const IDS_LIMIT = 500;
const REOPEN_LIMIT = 10_000;

function tooMany(limit: number, actual: number): HubError {
  return new HubError(
    ErrorReason.TOO_MANY_ITEMS,
    { zh: `最多 ${limit} 项,实有 ${actual} 项。`, en: `At most ${limit} items, ${actual} given.` },
    { metadata: { limit: String(limit), actual: String(actual) } },
  );
}

/** What an operator does with deliveries. */
export function createOperationMethods(parts: OperationsParts): OperationMethods {
  const { knex } = parts;
  return {
    async listDeliveries({ destination, state, messageId, pageSize, pageToken }) {
      const list = ['deliveries', destination, state, messageId];
      const size = pageSizeOf(pageSize, { preset: 100, max: 500 });
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
          settledAt: row.settledAt ? timestampFromDate(row.settledAt) : undefined,
        })),
        nextPageToken: rows.length > size && last ? encodePageToken(list, String(last.id)) : '',
      };
    },

    async retryDeliveries({ deliveryIds, destination, limit, requestedBy }) {
      const by = required(requestedBy, 'requested_by');
      if (deliveryIds.length > IDS_LIMIT) throw tooMany(IDS_LIMIT, deliveryIds.length);
      const ids = deliveryIds.map(Number).filter((id) => Number.isSafeInteger(id));
      if (deliveryIds.length === 0) required(destination, 'destination');
      const choice = {
        ids,
        destination: deliveryIds.length === 0 ? destination : '',
        limit: Math.min(Math.max(limit || 1000, 1), REOPEN_LIMIT),
      };
      const { reopened, heldBack } = await reopenDeliveries(knex, choice, parts.nationalNode);
      parts.wake(reopened);
      parts.log.info(
        { by, reopened: reopened.length, heldBack },
        '死信重投 / dead letters reopened',
      );
      return {
        reopened: reopened.length,
        remaining: await countDead(knex, choice),
        heldBack,
      };
    },
  };
}
