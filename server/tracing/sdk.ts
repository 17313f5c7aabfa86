import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { ChosenIds } from './chosen-ids.js';
import { Tracing } from './tracing.js';

/** Where spans go, and of whom. */
export interface TracingOptions {
  /** Address of an OTLP receiver over HTTP, with its path. */
  readonly url: string;
  /** Share of the traces that is kept, 0 to 1; by trace id, so that all nodes keep the same ones. */
  readonly ratio: number;
  readonly node: string;
  /** Role of the process. */
  readonly process: string;
  readonly version: string;
}

/** Milliseconds that a receiver has for a batch. */
const EXPORT_MS = 5_000;

/** Spans that wait for the receiver; more are dropped: the hub waits for nobody who watches it. */
const WAITING = { maxQueueSize: 4096, maxExportBatchSize: 512, scheduledDelayMillis: 1000 };

/** Starts to make spans and to send them. Loaded only where they are wanted. */
export function startTracing(options: TracingOptions): {
  readonly tracing: Tracing;
  stop(): Promise<void>;
} {
  const ids = new ChosenIds();
  const exporter = new OTLPTraceExporter({ url: options.url, timeoutMillis: EXPORT_MS });
  const provider = new BasicTracerProvider({
    idGenerator: ids,
    sampler: new TraceIdRatioBasedSampler(options.ratio),
    resource: resourceFromAttributes({
      'service.name': 'zhengzhao-hub',
      'service.version': options.version,
      'service.instance.id': `${options.node}-${options.process}-${process.pid}`,
      'hub.node': options.node,
    }),
    spanProcessors: [new BatchSpanProcessor(exporter, WAITING)],
  });
  // What finds the span at work, and BullMQ's own spans, know one provider per process: the first node's.
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const isFirst = trace.setGlobalTracerProvider(provider);
  return {
    tracing: new Tracing(provider.getTracer('zhengzhao-hub', options.version), ids),
    stop: async () => {
      // A receiver that is away must not turn an orderly end into a failed one.
      await provider.shutdown().catch(() => undefined);
      if (!isFirst) return;
      trace.disable();
      propagation.disable();
      context.disable();
    },
  };
}
