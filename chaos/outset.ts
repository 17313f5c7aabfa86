import { setTimeout as pause } from 'node:timers/promises';
import type { HubApi } from './clients/hub-api.js';
import { killAt } from './faults/process-faults.js';
import type { ChaosNode } from './stage/chaos-node.js';
import type { Stage } from './stage/stage.js';

const MIGRATION_LIMIT_MS = 60_000;
const READY_LIMIT_MS = 120_000;
const POLL_MS = 200;

/**
 * Starts every process for the first time. One of each node is killed in the middle of the
 * migrations, and so is a PostgreSQL; returns the kills.
 */
export async function startNodes(stage: Stage): Promise<number> {
  const kills = await Promise.all([...stage.nodes.values()].map(startNode));
  return kills.reduce((sum, count) => sum + count, 0);
}

async function startNode({ members, postgres }: ChaosNode): Promise<number> {
  const [first, ...others] = members;
  if (!first) return 0;
  first.process.start();
  const kills = await killAt(first, 'mid-migration', MIGRATION_LIMIT_MS);
  await first.trap.set('mid-migration', () => undefined, MIGRATION_LIMIT_MS);
  await postgres.kill('SIGKILL');
  await postgres.start();
  for (const { process } of others) process.start();
  return kills + 1;
}

/** Until every process that takes calls answers. Throws when one does not in time. */
export async function untilAllAnswer(apis: readonly HubApi[]): Promise<void> {
  const deadline = performance.now() + READY_LIMIT_MS;
  await Promise.all(
    apis.map(async ({ catalog }) => {
      for (;;) {
        try {
          await catalog.getCatalogVersion({}, { timeoutMs: 2_000 });
          return;
        } catch (error) {
          if (performance.now() > deadline) throw error;
          await pause(POLL_MS);
        }
      }
    }),
  );
}
