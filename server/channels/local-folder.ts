import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failureOf } from './carrier.js';
import { unfinishedPath, type ExchangeFolder, type FolderFile } from './exchange-folder.js';

/** An exchange folder on this machine: a local directory, or one that is mounted. It is never made. */
export function localFolder(directory: string): ExchangeFolder {
  const at = (path: string): string => join(directory, path);
  return {
    timeoutMs: 60_000,
    concurrency: 16,
    async list(path, isWanted) {
      const entries = await readdir(at(path), { withFileTypes: true });
      const names = entries.filter((one) => one.isFile() && isWanted(one.name));
      const files = await Promise.all(names.map(({ name }) => describe(at(path), name)));
      return files.flatMap((file) => file ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async makeDirectory(path) {
      await mkdir(at(path)).catch((error: unknown) => {
        if (failureOf(error) !== 'EEXIST') throw error;
      });
    },
    read: (path) => readFile(at(path)),
    place: (path, bytes) => place(directory, path, bytes),
    move: (from, to) => rename(at(from), at(to)),
    remove: (path) => rm(at(path), { force: true }),
    close: () => Promise.resolve(),
  };
}

/** Undefined: another process of the node took it at the same moment. */
async function describe(directory: string, name: string): Promise<FolderFile | undefined> {
  try {
    const { size, mtimeMs } = await stat(join(directory, name));
    return { name, size, modifiedMs: mtimeMs };
  } catch (error) {
    if (failureOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Under another name in the same directory, to the disk, then renamed. */
async function place(directory: string, path: string, bytes: Uint8Array): Promise<void> {
  const temporary = join(directory, unfinishedPath(path, randomBytes(6).toString('hex')));
  const final = join(directory, path);
  try {
    await writeDurably(temporary, bytes);
    await rename(temporary, final);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncDirectory(join(final, '..'));
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
