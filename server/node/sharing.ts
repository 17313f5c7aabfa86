import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { startProjector } from '../share/projector.js';
import { libraryNames } from '../storage/library-names.js';
import type { Closers } from './closers.js';
import type { Store } from './store.js';

/** Keeps the 共享库 of the node up to date (R47). */
export function openSharing(config: Config, { knex }: Store, log: Logger, closers: Closers): void {
  if (config.process === 'api') return;
  const { share } = libraryNames(config.databaseSchema);
  const projector = startProjector({ knex, log, share, intervalMs: config.sweepMs });
  closers.add(() => projector.stop());
}
