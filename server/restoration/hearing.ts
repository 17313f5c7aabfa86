import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { administered } from '../domain/audit/administration.js';
import { appendAudit } from '../storage/audit.js';
import { deliveriesDetachedUntil } from '../storage/history-months.js';
import { notePeerRestoration } from '../storage/peer-restorations.js';
import type { Restoration } from '../storage/restorations.js';

/** What hearing of a neighbour's restoration needs. */
export interface HearingParts {
  readonly knex: Knex;
  readonly log: Logger;
  readonly node: string;
}

/** Takes note, once, that a neighbour was restored: it is given back what it lost from then on. */
export async function hearOfRestoration(
  { knex, log, node }: HearingParts,
  peer: string,
  { restoredAt, backupUntil }: Restoration,
): Promise<void> {
  const isNew = await knex.transaction(async (trx) => {
    if (!(await notePeerRestoration(trx, peer, { restoredAt, backupUntil }))) return false;
    await appendAudit(trx, node, [
      administered('peer-restored', `node:${peer}`, Date.now(), {
        subject: peer,
        outcome: `backup until ${backupUntil?.toISOString() ?? 'empty'}`,
      }),
    ]);
    return true;
  });
  if (!isNew) return;
  log.warn(
    { peer, restoredAt, backupUntil },
    '相邻节点由备份恢复,将补发、退还 / a neighbour was restored; it is given back what it lost',
  );
  const detachedUntil = await deliveriesDetachedUntil(knex);
  if (detachedUntil && detachedUntil.getTime() > (backupUntil?.getTime() ?? 0))
    log.warn(
      { peer, backupUntil, detachedUntil },
      '其备份早于已分离的历史月份,请先重新挂接 / its backup is older than months of history that were detached; attach them again, see the README',
    );
}
