import { configOfProcess } from '../config.js';
import { createLog } from '../log.js';
import { Closers } from '../node/closers.js';
import { openStore } from '../node/store.js';
import type { Restoration } from '../storage/restorations.js';
import { continueFromBackup } from './restore-point.js';

/** What the node that was restored goes on from. */
export interface DeclaredRestoration extends Restoration {
  readonly node: string;
}

/**
 * Tells the node that the HUB_* variables describe that its database was restored from a backup. To be
 * called once, before the node starts. A node finds out by itself after most restores; this is for all
 * of them, and does no harm twice.
 */
export async function declareRestored(): Promise<DeclaredRestoration> {
  const config = configOfProcess();
  const { node } = config;
  const log = createLog('error', node);
  const closers = new Closers();
  try {
    const store = await openStore(config, log, closers, undefined);
    return { node, ...(store.restored ?? (await continueFromBackup(store.knex, node))) };
  } finally {
    await closers.closeAll(log);
  }
}
