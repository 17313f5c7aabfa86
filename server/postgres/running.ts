import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { locateExisting } from './cluster-location.js';
import { DATABASE } from './cluster.js';
import { readIfExists } from './durable-files.js';

/**
 * Address of the embedded server that a running node has on this data directory, for commands
 * beside the node; undefined when none runs. Only who may read the data directory learns it.
 */
export async function findRunningServer(dataDir: string): Promise<string | undefined> {
  const dir = await realpath(dataDir).catch(() => undefined);
  if (dir === undefined) return undefined;
  const password = (await readIfExists(join(dir, 'postgres-password')))?.trim();
  const { pgdata } = await locateExisting(dir);
  const lines = ((await readIfExists(join(pgdata, 'postmaster.pid'))) ?? '').split('\n');
  // The server writes its port into the fourth line and its state into the eighth.
  const port = Number(lines[3]);
  if (!password || !(port > 0) || lines[7]?.trim() !== 'ready') return undefined;
  return `postgres://${DATABASE}:${password}@127.0.0.1:${port}/${DATABASE}`;
}
