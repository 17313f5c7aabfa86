import { configOfProcess } from '../config.js';
import { withCommandStore } from '../node/command-store.js';
import { listRestorations, type Restoration } from '../storage/restorations.js';
import { verifyChain, type Fault, type Verdict } from './verify-chain.js';

export type { Fault, Restoration };

/** Restorations that are named, newest first. */
const RESTORATIONS = 20;

/** The audit chain of the node that the HUB_* variables describe, recomputed beside the node. Throws StartError. */
export async function verifyOwnChain(): Promise<
  Verdict & { readonly node: string; readonly restorations: readonly Restoration[] }
> {
  const config = configOfProcess();
  return withCommandStore(config, async ({ knex }) => ({
    node: config.node,
    ...(await verifyChain(knex, config.node)),
    restorations: await listRestorations(knex, RESTORATIONS),
  }));
}
