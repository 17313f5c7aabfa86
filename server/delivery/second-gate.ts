import { toBinary } from '@bufbuild/protobuf';
import type { Knex } from 'knex';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { DeliveryAction, DeliverySchema, type Delivery } from '#gen/zhengzhao/v1/exchange_pb.js';
import { MAX_REQUEST_BYTES } from '../doors/door.js';
import { inBoth } from '../domain/errors.js';
import { mayGoUp } from '../domain/upward-filter.js';
import { MESSAGE_BYTES } from '../intake/admission.js';
import { stillClaimed } from '../storage/claims-under-way.js';
import type { ClaimedDelivery } from '../storage/delivery-claims.js';
import type { Settlement } from '../storage/delivery-outcomes.js';
import { passesOthers, toDelivery, type LeavingContent, type Outgoing } from './outgoing.js';
import { prepareCopies, withCopiesOfNow } from './upward-copies.js';

/** Where the gate stands. */
export interface GateParts {
  readonly knex: Knex;
  readonly node: string;
  readonly nationalNode: string;
}

/** What of the judged leaves, and what became of the rest, each in the order in which it came. */
export interface Judged {
  readonly leaving: readonly Outgoing[];
  readonly settled: readonly Settlement[];
}

/** What is asked once more of a part of a claim; each costs a statement. */
export interface AskedAgain {
  /** Whether it is still this worker's to send: it may have been called back (D7). */
  readonly calledBack: boolean;
  /** Whether what it cites may still be cited, of what goes up (D5). */
  readonly copies: boolean;
}

/**
 * The last judgement of one claim before it leaves the node (R55, D5, D7), one for whoever is called and
 * whoever fetches: first of the whole claim, then of each part just before that part leaves. What is not
 * public is held back, what can't be sent is a dead letter, and what follows one that was not taken waits.
 *
 * `way`: a node that is called takes only what fits into a call; one that fetches can take what is larger.
 */
export class SecondGate {
  readonly #upward: boolean;
  /** Enterprises of which something was not taken: what follows of them waits (D14). */
  readonly #stopped = new Set<string>();

  constructor(
    private readonly parts: GateParts,
    private readonly destination: string,
    private readonly way: 'called' | 'fetching',
  ) {
    this.#upward = destination === parts.nationalNode;
  }

  /** Judges what was just claimed, and puts together what leaves of it. */
  async judge(claimed: readonly ClaimedDelivery[]): Promise<Judged> {
    const copies = await this.#copiesOf(claimed.filter((one) => mayLeave(one, this.#upward)));
    return apart(claimed.map((one) => this.#judgeOne(one, copies.get(one.id))));
  }

  /**
   * Judges a part once more: since the claim a call or a reader may have taken its time, and marks are
   * set in it. What was called back drops out, what became of it is written; what follows of its
   * enterprise waits: another worker may have that to send, and first (D14).
   */
  async judgeAgain(part: readonly Outgoing[], { calledBack, copies }: AskedAgain): Promise<Judged> {
    const { knex, node } = this.parts;
    const still = calledBack ? await this.#withoutCalledBack(part) : part;
    const renewed = copies && this.#upward;
    const due = renewed ? await withCopiesOfNow(knex, node, this.destination, still) : still;
    return apart(due.map((one) => this.#postponed(one.claimed) ?? one));
  }

  /** It was not taken: what follows of its enterprise waits, unless it is about a mark alone. */
  stop(claimed: ClaimedDelivery): void {
    if (!passesOthers(claimed)) this.#stopped.add(claimed.entity);
  }

  async #copiesOf(
    claimed: readonly ClaimedDelivery[],
  ): Promise<ReadonlyMap<number, LeavingContent>> {
    if (!this.#upward) return new Map();
    return prepareCopies(this.parts.knex, this.destination, claimed);
  }

  #judgeOne(claimed: ClaimedDelivery, copy: LeavingContent | undefined): Outgoing | Settlement {
    const { id, attempts } = claimed;
    if (!mayLeave(claimed, this.#upward)) return { id, attempts, state: 'held-back' };
    const postponed = this.#postponed(claimed);
    if (postponed) return postponed;
    try {
      const delivery = toDelivery(claimed, this.parts.node, this.#upward, copy);
      if (this.way === 'called') requireCarriable(delivery);
      return { claimed, delivery };
    } catch (thrown) {
      this.stop(claimed);
      return unsendable(claimed, thrown);
    }
  }

  async #withoutCalledBack(part: readonly Outgoing[]): Promise<readonly Outgoing[]> {
    const claimed = part.map((one) => one.claimed);
    const still = await stillClaimed(this.parts.knex, claimed);
    for (const one of claimed) if (!still.has(one.id)) this.stop(one);
    return part.filter((one) => still.has(one.claimed.id));
  }

  /** Unset: it has not to wait behind an earlier one of its enterprise. */
  #postponed(claimed: ClaimedDelivery): Settlement | undefined {
    const { id, attempts, entity } = claimed;
    if (passesOthers(claimed) || !this.#stopped.has(entity)) return undefined;
    const reason = ErrorReason.BLOCKED_BY_EARLIER;
    return { id, attempts, state: 'retry', reason, error: WAITS_BEHIND, delayMs: 0 };
  }
}

const WAITS_BEHIND = inBoth({
  zh: '等待同一主体更早的消息',
  en: 'waits behind an earlier message of the same enterprise',
});

function apart(judged: readonly (Outgoing | Settlement)[]): Judged {
  const leaving: Outgoing[] = [];
  const settled: Settlement[] = [];
  for (const one of judged) {
    if ('delivery' in one) leaving.push(one);
    else settled.push(one);
  }
  return { leaving, settled };
}

/**
 * Whether a claimed delivery may still leave (R55). Upward it may only with a mark that says public now;
 * a withdrawal, which has no content, always may; a message whose content was deleted has nothing to
 * send.
 */
function mayLeave(claimed: ClaimedDelivery, upward: boolean): boolean {
  if (claimed.action === DeliveryAction.WITHDRAW) return true;
  if (claimed.payload === null) return false;
  return !upward || mayGoUp(claimed.messageKind, claimed.nonPublic);
}

/** A delivery that no call can carry, however few others are in it. */
class TooLarge extends Error {}

/** Bytes of a call beside its one delivery: who calls, who is meant, and the lengths. */
const CALL_BYTES = 64;

/**
 * Throws TooLarge for a delivery that a node which is called takes in no call: a version before the limit
 * of one message accepted such. Measured only where it may matter.
 */
function requireCarriable(delivery: Delivery): void {
  if (delivery.payload.length <= MESSAGE_BYTES) return;
  const { length } = toBinary(DeliverySchema, delivery);
  if (length + CALL_BYTES > MAX_REQUEST_BYTES) throw new TooLarge();
}

/**
 * The outcome of what can't be put together any more from what is stored, or could only be sent in
 * vain: a person must look. `thrown`: by what put it together.
 */
function unsendable({ id, attempts }: ClaimedDelivery, thrown: unknown): Settlement {
  const dead = { id, attempts, state: 'dead' } as const;
  if (thrown instanceof TooLarge)
    return {
      ...dead,
      reason: ErrorReason.VALIDATION_FAILED,
      error: inBoth({
        zh: '消息超过节点间一次调用的上限(16 MiB)。',
        en: 'The message is larger than a call between nodes may be (16 MiB).',
      }),
    };
  return {
    ...dead,
    reason: ErrorReason.UNDECODABLE,
    error: inBoth({ zh: '存储的内容无法读取。', en: 'The stored content can not be read.' }),
  };
}
