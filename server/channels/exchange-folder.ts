/** A file of an exchange folder. */
export interface FolderFile {
  readonly name: string;
  readonly size: number;
  /** By the clock of the machine that keeps it; of another machine to the second only. */
  readonly modifiedMs: number;
}

/**
 * The directory of a front-end machine (前置机, R31) by which packages leave and receipts come: a local
 * one, or one of an SFTP server. Paths are relative to it, with `/`; the empty path is itself. Every
 * call ends in bounded time. Errors carry a `code` and neither content nor secrets: `ENOENT` for what
 * is not there, others as the operating system or the connection names them.
 */
export interface ExchangeFolder {
  /** Longest time that `place` may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Files that may be placed at once. */
  readonly concurrency: number;
  /** The regular files of a directory whose names are wanted, in the order of their names. */
  list(path: string, isWanted: (name: string) => boolean): Promise<readonly FolderFile[]>;
  /** Makes a directory in one that is there; none is made where it is there already. */
  makeDirectory(path: string): Promise<void>;
  read(path: string): Promise<Uint8Array>;
  /** Writes a file so that a reader never sees half of it; a file of that name is replaced. */
  place(path: string, bytes: Uint8Array): Promise<void>;
  move(from: string, to: string): Promise<void>;
  /** Removes a file; one that is gone is no error. */
  remove(path: string): Promise<void>;
  /** Lets go of what is held; what is under way fails at once, and so does every later call. */
  close(): Promise<void>;
}

/** Ending of what is being written; a reader looks at `*.zip` only. */
const UNFINISHED = '.part';
/** Age past which an unfinished file belongs to a process that was killed. */
const ABANDONED_MS = 3_600_000;

/** Name under which a file is written; of its own for each attempt, as two of them may overlap. */
export function unfinishedPath(path: string, unique: string): string {
  const at = path.lastIndexOf('/') + 1;
  return `${path.slice(0, at)}.${path.slice(at)}.${unique}${UNFINISHED}`;
}

/** Removes what killed processes left half written. */
export async function removeAbandoned(folder: ExchangeFolder, nowMs: number): Promise<void> {
  const isUnfinished = (name: string): boolean => name.startsWith('.') && name.endsWith(UNFINISHED);
  for (const { name, modifiedMs } of await folder.list('', isUnfinished))
    if (nowMs - modifiedMs > ABANDONED_MS) await folder.remove(name);
}
