import { chmod, mkdir, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a directory unless it exists; a new one gets exactly this mode, whatever the umask. */
export async function makeDir(dir: string, mode: number): Promise<void> {
  if (await exists(dir)) return;
  const made = await mkdir(dir, { recursive: true });
  if (made !== undefined) await chmod(dir, mode);
}

/** Replaces a file, mode 0600, so that after a crash it holds the old text or the new, whole. */
export async function writeDurably(file: string, text: string): Promise<void> {
  const draft = `${file}.new`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await renameDurably(draft, file);
}

/** Renames within a directory; once it returns, the new name outlives a power cut. */
export async function renameDurably(from: string, to: string): Promise<void> {
  await rename(from, to);
  const handle = await open(dirname(to), 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Whether something is at this path and may be looked at. */
export function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** The text of a file; undefined when there is none. An unreadable file is an error, not absent. */
export function readIfExists(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
