import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { inBoth } from '../domain/errors.js';
import type { Lane } from '../domain/lane.js';
import { claimDeliveries, type ClaimedDelivery } from '../storage/delivery-claims.js';
import type { Settlement } from '../storage/delivery-outcomes.js';
import type { Breaker } from './breaker.js';
import { askedWaitMs, failureText, settlementOf, type Link } from './link.js';
import { passesOthers, type Outgoing } from './outgoing.js';
import { SecondGate, type Judged } from './second-gate.js';
import { settleAudited } from './settling.js';

/** One attempt at what a lane claimed. */
export interface Attempted {
  readonly claimed: readonly ClaimedDelivery[];
  /** What became of each. */
  readonly settlements: readonly Settlement[];
  readonly seconds: number;
}

const NOT_SENT = inBoth({
  zh: '未发送,此前的调用失败',
  en: 'not sent, the call before it failed',
});

/** What delivering needs. */
export interface LaneWorkerParts {
  readonly knex: Knex;
  readonly log: Logger;
  readonly node: string;
  readonly nationalNode: string;
  /** Undefined when the destination is not called but pulls. */
  readonly linkTo: (destination: string) => Link | undefined;
  readonly breaker: Breaker;
  readonly random: () => number;
  /** Commits outcomes with their audit. Unset: at once and by themselves. */
  readonly settle?: (settlements: readonly Settlement[]) => Promise<unknown>;
  /** Told what became of each attempt; it must not fail. Unset: nobody counts. */
  readonly observe?: (destination: string, attempted: Attempted) => void;
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
export async function deliverLane(wake: Lane, parts: LaneWorkerParts): Promise<boolean> {
  const link = parts.linkTo(wake.destination);
  if (!link || !parts.breaker.enter(wake.destination)) return false;
  try {
    return await takeTurn(wake, link, parts);
  } finally {
    parts.breaker.leave(wake.destination);
  }
}

async function takeTurn(wake: Lane, link: Link, parts: LaneWorkerParts): Promise<boolean> {
  const { batchSize, leaseMs, batchesPerTurn } = parts.limits;
  const { knex, node, settle: commit = (them) => settleAudited(knex, node, them) } = parts;
  for (let batch = 0; batch < batchesPerTurn; batch += 1) {
    const claimed = await claimDeliveries(knex, wake, { count: batchSize, leaseMs });
    if (claimed.length === 0) return false;
    const startedAt = performance.now();
    const settlements = await new Attempt(wake.destination, link, parts).make(claimed);
    await commit(settlements);
    const seconds = (performance.now() - startedAt) / 1000;
    parts.observe?.(wake.destination, { claimed, settlements, seconds });
    if (settlements.every((settlement) => settlement.state === 'retry')) return false;
    // What came meanwhile has woken the lane again, so an empty claim would only cost.
    const again = settlements.some((settlement) => settlement.state === 'retry');
    if (!mayLeaveMore(claimed, batchSize) && !again) return false;
  }
  return true;
}

/**
 * Whether more may be due: a claim takes marks to its half only, and what is sent again of a withdrawn
 * message waited for its withdrawal.
 */
function mayLeaveMore(claimed: readonly ClaimedDelivery[], batchSize: number): boolean {
  return claimed.length >= batchSize || claimed.some(passesOthers);
}

/** One attempt at what was claimed: in order, in as many calls as its size asks for. */
class Attempt {
  readonly #settlements: Settlement[] = [];
  readonly #gate: SecondGate;

  constructor(
    private readonly destination: string,
    private readonly link: Link,
    private readonly parts: LaneWorkerParts,
  ) {
    this.#gate = new SecondGate(parts, destination, 'called');
  }

  async make(claimed: readonly ClaimedDelivery[]): Promise<readonly Settlement[]> {
    const leaving = this.#settle(await this.#gate.judge(claimed));
    const batches = inBatches(leaving, this.parts.limits.batchBytes);
    for (const [index, batch] of batches.entries()) {
      // The first leaves at once; each later one after a call, which may have taken its time.
      const later = index > 0;
      const asked = { calledBack: later, copies: later };
      const due = this.#settle(await this.#gate.judgeAgain(batch, asked));
      if (await this.#send(due)) continue;
      // What was claimed and not sent waits as well: one lane, one order.
      for (const { claimed: rest } of batches.slice(index + 1).flat()) this.#fail(rest);
      break;
    }
    return this.#settlements;
  }

  /** Notes what became of those that do not leave; returns those that do. */
  #settle({ leaving, settled }: Judged): readonly Outgoing[] {
    this.#settlements.push(...settled);
    return leaving;
  }

  /** One call; false when the destination can't be reached. */
  async #send(batch: readonly Outgoing[]): Promise<boolean> {
    const { destination, parts } = this;
    if (batch.length === 0) return true;
    try {
      const results = await this.link.deliver(batch.map((one) => one.delivery));
      if (parts.breaker.succeeded(destination))
        parts.log.info({ destination }, '投递恢复 / the node can be reached again');
      for (const [position, { claimed }] of batch.entries()) {
        const settlement = settlementOf(claimed, results[position], parts.random());
        if (settlement.state !== 'acknowledged') this.#notTaken(claimed, settlement);
        this.#settlements.push(settlement);
      }
      return true;
    } catch (error) {
      const { began } = parts.breaker.failed(destination, askedWaitMs(error));
      const failure = failureText(error);
      if (began)
        parts.log.warn(
          { destination, failure },
          '投递失败,稍后重试 / delivery failed, tried again',
        );
      for (const { claimed } of batch) this.#fail(claimed, failure);
      return false;
    }
  }

  /** What follows of the enterprise waits; that a mark is not heeded must not go unseen (F20). */
  #notTaken(claimed: ClaimedDelivery, { state }: Settlement): void {
    this.#gate.stop(claimed);
    if (passesOthers(claimed) && state === 'dead')
      this.parts.log.error(
        { destination: this.destination, delivery: claimed.id },
        '不公示标记未被对方接受,须立即处理 / a not-public mark was refused; look at it at once',
      );
  }

  #fail({ id, attempts }: ClaimedDelivery, error = NOT_SENT): void {
    const { waitMs } = this.parts.breaker.failed(this.destination);
    const reason = ErrorReason.UNAVAILABLE;
    this.#settlements.push({ id, attempts, state: 'retry', reason, error, delayMs: waitMs });
  }
}

/** Splits by size, so that no call exceeds what the receiver takes. */
function inBatches(outgoing: readonly Outgoing[], batchBytes: number): Outgoing[][] {
  const batches: Outgoing[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const one of outgoing) {
    const size = one.delivery.payload.length + 512;
    if (bytes + size > batchBytes) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(one);
    bytes += size;
  }
  return batches;
}
