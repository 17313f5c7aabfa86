import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { Delivery } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { Wake } from '../intake/write-batch.js';
import {
  claimDeliveries,
  clearForwarded,
  settleDeliveries,
  type ClaimedDelivery,
  type Settlement,
} from '../storage/outbox.js';
import { failedSettlement, failureText, settlementOf, type Link } from './link.js';
import { mayLeave, toDelivery } from './outgoing.js';

/** What delivering needs. */
export interface LaneWorkerParts {
  readonly knex: Knex;
  readonly log: Logger;
  readonly node: string;
  readonly nationalNode: string;
  /** Undefined when the destination is not called but pulls. */
  readonly linkTo: (destination: string) => Link | undefined;
  readonly random: () => number;
  readonly limits: {
    readonly batchSize: number;
    readonly batchBytes: number;
    readonly leaseMs: number;
    /** Batches of one turn, after which the lane is woken again, so that all lanes get theirs. */
    readonly batchesPerTurn: number;
  };
}

/**
 * Empties a lane in order: claims a batch, sends it, writes what became of it, and goes on until
 * nothing is due. Safe to run twice at once: what both send, the receiver takes once.
 * Returns true when work may be left.
 */
export async function deliverLane(wake: Wake, parts: LaneWorkerParts): Promise<boolean> {
  const link = parts.linkTo(wake.destination);
  if (!link) return false;
  const { batchSize, leaseMs, batchesPerTurn } = parts.limits;
  for (let batch = 0; batch < batchesPerTurn; batch += 1) {
    const claimed = await claimDeliveries(parts.knex, wake, { count: batchSize, leaseMs });
    if (claimed.length === 0) return false;
    const settlements = await attempt(claimed, wake, link, parts);
    await settle(settlements, parts);
    if (settlements.every((settlement) => settlement.state === 'retry')) return false;
  }
  return true;
}

async function settle(settlements: readonly Settlement[], parts: LaneWorkerParts): Promise<void> {
  await settleDeliveries(parts.knex, settlements);
  const applied = settlements.filter((one) => one.state === 'acknowledged' && one.effect === 1);
  await clearForwarded(
    parts.knex,
    applied.map((one) => one.id),
  );
}

async function attempt(
  claimed: readonly ClaimedDelivery[],
  { destination }: Wake,
  link: Link,
  parts: LaneWorkerParts,
): Promise<Settlement[]> {
  const upward = destination === parts.nationalNode;
  const held = claimed.filter((one) => !mayLeave(one, upward));
  const leaving = claimed.filter((one) => mayLeave(one, upward));
  const settlements: Settlement[] = held.map((one) => ({ id: one.id, state: 'held-back' }));
  const batches = inBatches(leaving, parts, upward);
  for (const [index, { attempts, deliveries }] of batches.entries()) {
    try {
      const results = await link.deliver(deliveries);
      settlements.push(
        ...attempts.map((one, position) => settlementOf(one, results[position], parts.random())),
      );
    } catch (error) {
      parts.log.warn(
        { destination, failure: failureText(error) },
        'delivery failed, tried again later',
      );
      // What was claimed and not sent waits as well: one lane, one order.
      const rest = batches.slice(index).flatMap((batch) => batch.attempts);
      settlements.push(...rest.map((one) => failedSettlement(one, error, parts.random())));
      break;
    }
  }
  return settlements;
}

interface OutgoingBatch {
  readonly attempts: ClaimedDelivery[];
  readonly deliveries: Delivery[];
}

/** Splits by size, so that no call exceeds what the receiver takes. */
function inBatches(
  claimed: readonly ClaimedDelivery[],
  parts: LaneWorkerParts,
  upward: boolean,
): OutgoingBatch[] {
  const batches: OutgoingBatch[] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const one of claimed) {
    const size = (one.payload?.length ?? 0) + 512;
    if (bytes + size > parts.limits.batchBytes) {
      batches.push({ attempts: [], deliveries: [] });
      bytes = 0;
    }
    const last = batches.at(-1);
    last?.attempts.push(one);
    last?.deliveries.push(toDelivery(one, parts.node, upward));
    bytes += size;
  }
  return batches;
}
