import { join } from 'node:path';
import { Relay } from '../../chaos/stage/relay.js';
import { startTarget, type Target } from '../../fuzz/target.js';
import { freePort } from '../../launch/free-port.js';

/** A province whose line to its national node can be slowed down. */
export interface SlowLink {
  readonly province: Target;
  readonly national: Target;
  /** Milliseconds that every piece of what goes over the line, up to 64 KiB, waits. 0: none. */
  slowDown(delayMs: number): void;
  /** Deliveries of the province: those that wait, and those that were acknowledged. */
  deliveries(): Promise<{ readonly open: number; readonly done: number }>;
  /** Ends both; answers what was not in order. */
  stop(): Promise<string[]>;
}

/** Starts both, each in a process of its own, on one PostgreSQL. */
export async function openSlowLink(
  databaseUrl: string,
  dir: string,
  backlogLimit: number,
): Promise<SlowLink> {
  const [nationalPort, provincePort] = [await freePort(), await freePort()];
  const relay = await Relay.open({ target: () => nationalPort });
  const [national, province] = await Promise.all([
    startTarget({
      level: 'national',
      port: nationalPort,
      databaseUrl,
      dataDir: join(dir, '100000'),
      schema: 'backpressure_100000',
      env: { HUB_NODES: `330000=http://127.0.0.1:${provincePort}` },
    }),
    startTarget({
      level: 'provincial',
      port: provincePort,
      databaseUrl,
      dataDir: join(dir, '330000'),
      schema: 'backpressure_330000',
      env: {
        HUB_REGION: '330000',
        HUB_UPSTREAM_URL: `http://127.0.0.1:${relay.port}`,
        HUB_BACKLOG_LIMIT: String(backlogLimit),
      },
    }),
  ]);
  return {
    province,
    national,
    slowDown: (delayMs) => {
      relay.weather = delayMs === 0 ? { kind: 'clear' } : { kind: 'slow', delayMs };
    },
    deliveries: async () => {
      const [row] = await province.sql<{ open: number; done: number }>(
        `select count(*) filter (where state = 1)::int as open,
                count(*) filter (where state = 2)::int as done from deliveries`,
      );
      return { open: row?.open ?? 0, done: row?.done ?? 0 };
    },
    stop: async () => {
      const problems = [...(await province.stop()), ...(await national.stop())];
      await relay.close();
      return [...problems, ...province.complaints, ...national.complaints];
    },
  };
}
