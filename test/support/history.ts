import type { Knex } from 'knex';
import { pino } from 'pino';
import { tendHistory, type Tended } from '../../server/history/tend-history.js';

const DAY_MS = 86_400_000;

/** When to tend, and for how long to keep. */
export interface TendOptions {
  /** Days from now; so that what a test has just written is old. */
  readonly inDays?: number;
  readonly nowMs?: number;
  readonly afterDays?: number;
  /** Unset: months are never detached. */
  readonly keptMonths?: number;
  readonly node?: string;
}

/** Tends a history as the daily task does, at another time; undefined when somebody else is at it. */
export function tend(knex: Knex, options: TendOptions = {}): Promise<Tended | undefined> {
  const { inDays = 0, nowMs = Date.now() + inDays * DAY_MS } = options;
  const { afterDays = 90, keptMonths, node = '330000' } = options;
  const log = pino({ level: process.env['HUB_TEST_LOG'] ?? 'silent' });
  const parts = { knex, log, node, policy: { afterDays, keptMonths } };
  return tendHistory(parts, nowMs, new AbortController().signal);
}
