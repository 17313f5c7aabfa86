import { setTimeout as pause } from 'node:timers/promises';
import { compare, readFigures, type Difference, type Figures } from './figures.js';
import type { Network } from './nodes.js';

const POLL_MS = 200;
const QUIET_POLLS = 3;
const QUIET_LIMIT_MS = 60_000;
const FIGURES_LIMIT_MS = 5_000;

/** Until no node has anything left to deliver, several looks in a row. */
export async function untilQuiet({ all }: Network): Promise<void> {
  const deadline = Date.now() + QUIET_LIMIT_MS;
  for (let quiet = 0; quiet < QUIET_POLLS;) {
    const statuses = await Promise.all(all.map(({ dataCenter }) => dataCenter.getNodeStatus({})));
    const open = statuses.flatMap(({ links }) => links).some((link) => link.open > 0n);
    quiet = open ? 0 : quiet + 1;
    if (Date.now() > deadline)
      throw new Error('仍有未投递的消息 · deliveries are still open after a minute');
    await pause(POLL_MS);
  }
}

/** The figures once they are as expected; after a few seconds whatever they are, with what is off. */
export async function settledFigures(
  network: Network,
  fromDate: string,
  expected: Figures,
): Promise<{ figures: Figures; differences: Difference[] }> {
  const deadline = Date.now() + FIGURES_LIMIT_MS;
  for (;;) {
    const figures = await readFigures(network.all, fromDate);
    const differences = compare(expected, figures);
    if (differences.length === 0 || Date.now() > deadline) return { figures, differences };
    await pause(POLL_MS);
  }
}
