import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runAs, type RunResult } from './account.js';
import type { Binaries } from './binaries.js';
import type { ClusterLocation } from './cluster-location.js';
import { exists, readIfExists, renameDurably, writeDurably } from './durable-files.js';
import { EmbeddedPostgresError } from './embedded-error.js';

/** Both the database and the role that owns it. */
export const DATABASE = 'hub';

const DRAFT = 'pgdata.new-';

/** Only this machine, only with the password. */
const HOST_ACCESS = 'host all all 127.0.0.1/32 scram-sha-256\n';

export interface ClusterSpec {
  readonly dataDir: string;
  readonly location: ClusterLocation;
  readonly binaries: Binaries;
  /** False leaves out the waiting for the disk, as `fsync=off` does for the server. */
  readonly durable: boolean;
}

/**
 * Makes the cluster unless it exists and returns the password of the role `hub`. A lost password
 * file gets a new password. No server may run on the cluster meanwhile. Throws
 * EmbeddedPostgresError with the output of the program that failed.
 */
export async function ensureCluster(spec: ClusterSpec): Promise<string> {
  const { home, pgdata } = spec.location;
  const file = join(spec.dataDir, 'postgres-password');
  await removeDrafts(home);
  const made = await exists(pgdata);
  const stored = await readIfExists(file);
  if (made && stored !== undefined) return stored.trim();
  const password = randomBytes(24).toString('base64url');
  const draft = join(home, `${DRAFT}${randomBytes(4).toString('hex')}`);
  if (!made) await initialise(spec, draft);
  await administer(spec, made ? pgdata : draft, [
    `ALTER ROLE ${DATABASE} PASSWORD '${password}'`,
    ...(made ? [] : [`CREATE DATABASE ${DATABASE}`]),
  ]);
  // In this order a crash leaves no cluster without its password, and no half-made cluster.
  await writeDurably(file, `${password}\n`);
  if (!made) await renameDurably(draft, pgdata);
  return password;
}

/** A start that was killed leaves its draft behind; one whose initdb still runs is left for later. */
async function removeDrafts(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith(DRAFT)) continue;
    await rm(join(home, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/**
 * Runs initdb: UTF-8 in code-point order, the same on every system, with Unicode upper and lower
 * case.
 */
async function initialise(spec: ClusterSpec, draft: string): Promise<void> {
  const { account } = spec.location;
  await mkdir(draft, { mode: 0o700 });
  if (account) await chown(draft, account.uid, account.gid);
  const locale = ['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const args = ['-D', draft, '-U', DATABASE, '-A', 'trust', '-E', 'UTF8', ...locale];
  if (!spec.durable) args.push('--no-sync');
  assertDone(await runAs(account, spec.binaries.initdb, args), 'initdb');
  // Written by the account itself: root must not follow what that account may have put there.
  const write = ['-c', 'cat > "$1"', 'sh', join(draft, 'pg_hba.conf')];
  assertDone(await runAs(account, '/bin/sh', write, HOST_ACCESS), 'pg_hba.conf');
}

/** Runs statements on a stopped cluster, without network or password: the single-user mode. */
async function administer(spec: ClusterSpec, dir: string, statements: string[]): Promise<void> {
  const args = ['--single', '-D', dir, '-c', 'log_min_error_statement=panic'];
  if (!spec.durable) args.push('-c', 'fsync=off');
  const input = `${statements.join('\n')}\n`;
  const run = await runAs(
    spec.location.account,
    spec.binaries.postgres,
    [...args, 'postgres'],
    input,
  );
  // In this mode a statement that fails is reported, but does not change the exit code.
  assertDone({ ...run, ok: run.ok && !run.output.includes('ERROR:') }, 'postgres --single');
}

function assertDone(run: RunResult, program: string): void {
  if (run.ok) return;
  throw new EmbeddedPostgresError(
    `内置 PostgreSQL 初始化失败（${program}）`,
    `setting up the embedded PostgreSQL failed (${program}):\n${run.output}`,
  );
}
