import { create } from '@bufbuild/protobuf';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { NamingState } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import {
  DeliveryOutcome,
  DeliveryResultSchema,
  type Delivery,
  type DeliveryResult,
} from '#gen/zhengzhao/v1/exchange_pb.js';
import { refusalOf } from '../../doors/errors.js';
import { HubError } from '../../domain/errors.js';
import type { ValidationContext } from '../../domain/validation/validator.js';
import { admitDelivery, type Neighbour } from '../../intake/admit-delivery.js';
import type { Intake } from '../../intake/intake.js';
import { blockedByEarlier, refusalEntry } from '../../intake/refusals.js';
import type { IntakeResult, Submission } from '../../intake/submission.js';
import { objections, type Admitted } from './standing.js';

/** What taking deliveries from other nodes needs. */
export interface ReceptionParts {
  readonly knex: Knex;
  readonly intake: Intake;
  readonly validation: () => ValidationContext;
  readonly log: Logger;
}

/** Reasons that pass by themselves; everything else is refused for good. */
const PASSING: readonly ErrorReason[] = [
  ErrorReason.UNAVAILABLE,
  ErrorReason.BACKLOG_FULL,
  ErrorReason.BLOCKED_BY_EARLIER,
  ErrorReason.INTERNAL,
];

/**
 * Takes deliveries of a neighbour through the same accept path as everything else, each with its
 * own result. What was here already changes nothing, so that at-least-once delivery becomes once.
 * `isGone`: whether the neighbour has given up, so that nothing more of the call is begun.
 */
export async function receive(
  deliveries: readonly Delivery[],
  from: Neighbour,
  parts: ReceptionParts,
  isGone?: () => boolean,
): Promise<DeliveryResult[]> {
  const call = Symbol('deliver');
  const results: (DeliveryResult | undefined)[] = deliveries.map(() => undefined);
  /** Position of the first refusal of each enterprise: what follows it waits (D14). */
  const refusedAt = new Map<string, number>();
  const parsed: (Admitted & { readonly index: number })[] = [];

  const refuse = (delivery: Delivery, index: number, error: HubError): void => {
    const { orderKey } = delivery;
    if (orderKey !== '') refusedAt.set(orderKey, Math.min(index, refusedAt.get(orderKey) ?? index));
    note(delivery, from, error, parts);
    results[index] = refused(error);
  };

  deliveries.forEach((delivery, index) => {
    try {
      if (refusedAt.has(delivery.orderKey)) throw blockedByEarlier();
      const submission = admitDelivery(delivery, from, parts.validation(), call);
      parsed.push({ index, delivery, submission });
    } catch (thrown) {
      refuse(delivery, index, thrown instanceof HubError ? thrown : defect(thrown, parts));
    }
  });
  const objected = await objections(parsed, from, parts.validation(), parts.knex);
  const admitted: { readonly index: number; readonly submission: Submission }[] = [];
  parsed.forEach(({ index, delivery, submission }, position) => {
    const objection = objected[position];
    const blocked = (refusedAt.get(delivery.orderKey) ?? index) < index;
    const error = objection ?? (blocked ? blockedByEarlier() : undefined);
    if (error) refuse(delivery, index, error);
    else admitted.push({ index, submission });
  });

  const outcomes =
    admitted.length > 0
      ? await parts.intake.accept(
          admitted.map((one) => one.submission),
          isGone,
        )
      : [];
  outcomes.forEach((outcome, position) => {
    const index = admitted[position]?.index;
    if (index !== undefined) results[index] = resultOf(outcome);
  });
  return results.map((result) => result ?? create(DeliveryResultSchema));
}

/** One delivery that this program can't cope with must not keep the others of its call waiting. */
function defect(cause: unknown, { log }: ReceptionParts): HubError {
  log.error({ err: cause }, '投递处理出错 / a delivery could not be examined');
  return new HubError(
    ErrorReason.INTERNAL,
    { zh: '内部错误,消息未被受理。', en: 'Internal error; the message was not accepted.' },
    { cause },
  );
}

/** The alarm of the third gate, and the log of every other refusal: who and why, never what. */
function note(delivery: Delivery, from: Neighbour, error: HubError, parts: ReceptionParts): void {
  if (error.reason === ErrorReason.NON_PUBLIC_UPWARD)
    parts.log.error(
      { from: from.node, rule: 'VR24' },
      '不公示信息被上报,已拒收 / a record that is not public came up and was refused',
    );
  const said = {
    head: { kind: delivery.kind, sourceOrg: '' },
    arrival: { origin: from.node },
  };
  parts.intake.noteRefusal(refusalEntry(said, error, parts.validation().nowMs));
}

/** The result of a delivery that is to come again when what `error` says has passed. */
export function postponed(error: HubError): DeliveryResult {
  return create(DeliveryResultSchema, {
    outcome: DeliveryOutcome.RETRY,
    refusal: refusalOf(error),
  });
}

function refused(error: HubError): DeliveryResult {
  if (PASSING.includes(error.reason)) return postponed(error);
  return create(DeliveryResultSchema, {
    outcome: DeliveryOutcome.REFUSED,
    refusal: refusalOf(error),
  });
}

function resultOf(result: IntakeResult): DeliveryResult {
  if (!result.ok) return refused(result.error);
  return create(DeliveryResultSchema, {
    outcome: result.duplicate ? DeliveryOutcome.DUPLICATE : DeliveryOutcome.ACCEPTED,
    effect: result.decision.effect,
    namingState: namingOf(result),
  });
}

function namingOf({ record }: Extract<IntakeResult, { ok: true }>): NamingState {
  if (!record) return NamingState.UNSPECIFIED;
  return record.naming === 'named' ? NamingState.NAMED : NamingState.UNNAMED;
}
