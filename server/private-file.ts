import type { Stats } from 'node:fs';
import type { Bilingual } from './domain/errors.js';

/** A key, a token or a password that others than the service's user could read. */
export class ExposedFileError extends Error {
  override readonly name = 'ExposedFileError';
  readonly code = 'SECRET_FILE_EXPOSED';
}

/**
 * Throws ExposedFileError for a secret that others may read or change. A file that belongs to another
 * user, as root's does that a container or an orchestrator hands over, may be readable by its group:
 * that is how the service itself reads it. Where files have no modes there is nothing to see.
 */
export function requirePrivate(file: string, { mode, uid }: Pick<Stats, 'mode' | 'uid'>): void {
  if (process.platform === 'win32') return;
  const own = uid === process.geteuid?.();
  if ((mode & (own ? 0o077 : 0o027)) === 0) return;
  const { zh, en } = exposure(file);
  throw new ExposedFileError(`${zh} · ${en}`);
}

function exposure(file: string): Bilingual {
  return {
    zh: `${file} 可被其他用户读取,请 chmod 600`,
    en: `${file} is open to other users; chmod 600 it.`,
  };
}
