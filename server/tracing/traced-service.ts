import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import type { BoundService, Call } from '../doors/service.js';
import { watched } from '../doors/watched-service.js';

/**
 * The service with a span for every call, below the span that the caller names by `traceparent` (W3C).
 * Names of RPCs and results, nothing of a request.
 */
export function traced(bound: BoundService, tracer: Tracer): BoundService {
  const { typeName } = bound.service;
  return watched(bound, ({ name }, call) => {
    const above = contextOf(call);
    const attributes = {
      'rpc.system': call.door,
      'rpc.service': typeName,
      'rpc.method': name,
    };
    const options = { kind: SpanKind.SERVER, attributes };
    const span = tracer.startSpan(`${typeName}/${name}`, options, above);
    const inside = trace.setSpan(above, span);
    return {
      around: (act) => context.with(inside, act),
      ended: (result) => {
        end(span, result);
      },
    };
  });
}

function contextOf({ caller }: Call): Context {
  const { traceparent } = caller;
  return traceparent === undefined
    ? ROOT_CONTEXT
    : propagation.extract(ROOT_CONTEXT, { traceparent });
}

function end(span: Span, result: string): void {
  span.setAttribute('hub.result', result);
  if (result !== 'OK') span.setStatus({ code: SpanStatusCode.ERROR, message: result });
  span.end();
}
