import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type {
  RetryDeliveriesRequest,
  RetryDeliveriesResponseSchema,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { administered, byName } from '../../domain/audit/administration.js';
import { appendAudit } from '../../storage/audit.js';
import type { Db } from '../../storage/database.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../../domain/errors.js';
import { PACKAGES_BY } from '../../domain/registration/channel-route.js';
import type { Lane } from '../../domain/lane.js';
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
import { RequestCheck } from '../request-check.js';
import { required } from '../required.js';

/** What sending dead letters again needs. */
export interface ReplayParts {
  readonly knex: Knex;
  readonly log: Logger;
  /** The node's own code. */
  readonly node: string;
  readonly nationalNode: string;
  readonly wake: (wakes: readonly Lane[]) => void;
}

type Answer = MessageInitShape<typeof RetryDeliveriesResponseSchema>;

const IDS_LIMIT = 500;
const REOPEN_LIMIT = 10_000;
const REASON_LIMIT = 200;
const NAME_LIMIT = 100;

function tooMany(limit: number, actual: number): HubError {
  return new HubError(
    ErrorReason.TOO_MANY_ITEMS,
    { zh: `最多 ${limit} 项,实有 ${actual} 项。`, en: `At most ${limit} items, ${actual} given.` },
    { metadata: { limit: String(limit), actual: String(actual) } },
  );
}

/**
 * Sends dead letters again, or stops that: a bounded number per call; the audit names the caller, who it
 * says asked, and why. What was withdrawn or is not public any more is never sent again (R55).
 * `actor`: the caller as it was proved.
 */
export async function replay(
  request: RetryDeliveriesRequest,
  actor: string,
  parts: ReplayParts,
): Promise<Answer> {
  const choice = choiceOf(request);
  const { destination, by } = choice;
  const { answer, wakes } = await parts.knex.transaction(async (trx) => {
    const done = await replayChosen(trx, choice, request.stop, parts.nationalNode);
    const entry = administered('deliveries.retry', actor, Date.now(), {
      subject: destination || choice.ids.join(','),
      outcome: outcomeText(done.answer, by, choice.reason),
    });
    await appendAudit(trx, parts.node, [entry]);
    return done;
  });
  parts.wake(wakes);
  parts.log.info({ actor, destination, ...answer }, '死信重投 / dead letters replayed');
  return answer;
}

function outcomeText(
  { reopened = 0, heldBack = 0, stopped = 0 }: Answer,
  by: string,
  reason: string,
): string {
  const counts = `reopened=${reopened} held_back=${heldBack} stopped=${stopped}`;
  const done = byName(counts, by);
  return reason === '' ? done : `${done} reason=${reason}`;
}

interface Replayed {
  readonly answer: Answer;
  readonly wakes: readonly Lane[];
}

function replayChosen(
  db: Db,
  choice: ReopenChoice,
  stop: boolean,
  nationalNode: string,
): Promise<Replayed> {
  const { destination } = choice;
  return destination.startsWith(PACKAGES_BY)
    ? replayPackages(db, destination.slice(PACKAGES_BY.length), choice, stop)
    : replayDeliveries(db, choice, stop, nationalNode);
}

function choiceOf(request: RetryDeliveriesRequest) {
  const { deliveryIds, destination, limit, requestedBy } = request;
  const check = new RequestCheck();
  check.length(request.reason, 'reason', REASON_LIMIT);
  check.length(requestedBy, 'requested_by', NAME_LIMIT);
  check.pass();
  const by = required(requestedBy, 'requested_by');
  if (deliveryIds.length > IDS_LIMIT) throw tooMany(IDS_LIMIT, deliveryIds.length);
  const named = deliveryIds.length > 0;
  return {
    ids: deliveryIds.map(Number).filter((id) => Number.isSafeInteger(id)),
    destination: named ? '' : required(destination, 'destination'),
    limit: Math.min(Math.max(limit || 1000, 1), REOPEN_LIMIT),
    by,
    reason: request.reason.trim(),
  };
}

async function replayDeliveries(
  db: Db,
  choice: ReopenChoice,
  stop: boolean,
  nationalNode: string,
): Promise<Replayed> {
  if (stop) {
    const stopped = await stopReplay(db, choice);
    return { answer: { stopped, remaining: await countDead(db, choice) }, wakes: [] };
  }
  const { reopened, heldBack } = await reopenDeliveries(db, choice, nationalNode);
  const remaining = await countDead(db, choice);
  return { answer: { reopened: reopened.length, heldBack, remaining }, wakes: reopened };
}

/** The loop of the channel looks by itself; nothing has to be woken. */
async function replayPackages(
  db: Db,
  route: string,
  choice: ReopenChoice,
  stop: boolean,
): Promise<Replayed> {
  const done = stop
    ? { stopped: await stopDispatches(db, route, choice.limit) }
    : await reopenDispatches(db, route, choice).then(({ reopened, dropped }) => ({
        reopened,
        heldBack: dropped,
      }));
  return { answer: { ...done, remaining: await countDeadDispatches(db, route) }, wakes: [] };
}
