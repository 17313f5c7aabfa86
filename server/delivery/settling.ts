import type { Knex } from 'knex';
import { AuditKind } from '#gen/zhengzhao/v1/audit_pb.js';
import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import { auditEntry, type AuditEntry } from '../domain/audit/entry.js';
import { appendAudit } from '../storage/audit.js';
import { settleDeliveries, type Settled, type Settlement } from '../storage/outbox.js';

const OUTCOME = { 2: 'ACKNOWLEDGED', 3: 'DEAD', 4: 'HELD_BACK' } as const;

/**
 * Writes the outcomes of a batch of deliveries and records those that ended, in one transaction.
 * Attempts that are made again are no outcome yet and are not recorded. Returns how many changed.
 */
export async function settleAudited(
  knex: Knex,
  node: string,
  settlements: readonly Settlement[],
): Promise<number> {
  if (settlements.length === 0) return 0;
  return knex.transaction(async (trx) => {
    const settled = await settleDeliveries(trx, settlements);
    const atMs = Date.now();
    await appendAudit(
      trx,
      node,
      settled.flatMap((one) => entryOf(one, node, atMs)),
    );
    return settled.length;
  });
}

function entryOf(settled: Settled, node: string, atMs: number): AuditEntry | [] {
  const { state, action, messageId, sourceNode, destination, rule } = settled;
  if (state === 1) return [];
  return auditEntry({
    kind: AuditKind.DELIVERY,
    atMs,
    actor: `node:${node}`,
    action: action === DeliveryAction.WITHDRAW ? 'withdraw' : 'deliver',
    messageId,
    sourceNode,
    subject: destination,
    rules: [rule],
    outcome: OUTCOME[state],
  });
}
