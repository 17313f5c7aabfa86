import type { MessageInitShape } from '@bufbuild/protobuf';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import {
  DeliveryAction,
  type Delivery,
  type DeliveryResult,
  type Exchange,
  type PullMessagesResponseSchema,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { settlementOf } from '../../delivery/link.js';
import type { Outgoing } from '../../delivery/outgoing.js';
import { SecondGate } from '../../delivery/second-gate.js';
import { settleAudited } from '../../delivery/settling.js';
import type { ServiceMethods } from '../../doors/service.js';
import { HubError } from '../../domain/errors.js';
import { LANES_IN_USE } from '../../domain/lane.js';
import type { Neighbour } from '../../intake/admit-delivery.js';
import { HUB_NODES } from '../../reference/nodes.js';
import { countInFlight, fetchedDeliveries } from '../../storage/claims-under-way.js';
import { claimDeliveries, type ClaimedDelivery } from '../../storage/delivery-claims.js';
import { dueLanes } from '../../storage/open-deliveries.js';
import { requireBatch } from '../front-desk.js';
import { postponed, receive, type ReceptionParts } from './reception.js';

/** What the calls between nodes need. */
export interface BetweenNodesParts extends ReceptionParts {
  readonly node: string;
  readonly level: 'national' | 'provincial';
  readonly nationalNode: string;
  /** Why nothing new is taken for now. */
  readonly refusalWhileFull: () => HubError | undefined;
  readonly random: () => number;
  /** Told of every delivery that a node fetches. Unset: nobody traces. */
  readonly fetched: ((destination: string, delivery: ClaimedDelivery) => void) | undefined;
}

/** How long what a node fetched is its own to acknowledge; then it can be fetched again. */
export const PULL_LEASE_MS = 60_000;
const PULL_IDLE_MS = 200;
const PULL_BATCH = 50;
/** Deliveries of it that are judged once more together, just before they leave. */
const JUDGED_TOGETHER = 10;

type NodeMethods = Pick<
  ServiceMethods<typeof Exchange>,
  'deliver' | 'pullMessages' | 'acknowledgeMessages'
>;

function wrongNode(zh: string, en: string): HubError {
  return new HubError(ErrorReason.WRONG_NODE, { zh, en });
}

/** Provinces speak to the national node and it to them; there is no third link (R52). */
function neighbour(code: string, { level, nationalNode }: BetweenNodesParts): Neighbour {
  const known = HUB_NODES.find((node) => node.code === code);
  if (level === 'provincial' && code === nationalNode) return { node: code, side: 'national' };
  if (level === 'national' && known?.level === 'PROVINCIAL')
    return { node: code, side: 'province' };
  throw wrongNode(
    `节点 ${code.slice(0, 6)} 不能与本节点直接交换,省际信息须经总局。`,
    `Node ${code.slice(0, 6)} has no link to this one; provinces exchange by way of the national node.`,
  );
}

/** What nodes call on each other. */
export function createNodeMethods(parts: BetweenNodesParts): NodeMethods {
  return {
    async deliver({ fromNode, toNode, deliveries }, call) {
      const from = neighbour(fromNode, parts);
      if (toNode !== parts.node)
        throw wrongNode(`本节点是 ${parts.node}。`, `This node is ${parts.node}.`);
      requireBatch(deliveries.length);
      // A province always takes what comes down: were both sides full, neither would ever empty.
      const full = parts.level === 'national' ? parts.refusalWhileFull() : undefined;
      if (full) return { results: await receiveWithdrawals(deliveries, from, full, parts) };
      return { results: await receive(deliveries, from, parts, () => call.cancelled) };
    },

    pullMessages: ({ node, maxInFlight }, call) => {
      const { node: destination } = neighbour(node, parts);
      const limit = Math.min(Math.max(maxInFlight || 100, 1), 500);
      return pull(destination, limit, parts, call.signal);
    },

    async acknowledgeMessages({ node, acknowledgements }) {
      const { node: destination } = neighbour(node, parts);
      requireBatch(acknowledgements.length);
      const ids = acknowledgements
        .map((one) => Number(one.deliveryId))
        .filter((id) => Number.isSafeInteger(id));
      const fetched = await fetchedDeliveries(parts.knex, ids, destination);
      const settlements = acknowledgements.flatMap(({ deliveryId, result, attempt }) => {
        const last = fetched.get(Number(deliveryId));
        if (last === undefined) return [];
        const attempts = attempt || last.attempts;
        return [settlementOf({ ...last, attempts }, result, parts.random())];
      });
      return { applied: await settleAudited(parts.knex, parts.node, settlements) };
    },
  };
}

/** A full node still forgets what is not public any more (D7); everything else comes again. */
async function receiveWithdrawals(
  deliveries: readonly Delivery[],
  from: Neighbour,
  full: HubError,
  parts: BetweenNodesParts,
): Promise<DeliveryResult[]> {
  const withdrawals = deliveries.filter(isWithdrawal);
  if (withdrawals.length === 0) throw full;
  const results = await receive(withdrawals, from, parts);
  const later = postponed(full);
  return deliveries.map((one) => (isWithdrawal(one) ? (results.shift() ?? later) : later));
}

function isWithdrawal({ action }: Delivery): boolean {
  return action === DeliveryAction.WITHDRAW;
}

/** Streams the open deliveries of a node that can't be called, no more at once than it may hold. */
async function* pull(
  destination: string,
  limit: number,
  parts: BetweenNodesParts,
  signal: AbortSignal,
): AsyncIterable<MessageInitShape<typeof PullMessagesResponseSchema>> {
  while (!signal.aborted) {
    const room = limit - (await countInFlight(parts.knex, destination));
    const lanes = room > 0 ? await dueLanes(parts.knex, [destination], LANES_IN_USE) : [];
    let sent = 0;
    for (const lane of lanes) {
      const count = Math.min(PULL_BATCH, room - sent);
      if (count <= 0 || signal.aborted) break;
      const claimed = await claimDeliveries(parts.knex, lane, {
        count,
        leaseMs: PULL_LEASE_MS,
        // What was sent can't be called back when the one before it is refused (D14).
        onePerEntity: true,
      });
      for await (const { claimed: one, delivery } of departing(claimed, destination, parts)) {
        parts.fetched?.(destination, one);
        yield { deliveryId: String(one.id), delivery, attempt: one.attempts };
        sent += 1;
      }
    }
    if (sent === 0) await pause(PULL_IDLE_MS, signal);
  }
}

/** What leaves of a claim, as the second gate judges it; what ends there is written first. */
async function* departing(
  claimed: readonly ClaimedDelivery[],
  destination: string,
  parts: Pick<BetweenNodesParts, 'knex' | 'node' | 'nationalNode'>,
): AsyncIterable<Outgoing> {
  const { knex, node } = parts;
  const gate = new SecondGate(parts, destination, 'fetching');
  const { leaving, settled } = await gate.judge(claimed);
  await settleAudited(knex, node, settled);
  for (let from = 0; from < leaving.length; from += JUDGED_TOGETHER) {
    const part = leaving.slice(from, from + JUDGED_TOGETHER);
    // The copies at the head were prepared just now; each later part left the reader its time.
    const due = await gate.judgeAgain(part, { calledBack: true, copies: from > 0 });
    await settleAudited(knex, node, due.settled);
    yield* due.leaving;
  }
}

/** Waits, or less when the call ends. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
