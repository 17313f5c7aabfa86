import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type {
  RetryDeliveriesRequest,
  RetryDeliveriesResponseSchema,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../../domain/errors.js';
import type { Wake } from '../../intake/write-batch.js';
import {
  countDead,
  reopenDeliveries,
  stopReplay,
  type ReopenChoice,
} from '../../storage/delivery-desk.js';
import {
  countDeadDispatches,
  reopenDispatches,
  stopDispatches,
} from '../../storage/package-dispatch.js';
import { required } from '../required.js';

/** What sending dead letters again needs. */
export interface ReplayParts {
  readonly knex: Knex;
  readonly log: Logger;
  readonly nationalNode: string;
  readonly wake: (wakes: readonly Wake[]) => void;
}

type Answer = MessageInitShape<typeof RetryDeliveriesResponseSchema>;

const IDS_LIMIT = 500;
const REOPEN_LIMIT = 10_000;

/** A destination of this form is a channel of packages, not a node. */
const PACKAGES = 'packages/';

function tooMany(limit: number, actual: number): HubError {
  return new HubError(
    ErrorReason.TOO_MANY_ITEMS,
    { zh: `最多 ${limit} 项,实有 ${actual} 项。`, en: `At most ${limit} items, ${actual} given.` },
    { metadata: { limit: String(limit), actual: String(actual) } },
  );
}

/**
 * Sends dead letters again, or stops that: a bounded number per call, and the log names who asked.
 * What was withdrawn or is not public any more is never sent again (R55).
 */
export async function replay(request: RetryDeliveriesRequest, parts: ReplayParts): Promise<Answer> {
  const choice = choiceOf(request);
  const { destination, by } = choice;
  const route = destination.startsWith(PACKAGES) ? destination.slice(PACKAGES.length) : undefined;
  const answer =
    route === undefined
      ? await replayDeliveries(choice, request.stop, parts)
      : await replayPackages(route, choice, request.stop, parts);
  parts.log.info({ by, destination, ...answer }, '死信重投 / dead letters replayed');
  return answer;
}

function choiceOf({ deliveryIds, destination, limit, requestedBy }: RetryDeliveriesRequest) {
  const by = required(requestedBy, 'requested_by');
  if (deliveryIds.length > IDS_LIMIT) throw tooMany(IDS_LIMIT, deliveryIds.length);
  const named = deliveryIds.length > 0;
  return {
    ids: deliveryIds.map(Number).filter((id) => Number.isSafeInteger(id)),
    destination: named ? '' : required(destination, 'destination'),
    limit: Math.min(Math.max(limit || 1000, 1), REOPEN_LIMIT),
    by,
  };
}

async function replayDeliveries(
  choice: ReopenChoice,
  stop: boolean,
  { knex, nationalNode, wake }: ReplayParts,
): Promise<Answer> {
  if (stop) {
    const stopped = await stopReplay(knex, choice);
    return { stopped, remaining: await countDead(knex, choice) };
  }
  const { reopened, heldBack } = await reopenDeliveries(knex, choice, nationalNode);
  wake(reopened);
  return { reopened: reopened.length, heldBack, remaining: await countDead(knex, choice) };
}

/** The loop of the channel looks by itself; nothing has to be woken. */
async function replayPackages(
  route: string,
  choice: ReopenChoice,
  stop: boolean,
  { knex }: ReplayParts,
): Promise<Answer> {
  const done = stop
    ? { stopped: await stopDispatches(knex, route, choice.limit) }
    : await reopenDispatches(knex, route, choice).then(({ reopened, dropped }) => ({
        reopened,
        heldBack: dropped,
      }));
  return { ...done, remaining: await countDeadDispatches(knex, route) };
}
