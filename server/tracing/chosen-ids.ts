import type { SpanContext } from '@opentelemetry/api';
import { RandomIdGenerator, type IdGenerator } from '@opentelemetry/sdk-trace-base';

/** Ids of spans: random, but for the one span whose ids are chosen. */
export class ChosenIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #chosen: SpanContext | undefined;

  /** Starts a root span with these ids; `start` must start one span, at once. */
  choose<T>(ids: SpanContext, start: () => T): T {
    this.#chosen = ids;
    try {
      return start();
    } finally {
      this.#chosen = undefined;
    }
  }

  generateTraceId = (): string => this.#chosen?.traceId ?? this.#random.generateTraceId();

  generateSpanId = (): string => this.#chosen?.spanId ?? this.#random.generateSpanId();
}
