import type { Config } from '../config.js';
import type { Tracing } from '../tracing/tracing.js';
import type { Closers } from './closers.js';

/** Makes traces when they are wanted (HUB_OTLP_URL); else nothing of OpenTelemetry's SDK is even loaded. */
export async function openTracing(
  { traces, node, process }: Config,
  version: string,
  closers: Closers,
): Promise<Tracing | undefined> {
  if (!traces) return undefined;
  const { startTracing } = await import('../tracing/sdk.js');
  const { tracing, stop } = startTracing({ ...traces, node, process, version });
  closers.add(stop);
  return tracing;
}
