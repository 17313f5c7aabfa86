import { submitInBatches } from '../../clients/batch-submission.js';
import { Batches } from '../../clients/batches.js';
import { Patience } from '../../clients/patience.js';
import type { Settled } from '../../clients/settled.js';
import type { Door } from './door.js';
import { bytesOf } from './message-id.js';
import type { Prepared } from './message.js';

/** Lanes that are sent side by side; rows of one enterprise are all in the same one. */
export const LANES = 4;

/** Outcome of each message, by its row. */
export type Outcomes = Map<number, Settled<Prepared>>;

/** How rows are sent. */
export interface SendingOptions {
  readonly door: Door;
  /** Messages of a batch, at most 500. */
  readonly batchSize: number;
  /** Milliseconds during which what is refused for now is sent again. */
  readonly patienceMs: number;
}

/**
 * Sends rows and waits for all of them: batches side by side, the rows of an enterprise in their
 * order. Rejects with HubClientError when the node refuses a whole call, or takes nothing for longer
 * than the patience.
 */
export async function sendRows(
  rows: readonly Prepared[],
  { door, batchSize, patienceMs }: SendingOptions,
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const lanes = Array.from({ length: LANES }, (): Prepared[] => []);
  for (const row of rows) lanes[laneOf(row.orderKey)]?.push(row);
  const patience = new Patience({ giveUpAfterMs: patienceMs });
  const sendLane = async (lane: readonly Prepared[]): Promise<void> => {
    const batches = new Batches(lane, ({ message }) => bytesOf(message).length, batchSize);
    const submit = (batch: readonly Prepared[]) => door.submit(batch.map(({ message }) => message));
    for await (const settled of submitInBatches(batches, submit, patience))
      outcomes.set(settled.message.row, settled);
  };
  await Promise.all(lanes.map(sendLane));
  return outcomes;
}

function laneOf(key: string): number {
  let hash = 0;
  for (const character of key) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % LANES;
}
