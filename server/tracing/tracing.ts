import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Link,
  type Span,
  type SpanContext,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';
import { Effect, MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { Attempted } from '../delivery/lane-worker.js';
import type { BoundService } from '../doors/service.js';
import type { IntakeResult, Submission } from '../intake/submission.js';
import type { ClaimedDelivery } from '../storage/delivery-claims.js';
import type { ChosenIds } from './chosen-ids.js';
import { messageTrace } from './message-trace.js';
import { traced } from './traced-service.js';

/**
 * The spans of a node: each call, and of each message its acceptance and every attempt to deliver it or
 * to have it fetched.
 * They hold ids, classes, nodes, outcomes and counts, never what a message holds (R54).
 */
export class Tracing {
  readonly #tracer: Tracer;
  readonly #ids: ChosenIds;
  /** By which call a submission came. */
  readonly #calls = new WeakMap<Submission, SpanContext>();

  constructor(tracer: Tracer, ids: ChosenIds) {
    this.#tracer = tracer;
    this.#ids = ids;
  }

  /** The service with a span for every call. */
  traced(service: BoundService): BoundService {
    return traced(service, this.#tracer);
  }

  /** Headers by which a call of this node names the span that it is made in. */
  headers(): Readonly<Record<string, string>> {
    const headers: Record<string, string> = {};
    propagation.inject(context.active(), headers);
    return headers;
  }

  /** Submissions came by the call that is being served. */
  arrived(submissions: readonly Submission[]): void {
    const call = trace.getActiveSpan()?.spanContext();
    if (call) for (const one of submissions) this.#calls.set(one, call);
  }

  /** A batch went through the database. */
  committed(batch: readonly Submission[], results: readonly IntakeResult[], seconds: number): void {
    const endTime = Date.now();
    batch.forEach((submission, index) => {
      const result = results[index];
      if (!result) return;
      const call = this.#calls.get(submission);
      const options = {
        kind: SpanKind.INTERNAL,
        startTime: endTime - seconds * 1000,
        links: linksTo(call),
        attributes: { ...aboutSubmission(submission), ...aboutResult(result) },
      };
      const span = this.#startAccept(submission, result, options);
      if (!result.ok) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(endTime);
    });
  }

  #startAccept({ head, arrival }: Submission, result: IntakeResult, options: SpanOptions): Span {
    const ids = messageTrace(head.sourceNode, head.messageId);
    const isFirst = result.ok && !result.duplicate && arrival.side === 'client';
    if (!isFirst) return this.#startBelow(ids, 'accept', options);
    return this.#ids.choose(ids, () =>
      this.#tracer.startSpan('accept', { ...options, root: true }, ROOT_CONTEXT),
    );
  }

  #startBelow(ids: SpanContext, name: string, options: SpanOptions): Span {
    return this.#tracer.startSpan(name, options, trace.setSpanContext(ROOT_CONTEXT, ids));
  }

  /** An attempt at deliveries is over. */
  attempted(destination: string, { claimed, settlements, seconds }: Attempted): void {
    const endTime = Date.now();
    const job = trace.getActiveSpan()?.spanContext();
    const outcomes = new Map(settlements.map((one) => [one.id, one]));
    for (const delivery of claimed) {
      const settlement = outcomes.get(delivery.id);
      if (!settlement) continue;
      const reason = 'reason' in settlement ? nameOf(ErrorReason, settlement.reason) : undefined;
      const span = this.#startBelow(traceOf(delivery), 'deliver', {
        kind: SpanKind.PRODUCER,
        startTime: endTime - seconds * 1000,
        links: linksTo(job),
        attributes: {
          ...aboutDelivery(destination, delivery),
          'hub.outcome': settlement.state,
          ...(reason !== undefined && { 'hub.reason': reason }),
        },
      });
      if (settlement.state === 'dead') span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(endTime);
    }
  }

  /** A delivery was handed to a node that fetches (HUB_PULL); whether it took it, its own spans say. */
  fetched(destination: string, delivery: ClaimedDelivery): void {
    const attributes = aboutDelivery(destination, delivery);
    const options = { kind: SpanKind.PRODUCER, attributes };
    this.#startBelow(traceOf(delivery), 'fetch', options).end();
  }
}

function traceOf({ sourceNode, messageId }: ClaimedDelivery): SpanContext {
  return messageTrace(sourceNode, messageId);
}

function aboutDelivery(destination: string, { messageId, messageKind, attempts }: ClaimedDelivery) {
  return {
    'hub.message.id': messageId,
    'hub.message.kind': nameOf(MessageKind, messageKind),
    'hub.destination': destination,
    'hub.attempt': attempts,
  };
}

function linksTo(one: SpanContext | undefined): Link[] {
  return one ? [{ context: one }] : [];
}

function aboutSubmission({ head, arrival }: Submission) {
  return {
    'hub.message.id': head.messageId,
    'hub.message.kind': nameOf(MessageKind, head.kind),
    'hub.message.source_node': head.sourceNode,
    'hub.arrival': arrival.side,
  };
}

function aboutResult(result: IntakeResult) {
  if (!result.ok) return { 'hub.refused': nameOf(ErrorReason, result.error.reason) };
  return {
    'hub.duplicate': result.duplicate,
    'hub.effect': nameOf(Effect, result.decision.effect),
    'hub.deliveries': result.decision.deliveries.length,
  };
}

/** Name of an enum value; numbers that others made up share one name. */
function nameOf(names: Readonly<Record<number, string>>, value: number): string {
  return names[value] ?? 'UNKNOWN';
}
