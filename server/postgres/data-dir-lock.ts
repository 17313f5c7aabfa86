import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-error.js';
import { processStart } from './process-table.js';

const PATIENCE_MS = 5_000;

interface Claim {
  readonly kind: string;
  readonly owner: string;
  readonly pid: number;
}

/**
 * Makes this process the only user of a data directory until the returned function is called or
 * the process ends, however it ends. Throws EmbeddedPostgresError naming the pid that holds it.
 *
 * Node has no flock, so each start announces itself with an empty file named after its pid and
 * start time, then looks at the others. Only files of processes that no longer run are ever
 * removed, and such a name never comes back: there is no takeover that two starts could race for.
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const dir = join(dataDir, 'postgres-lock');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const start = await processStart(process.pid);
  const owner = `${process.pid}.${start}.${randomBytes(4).toString('hex')}`;
  const announced = join(dir, `want.${owner}`);
  const held = join(dir, `hold.${owner}`);
  const release = async (): Promise<void> => {
    await rm(held, { force: true });
    await rm(announced, { force: true });
  };
  await writeFile(announced, '', { mode: 0o600 });
  try {
    await waitForTurn(dir, owner, dataDir);
    await writeFile(held, '', { mode: 0o600 });
  } catch (error) {
    await release();
    throw error;
  }
  return release;
}

/** Returns when nobody else wants the directory; of starts in the same instant one wins. */
async function waitForTurn(dir: string, owner: string, dataDir: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const others = (await liveClaims(dir)).filter((claim) => claim.owner !== owner);
    if (others.length === 0) return;
    const winner = others.find(
      (other) => other.kind === 'hold' || other.owner < owner || Date.now() > deadline,
    );
    if (winner) throw inUse(dataDir, winner.pid);
    // The others lose against us, unless one looked before we announced ourselves: it holds soon.
    await sleep(10);
  }
}

async function liveClaims(dir: string): Promise<Claim[]> {
  const live: Claim[] = [];
  for (const name of await readdir(dir)) {
    const [kind = '', pid = '', start = '', nonce = ''] = name.split('.');
    if ((await processStart(Number(pid))) === start) {
      live.push({ kind, owner: `${pid}.${start}.${nonce}`, pid: Number(pid) });
    } else {
      await rm(join(dir, name), { force: true });
    }
  }
  return live;
}

function inUse(dataDir: string, pid: number): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `数据目录 ${dataDir} 正由进程 ${pid} 使用；每个节点须有自己的 HUB_DATA_DIR`,
    `data directory ${dataDir} is in use by process ${pid}; each node needs its own HUB_DATA_DIR`,
  );
}
