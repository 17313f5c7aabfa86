import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { openEndpoint } from '../metrics/endpoint.js';
import type { Meter } from '../metrics/meter.js';
import { WorkGauges } from '../metrics/work-gauges.js';
import { query } from '../storage/database.js';
import type { Closers } from './closers.js';
import type { Store } from './store.js';

/** Serves metrics and probes (HUB_METRICS); does nothing when it is unset. */
export async function openMetrics(
  config: Config,
  { registry }: Meter,
  { knex }: Store,
  log: Logger,
  closers: Closers,
): Promise<void> {
  if (!config.metrics) return;
  const { host, port } = config.metrics;
  const gauges = new WorkGauges(registry, knex);
  const endpoint = await openEndpoint(host, port, {
    contentType: registry.contentType,
    metrics: async () => {
      await gauges.refresh(performance.now());
      return registry.metrics();
    },
    unready: async () => {
      try {
        await query(knex, 'select 1');
        return undefined;
      } catch {
        return '数据库不可用 · the database does not answer';
      }
    },
  });
  closers.add(() => endpoint.close());
  log.info({ host, port: endpoint.port }, '监控地址 / metrics and probes are served');
}
