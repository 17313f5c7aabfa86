import { trace } from '@opentelemetry/api';
import { pino, type DestinationStream, type Logger } from 'pino';

/** What may be known of an error: PostgreSQL's details, hints and contexts quote rows. */
interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** Longest chain of causes that is written. */
const DEPTH = 4;

function describe(error: unknown, depth = 0): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error' };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return {
    type: error.name,
    message: error.message,
    ...(code !== undefined && { code }),
    ...(error.stack !== undefined && { stack: error.stack }),
    ...(error.cause !== undefined && depth < DEPTH && { cause: describe(error.cause, depth + 1) }),
  };
}

/** The trace that the work is part of, where traces are made. */
function traceOfLine(): object {
  const span = trace.getActiveSpan()?.spanContext();
  return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
}

/**
 * The log of a node: one JSON object a line. Messages are chosen by hand and hold no content;
 * errors are reduced to name, message, code and stack, as drivers put rows into the rest.
 */
export function createLog(level: string, node: string, destination?: DestinationStream): Logger {
  const options = { level, base: { node }, serializers: { err: describe }, mixin: traceOfLine };
  return destination ? pino(options, destination) : pino(options);
}
