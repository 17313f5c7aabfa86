import { setTimeout as sleep } from 'node:timers/promises';
import type { Refusal, SubmissionResult } from '#gen/zhengzhao/v1/common_pb.js';
import { HubClientError } from '../../clients/hub-client-error.js';
import { TryLater } from '../answer.js';
import { isUnreachable } from '../failure.js';
import type { Door } from './door.js';
import { bytesOf } from './message-id.js';
import type { Prepared } from './message.js';

/** Lanes that are sent side by side; rows of one enterprise are all in the same one. */
export const LANES = 4;

/** Bytes of a batch; a node takes 16 MiB. */
const MAX_BATCH_BYTES = 8 * 1024 * 1024;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;

/** Outcome of each message, by its row. */
export type Outcomes = Map<number, SubmissionResult>;

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
 * order. Rejects with HubClientError when the node refuses a whole call, with TryLater when it takes
 * nothing for longer than the patience.
 */
export async function sendRows(
  rows: readonly Prepared[],
  options: SendingOptions,
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const lanes = Array.from({ length: LANES }, (): Prepared[] => []);
  for (const row of rows) lanes[laneOf(row.orderKey)]?.push(row);
  const sendLane = async (lane: readonly Prepared[]): Promise<void> => {
    for (const batch of batchesOf(lane, options.batchSize))
      await sendBatch(batch, options, outcomes);
  };
  await Promise.all(lanes.map(sendLane));
  return outcomes;
}

function laneOf(key: string): number {
  let hash = 0;
  for (const character of key) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return hash % LANES;
}

function* batchesOf(rows: readonly Prepared[], most: number): Generator<Prepared[]> {
  let batch: Prepared[] = [];
  let size = 0;
  for (const row of rows) {
    const bytes = bytesOf(row.message).length;
    if (batch.length === most || (batch.length > 0 && size + bytes > MAX_BATCH_BYTES)) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(row);
    size += bytes;
  }
  if (batch.length > 0) yield batch;
}

async function sendBatch(
  batch: readonly Prepared[],
  { door, patienceMs }: SendingOptions,
  outcomes: Outcomes,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  let open = batch;
  for (let wait = FIRST_WAIT_MS; ; wait *= 2) {
    const attempt = await attemptOf(open, door);
    attempt.settled.forEach((result, row) => outcomes.set(row, result));
    open = open.filter(({ row }) => !attempt.settled.has(row));
    if (open.length === 0) return;
    const pause = Math.min(LONGEST_WAIT_MS, Math.max(attempt.retryAfterMs, wait));
    if (Date.now() + pause > deadline) throw attempt.why;
    await sleep(pause);
  }
}

/** What became of one attempt at a batch. */
interface Attempt {
  /** Accepted, or refused for good. */
  readonly settled: Outcomes;
  /** Of the others: when to try again, and why they were not taken. */
  readonly retryAfterMs: number;
  readonly why: Error | undefined;
}

async function attemptOf(rows: readonly Prepared[], door: Door): Promise<Attempt> {
  try {
    return sortOut(rows, await door.submit(rows.map(({ message }) => message)));
  } catch (error) {
    if (!(error instanceof HubClientError) || !isUnreachable(error)) throw error;
    return { settled: new Map(), retryAfterMs: error.retryAfterMs ?? 0, why: error };
  }
}

function sortOut(rows: readonly Prepared[], results: readonly SubmissionResult[]): Attempt {
  const settled: Outcomes = new Map();
  let refusedForNow: Refusal | undefined;
  results.forEach((result, at) => {
    const row = rows[at]?.row ?? 0;
    const { outcome } = result;
    if (outcome.case === 'refusal' && outcome.value.retryAfterMs > 0n)
      refusedForNow = outcome.value;
    else settled.set(row, result);
  });
  const { messageZh: zh = '', messageEn: en = '', retryAfterMs = 0n } = refusedForNow ?? {};
  return { settled, retryAfterMs: Number(retryAfterMs), why: new TryLater(zh, en) };
}
