import type { Knex } from 'knex';
import { administered } from '../domain/audit/administration.js';
import { firstNumberAfterRestore } from '../domain/restoration.js';
import { NATIONAL_NODE } from '../reference/nodes.js';
import { appendAudit, auditHead } from '../storage/audit.js';
import { librariesHere } from '../storage/library-names.js';
import {
  insertRestoration,
  lastActAt,
  lastRestoration,
  moveNumbersOn,
  notePlace,
  wasHeardOf,
  type Restoration,
} from '../storage/restorations.js';

/** Says why a node goes on from a backup. */
export type RestoreSign = 'found-at-start' | 'declared';

/** What a start found. */
export interface FoundPlace {
  /** Where the tables are. */
  readonly place: string;
  /** They were in another place before, and the node goes on from the backup; undefined: they were not. */
  readonly restored: Restoration | undefined;
}

/**
 * Looks whether the tables are in another place than at the last start, as after a restore, and goes
 * on from the backup then, before anything is accepted.
 */
export function continueIfRestored(knex: Knex, node: string): Promise<FoundPlace> {
  return knex.transaction(async (trx) => {
    const { place, moved } = await notePlace(trx);
    return { place, restored: moved ? await goOn(trx, node, 'found-at-start') : undefined };
  });
}

/** Goes on from a backup because an operator says so: for restores that leave no other trace. */
export function continueFromBackup(knex: Knex, node: string): Promise<Restoration> {
  return knex.transaction(async (trx) => {
    await notePlace(trx);
    return goOn(trx, node, 'declared');
  });
}

async function goOn(trx: Knex.Transaction, node: string, sign: RestoreSign): Promise<Restoration> {
  const untold = await untoldRestoration(trx);
  const backupUntil = untold ? untold.backupUntil : await lastActAt(trx);
  const restoredAt = new Date();
  const first = firstNumberAfterRestore(restoredAt.getTime());
  await moveNumbersOn(trx, await librariesHere(trx), first);
  const until = backupUntil?.toISOString() ?? 'empty';
  await appendAudit(trx, node, [
    administered('restored', `node:${node}`, restoredAt.getTime(), {
      subject: `backup until ${until}`,
      outcome: `${sign} numbers from ${first}`,
    }),
  ]);
  const link = untold?.link ?? (await auditHead(trx))?.link ?? 0;
  const restoration = { restoredAt, backupUntil, link };
  await insertRestoration(trx, restoration);
  return restoration;
}

/**
 * The last restoration, when no neighbour can have heard of it: they hear of the newest only, and what
 * was lost before the last one would never be given back. So the next one says of both since when.
 */
async function untoldRestoration(trx: Knex.Transaction): Promise<Restoration | undefined> {
  const last = await lastRestoration(trx);
  if (!last) return undefined;
  const first = firstNumberAfterRestore(last.restoredAt.getTime());
  return (await wasHeardOf(trx, last, first, NATIONAL_NODE)) ? undefined : last;
}
