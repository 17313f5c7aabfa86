import { createHash } from 'node:crypto';
import { TraceFlags, type SpanContext } from '@opentelemetry/api';

/**
 * The trace of a message: made of its id alone, so that every node, every process and every later attempt
 * adds to the same trace, and nothing has to be stored or carried for it. `spanId` is that of its first
 * span, the acceptance at the node where it came in.
 */
export function messageTrace(sourceNode: string, messageId: string): SpanContext {
  const hex = createHash('sha256')
    .update(`zhengzhao-message/1\n${sourceNode}\n${messageId}`)
    .digest('hex');
  return {
    traceId: hex.slice(0, 32),
    spanId: hex.slice(32, 48),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  };
}
