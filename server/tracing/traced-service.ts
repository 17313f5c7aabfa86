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
import { resultOf } from '../metrics/measured-service.js';

type Handler = (request: unknown, call: Call) => unknown;

/**
 * The service with a span for every call, below the span that the caller names by `traceparent` (W3C).
 * Names of RPCs and results, nothing of a request.
 */
export function traced({ service, methods }: BoundService, tracer: Tracer): BoundService {
  const wrapped = service.methods.map((method): [string, unknown] => {
    const handle = methods[method.localName];
    if (typeof handle !== 'function') return [method.localName, handle];
    const streams =
      method.methodKind === 'server_streaming' || method.methodKind === 'bidi_streaming';
    const begin = (call: Call): { span: Span; ctx: Context } => {
      const above = contextOf(call);
      const attributes = {
        'rpc.system': call.door,
        'rpc.service': service.typeName,
        'rpc.method': method.name,
      };
      const options = { kind: SpanKind.SERVER, attributes };
      const span = tracer.startSpan(`${service.typeName}/${method.name}`, options, above);
      return { span, ctx: trace.setSpan(above, span) };
    };
    return [method.localName, (streams ? traceStream : traceCall)(handle as Handler, begin)];
  });
  return { service, methods: Object.fromEntries(wrapped) };
}

function contextOf({ caller }: Call): Context {
  const { traceparent } = caller;
  return traceparent === undefined
    ? ROOT_CONTEXT
    : propagation.extract(ROOT_CONTEXT, { traceparent });
}

type Begin = (call: Call) => { readonly span: Span; readonly ctx: Context };

function traceCall(handle: Handler, begin: Begin): Handler {
  return async (request, call) => {
    const { span, ctx } = begin(call);
    try {
      const answer = await context.with(ctx, () => handle(request, call));
      end(span, 'OK');
      return answer;
    } catch (error) {
      end(span, resultOf(error, call));
      throw error;
    }
  };
}

function traceStream(handle: Handler, begin: Begin): Handler {
  return async function* (request, call) {
    const { span } = begin(call);
    let result = 'CANCELLED';
    try {
      yield* handle(request, call) as AsyncIterable<unknown>;
      result = 'OK';
    } catch (error) {
      result = resultOf(error, call);
      throw error;
    } finally {
      end(span, result);
    }
  };
}

function end(span: Span, result: string): void {
  span.setAttribute('hub.result', result);
  if (result !== 'OK') span.setStatus({ code: SpanStatusCode.ERROR, message: result });
  span.end();
}
