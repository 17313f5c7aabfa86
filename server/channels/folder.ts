import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { archiveName, packArchive } from './archive.js';
import { failureOf, type Carrier, type Outcome, type OutgoingPackage } from './carrier.js';

/** Ending of what is being written; a reader looks at `*.zip` only. */
const UNFINISHED = '.part';
/** Age past which an unfinished file belongs to a process that was killed. */
const ABANDONED_MS = 3_600_000;

/** A folder of a front-end machine (前置机): a local directory, or one that is mounted. */
export function folderCarrier(directory: string): Carrier {
  return {
    concurrency: 16,
    timeoutMs: 60_000,
    async send(outgoing) {
      try {
        await place(directory, archiveName(outgoing), packArchive(outgoing));
        return { kind: 'placed' };
      } catch (error) {
        return unwritable(error, outgoing);
      }
    },
  };
}

function unwritable(error: unknown, { claimed }: OutgoingPackage): Outcome {
  return { kind: 'unreachable', error: `${claimed.packageId}: ${failureOf(error)}` };
}

/**
 * Writes a file so that a reader never sees half of it: under another name in the same directory,
 * to the disk, then renamed. A file of that name is replaced.
 */
export async function place(directory: string, name: string, bytes: Uint8Array): Promise<void> {
  // A name of its own for each attempt: two that overlap must not write into one file.
  const temporary = join(directory, `.${name}.${randomBytes(6).toString('hex')}${UNFINISHED}`);
  try {
    await writeDurably(temporary, bytes);
    await rename(temporary, join(directory, name));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(directory);
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename last; some mounted file systems can't, and the sender then trusts the rename. */
async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EISDIR', 'EPERM'].includes(failureOf(error))) throw error;
  } finally {
    await handle.close();
  }
}

/** Removes what killed processes left half written. */
export async function removeAbandoned(directory: string, nowMs: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith('.') || !name.endsWith(UNFINISHED)) continue;
    const path = join(directory, name);
    const { mtimeMs } = await stat(path);
    if (nowMs - mtimeMs > ABANDONED_MS) await rm(path, { force: true });
  }
}
