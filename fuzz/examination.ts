import { setTimeout as pause } from 'node:timers/promises';
import { PULL_LEASE_MS } from '../server/services/exchange/between-nodes.js';
import { halfWritten } from '../test/support/half-written.js';
import type { Target } from './target.js';

/** Receipts that the callers of one node have seen, and calls that ended before they could tell. */
export interface Ledger {
  accepted: number;
  untold: number;
}

/** What a hostile call fetched and never acknowledged rests first when its lease is over. */
const SETTLE_LIMIT_MS = PULL_LEASE_MS + 30_000;
const LOOK_EVERY_MS = 250;

/**
 * What is wrong in a node's tables after a run: anything written by halves, a message without a
 * receipt, and a receipt without its message.
 */
export async function examine(target: Target, ledger: Ledger): Promise<string[]> {
  return [
    ...(await halfWritten(target, target.level)),
    ...(await unreceipted(target, ledger)),
    ...(await undelivered(target)),
  ];
}

/** Whatever was refused left no row but its refusal: there are as many messages as receipts. */
async function unreceipted(target: Target, { accepted, untold }: Ledger): Promise<string[]> {
  const [row] = await target.sql<{ count: number }>(
    `select count(*) from messages where origin = 'client'`,
  );
  const stored = Number(row?.count);
  if (stored >= accepted && stored <= accepted + untold) return [];
  return [`${stored} messages are stored, and ${accepted} receipts were given (${untold} untold)`];
}

/** Every delivery comes to rest: taken, refused for good, or behind one that was. */
async function undelivered(target: Target): Promise<string[]> {
  const waiting = `
    select d.id from deliveries d
     where d.state = 1 and d.destination in ('100000', '330000')
       and not exists (select 1 from deliveries b
                        where b.destination = d.destination and b.entity = d.entity
                          and b.id < d.id and b.state in (1, 3))
     limit 5`;
  const limit = Date.now() + SETTLE_LIMIT_MS;
  for (;;) {
    const rows = await target.sql<{ id: number }>(waiting);
    if (rows.length === 0) return [];
    if (Date.now() > limit) return [`deliveries that do not come to rest: ${JSON.stringify(rows)}`];
    await pause(LOOK_EVERY_MS);
  }
}
