import {
  DeliveryOutcome,
  type Delivery,
  type DeliveryResult,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { Effect } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubClientError } from '../../clients/hub-client-error.js';
import { inBoth } from '../domain/errors.js';
import { FORWARDING_RULE } from '../domain/routing/table.js';
import type { ClaimedDelivery } from '../storage/delivery-claims.js';
import type { Settlement } from '../storage/delivery-outcomes.js';
import { backoffMs } from './backoff.js';

/** A connection to another node. */
export interface Link {
  /** Hands over a batch; results in its order. Throws when the node can't be reached. */
  deliver(deliveries: readonly Delivery[]): Promise<readonly DeliveryResult[]>;
}

/** Attempts that meet a defect of the far node; before, it may still go away, as by a restart. */
const MOST_DEFECTS = 10;

/** What a failed call says, without content. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return inBoth({ zh: '未知故障', en: 'unknown failure' });
  return error.message.split('\n')[0]?.slice(0, 300) ?? error.name;
}

/** Milliseconds that a node asked to be left alone when it took nothing of a call (RetryInfo); 0: not said. */
export function askedWaitMs(error: unknown): number {
  return error instanceof HubClientError ? (error.retryAfterMs ?? 0) : 0;
}

/** The outcome of one attempt, as it is stored. */
export function settlementOf(
  attempt: Pick<ClaimedDelivery, 'id' | 'attempts' | 'rule' | 'defects'>,
  result: DeliveryResult | undefined,
  random: number,
): Settlement {
  const { id, attempts, defects } = attempt;
  switch (result?.outcome) {
    case DeliveryOutcome.ACCEPTED:
    case DeliveryOutcome.DUPLICATE:
      return {
        id,
        state: 'acknowledged',
        effect: result.effect,
        naming: result.namingState,
        forwarded: attempt.rule === FORWARDING_RULE && result.effect === Effect.APPLIED,
      };
    case DeliveryOutcome.REFUSED:
      return {
        id,
        attempts,
        state: 'dead',
        reason: result.refusal?.reason ?? ErrorReason.UNSPECIFIED,
        error: saidBy(result),
      };
    default: {
      const reason = result?.refusal?.reason || ErrorReason.UNAVAILABLE;
      const error = saidBy(result) || inBoth({ zh: '对方未给出结果', en: 'no result' });
      // A defect at the far end does not go away by itself: after a while a person must look. What an
      // outage took of attempts says nothing about it.
      if (reason === ErrorReason.INTERNAL && defects + 1 >= MOST_DEFECTS)
        return { id, attempts, state: 'dead', reason, error };
      const wanted = Number(result?.refusal?.retryAfterMs ?? 0n);
      return {
        id,
        attempts,
        state: 'retry',
        reason,
        error,
        delayMs: Math.max(wanted, backoffMs(attempts, random)),
      };
    }
  }
}

/** What the far node said of it, in both languages; empty when it said nothing. */
function saidBy(result: DeliveryResult | undefined): string {
  const { messageZh: zh = '', messageEn: en = '' } = result?.refusal ?? {};
  return inBoth({ zh, en });
}
