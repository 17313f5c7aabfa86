import type { Knex } from 'knex';
import { AuditKind } from '#gen/zhengzhao/v1/audit_pb.js';
import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import { auditEntry, type AuditEntry } from '../domain/audit/entry.js';
import { appendAudit } from '../storage/audit.js';
import { lockNames, recordKeyName } from '../storage/node-locks.js';
import { settleDeliveries, type Settled, type Settlement } from '../storage/delivery-outcomes.js';
import { clearForwarded, recordsOfDeliveries } from '../storage/forwarded-records.js';

const OUTCOME = { 2: 'ACKNOWLEDGED', 3: 'DEAD', 4: 'HELD_BACK' } as const;

/**
 * Writes the outcomes of a batch of deliveries and records those that ended, in one transaction;
 * records that were sent on to another region leave the work list with it.
 * Attempts that are made again are no outcome yet and are not recorded. Returns how many changed.
 */
export async function settleAudited(
  knex: Knex,
  node: string,
  settlements: readonly Settlement[],
): Promise<number> {
  if (settlements.length === 0) return 0;
  return knex.transaction(async (trx) => {
    const forwarded = settlements.flatMap((one) =>
      one.state === 'acknowledged' && one.forwarded ? [one.id] : [],
    );
    // First, as the accept path takes them, which writes the whole state of a record anew.
    if (forwarded.length > 0) await lockRecords(trx, forwarded);
    const settled = await settleDeliveries(trx, settlements);
    // What was called back on its way has not left the province, whatever the far node answered (D7).
    const ended = new Set(settled.map(({ id }) => id));
    await clearForwarded(
      trx,
      forwarded.filter((id) => ended.has(id)),
    );
    const atMs = Date.now();
    await appendAudit(
      trx,
      node,
      settled.flatMap((one) => entryOf(one, node, atMs)),
    );
    return settled.length;
  });
}

async function lockRecords(trx: Knex.Transaction, deliveryIds: readonly number[]): Promise<void> {
  const records = await recordsOfDeliveries(trx, deliveryIds);
  const names = records.flatMap(({ key, entity }) => [recordKeyName(key), entity]);
  await lockNames(trx, names);
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
