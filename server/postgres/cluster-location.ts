import { createHash, randomBytes } from 'node:crypto';
import { lstat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canEnter, chooseAccount, type Account } from './account.js';
import { exists, makeDir, readIfExists, writeDurably } from './durable-files.js';
import { EmbeddedPostgresError } from './embedded-error.js';

/** Where a data directory's cluster lives, and who runs its server. */
export interface ClusterLocation {
  /** The directory that holds the cluster `pgdata` and, while it is made, its forerunner. */
  readonly home: string;
  readonly pgdata: string;
  readonly account: Account | undefined;
}

const POINTER = 'postgres-location';

/** Systems may clear old files from /var/tmp, so it comes second. */
const BASES = ['/var/lib', '/var/tmp'];
const SHARED = 'zhengzhao-hub';

/**
 * Finds the place of a data directory's cluster, or chooses it at the first start: inside the data
 * directory, except when root starts the hub and the server's user cannot enter that directory
 * (a 0700 home). Then it is a directory of its own under /var/lib or /var/tmp, and a pointer file
 * in the data directory says which.
 */
export async function locateCluster(dataDir: string): Promise<ClusterLocation> {
  const known = await locateExisting(dataDir);
  const account = await chooseAccount(known.pgdata);
  if (known.home !== dataDir || account === undefined || (await exists(known.pgdata))) {
    return { ...known, account };
  }
  if (await canEnter(account, dataDir)) return { ...known, account };
  const home = await makeHomeElsewhere(dataDir, account);
  return { home, pgdata: join(home, 'pgdata'), account };
}

/** The place a data directory names by now, whether or not a cluster was made there yet. */
export async function locateExisting(dataDir: string): Promise<{ home: string; pgdata: string }> {
  const home = (await readIfExists(join(dataDir, POINTER)))?.trim() ?? dataDir;
  // The place named is also removed with the data directory: never trust a path from elsewhere.
  const ours = BASES.some((base) => dirname(home) === join(base, SHARED, 'clusters'));
  if (home !== dataDir && !ours) {
    throw new EmbeddedPostgresError(
      `${join(dataDir, POINTER)} 所指的位置无效：${home}`,
      `${join(dataDir, POINTER)} names an invalid place: ${home}`,
    );
  }
  return { home, pgdata: join(home, 'pgdata') };
}

/**
 * A directory for what root shares with the account, owned by root and writable by nobody else.
 * Throws EmbeddedPostgresError when the machine offers none.
 */
export async function sharedPlace(account: Account): Promise<string> {
  for (const base of BASES) {
    const dir = join(base, SHARED);
    try {
      await makeDir(dir, 0o755);
    } catch {
      continue;
    }
    const found = await lstat(dir);
    // Anyone may write in /var/tmp: a directory prepared by another user could hold anything.
    const safe = found.isDirectory() && found.uid === process.getuid?.() && !(found.mode & 0o022);
    if (safe && (await canEnter(account, dir))) return dir;
  }
  throw new EmbeddedPostgresError(
    `${BASES.join('、')} 均不可用；请设置 HUB_DATABASE_URL，或以普通用户运行`,
    `neither of ${BASES.join(', ')} is usable; set HUB_DATABASE_URL or run as an ordinary user`,
  );
}

async function makeHomeElsewhere(dataDir: string, account: Account): Promise<string> {
  const clusters = join(await sharedPlace(account), 'clusters');
  await makeDir(clusters, 0o711);
  // The random part keeps a new data directory from waking the cluster of a deleted namesake.
  const hash = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const home = join(clusters, `${hash}-${randomBytes(4).toString('hex')}`);
  await makeDir(home, 0o711);
  await writeDurably(join(dataDir, POINTER), `${home}\n`);
  return home;
}
