import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Stage } from './stage/stage.js';

const POLL_MS = 500;
/** Looks in a row that must find nothing left to deliver. */
const QUIET_POLLS = 4;

/** Deliveries that wait, at every node. */
async function countOpen({ nodes }: Stage): Promise<number> {
  const counts = await Promise.all(
    [...nodes.values()].map(async ({ postgres }) => {
      const db = new pg.Client({ connectionString: postgres.urlAt() });
      db.on('error', () => undefined);
      await db.connect();
      try {
        const { rows } = await db.query<{ n: number }>(
          'select count(*)::int as n from hub.deliveries where state = 1',
        );
        return rows[0]?.n ?? 0;
      } finally {
        await db.end();
      }
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * Until no node has anything left to deliver, several looks in a row, or the limit is over: then
 * what still waits is for the oracle to call lost. Tells each look's figure.
 */
export async function untilSettled(
  stage: Stage,
  limitMs: number,
  tell: (open: number) => void,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (let quiet = 0; quiet < QUIET_POLLS && performance.now() < deadline;) {
    const open = await countOpen(stage);
    tell(open);
    quiet = open === 0 ? quiet + 1 : 0;
    await pause(POLL_MS);
  }
}
