import { copyFile, open, stat, truncate } from 'node:fs/promises';

const LIMIT_BYTES = 16 * 1024 * 1024;
const LOOK_EVERY_MS = 60_000;
const TAIL_LINES = 20;
const TAIL_BYTES = 16 * 1024;

/** The server's log file, open for appending. */
export interface ServerLog {
  readonly path: string;
  readonly fd: number;
  /** The size in bytes by now: the place from which `tail` may read later. */
  size(): Promise<number>;
  /** The last lines written since that place. */
  tail(from: number): Promise<string>;
  close(): Promise<void>;
}

/**
 * Opens the log file, mode 0600. Above 16 MiB its content moves to `<path>.1`, so the two together
 * stay near 32 MiB however long the server runs.
 */
export async function openServerLog(path: string): Promise<ServerLog> {
  const handle = await open(path, 'a', 0o600);
  await rotate(path);
  const timer = setInterval(() => void rotate(path), LOOK_EVERY_MS).unref();
  const size = async (): Promise<number> => (await handle.stat()).size;
  return {
    path,
    fd: handle.fd,
    size,
    tail: async (from) => readTail(path, Math.max(from, (await size()) - TAIL_BYTES)),
    close: async () => {
      clearInterval(timer);
      await handle.close();
    },
  };
}

/**
 * The server keeps writing through the same descriptor, so the file is emptied rather than renamed.
 * Lines written during the copy are lost. A full disk must not end the hub: then the log stays.
 */
async function rotate(path: string): Promise<void> {
  try {
    if ((await stat(path)).size <= LIMIT_BYTES) return;
    await copyFile(path, `${path}.1`);
    await truncate(path);
  } catch {
    return;
  }
}

async function readTail(path: string, from: number): Promise<string> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, from);
    const text = buffer.subarray(0, bytesRead).toString('utf8').trim();
    return text.split('\n').slice(-TAIL_LINES).join('\n');
  } finally {
    await handle.close();
  }
}
