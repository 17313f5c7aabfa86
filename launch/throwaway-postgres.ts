import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '../server/postgres/embedded.js';

/** What a program works on that leaves nothing behind. */
export interface Throwaway {
  /** Of a PostgreSQL of its own. */
  readonly url: string;
  /** For whatever else it writes. */
  readonly directory: string;
}

/**
 * Lets a program work on a PostgreSQL of its own, which is gone when the work has ended, failed or was
 * interrupted (SIGINT, SIGTERM); then it rejects with the signal's name.
 */
export async function onThrowawayPostgres<T>(
  settings: Readonly<Record<string, string>>,
  work: (place: Throwaway) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'zhengzhao-'));
  const dataDir = join(directory, 'postgres');
  const postgres = await startEmbeddedPostgres({ dataDir, settings: { ...settings } });
  try {
    return await Promise.race([work({ url: postgres.url, directory }), interruption()]);
  } finally {
    await postgres.stop();
    await removeEmbeddedPostgres(dataDir);
    await rm(directory, { recursive: true, force: true });
  }
}

function interruption(): Promise<never> {
  return new Promise((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        reject(new Error(signal));
      });
  });
}
