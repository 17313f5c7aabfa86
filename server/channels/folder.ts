import { archiveName, packArchive } from './archive.js';
import { failureOf, type Carrier } from './carrier.js';
import type { ExchangeFolder } from './exchange-folder.js';

/** Sends packages by putting their archives into the folder of a front-end machine (前置机, R31). */
export function folderCarrier(folder: ExchangeFolder): Carrier {
  return {
    concurrency: folder.concurrency,
    timeoutMs: folder.timeoutMs,
    async send(outgoing) {
      try {
        await folder.place(archiveName(outgoing), packArchive(outgoing));
        return { kind: 'placed' };
      } catch (error) {
        const { packageId } = outgoing.claimed;
        return { kind: 'unreachable', error: `${packageId}: ${failureOf(error)}` };
      }
    },
  };
}
