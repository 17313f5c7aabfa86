import { userInfo } from 'node:os';
import type { Knex } from 'knex';
import { administered } from '../domain/audit/administration.js';
import { appendAudit } from '../storage/audit.js';

/**
 * What a command beside the node does to somebody's login or rights, recorded in the same transaction
 * with the account of the operating system that ran it. `outcome`: what it was given; unset: nothing.
 */
export function auditedIn(
  knex: Knex,
  node: string,
  subject: string,
): <T>(action: string, act: (trx: Knex.Transaction) => Promise<T>, outcome?: string) => Promise<T> {
  return (action, act, outcome = '') =>
    knex.transaction(async (trx) => {
      const done = await act(trx);
      const by = `command:${userInfo().username}`;
      await appendAudit(trx, node, [administered(action, by, Date.now(), { subject, outcome })]);
      return done;
    });
}
