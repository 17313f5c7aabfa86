import { mkdir, readdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { AcknowledgePackageRequest } from '#gen/zhengzhao/v1/data_center_pb.js';
import { HubError } from '../domain/errors.js';
import { query } from '../storage/database.js';
import { dispatchedBy } from '../storage/package-dispatch.js';
import { failureOf } from './carrier.js';
import type { Running } from './dispatcher.js';
import { place, removeAbandoned } from './folder.js';
import { findingLine, readReceiptFile } from './receipt-file.js';

/** What reading receipts of one folder needs. */
export interface ReceiptParts {
  readonly knex: Knex;
  readonly log: Logger;
  /** Name of the route; only receipts of its own packages count. */
  readonly route: string;
  readonly directory: string;
  readonly intervalMs: number;
  readonly now: () => number;
  /** Applies a report by the rules of AcknowledgePackage. */
  readonly apply: (trx: Knex.Transaction, report: AcknowledgePackageRequest) => Promise<void>;
}

/** A file is read when it has not changed for this long, as its writer may not rename. */
const QUIET_MS = 2_000;
const MOST_BYTES = 1024 * 1024;
/** Files of one look. */
const MOST_FILES = 200;

/** Looks into `receipts/` regularly; what was applied goes to `done/`, what can't be to `rejected/`. */
export function startReceipts(parts: ReceiptParts): Running {
  const stopping = new AbortController();
  const { signal } = stopping;
  let trouble = false;
  const look = async (): Promise<void> => {
    try {
      await lookOnce(parts, signal);
      trouble = false;
    } catch (error) {
      const { log, route } = parts;
      if (!trouble && !signal.aborted)
        log.warn(
          { route, failure: failureOf(error) },
          '回执目录无法读取 / the folder of receipts can not be read',
        );
      trouble = true;
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      await look();
      await sleep(parts.intervalMs, undefined, { signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

async function lookOnce(parts: ReceiptParts, stopping: AbortSignal): Promise<void> {
  const { directory } = parts;
  // Only inside a folder that is there: one that is not mounted must not be made.
  await removeAbandoned(directory, parts.now());
  const inbox = join(directory, 'receipts');
  for (const path of [inbox, join(inbox, 'done'), join(inbox, 'rejected')])
    await mkdir(path).catch(unlessThere);
  const entries = await readdir(inbox, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && /^[^.].*\.(json|csv)$/i.test(entry.name))
    .map((entry) => entry.name)
    .sort();
  let failure: unknown;
  for (const name of names.slice(0, MOST_FILES)) {
    if (stopping.aborted) return;
    // A file that can't be read must not keep the others waiting.
    await takeFile(inbox, name, parts).catch((error: unknown) => (failure ??= error));
  }
  if (failure !== undefined) throw failure;
}

function unlessThere(error: unknown): void {
  if (failureOf(error) !== 'EEXIST') throw error;
}

async function takeFile(inbox: string, name: string, parts: ReceiptParts): Promise<void> {
  try {
    const path = join(inbox, name);
    const { mtimeMs, size } = await stat(path);
    if (Math.abs(parts.now() - mtimeMs) < QUIET_MS) return;
    const findings =
      size > MOST_BYTES
        ? ['文件超过 1 MiB · the file is larger than 1 MiB']
        : await applyFile(name, await readFile(path), parts);
    if (findings !== 'later') await putAway(inbox, name, findings, parts);
  } catch (error) {
    // Another process of the node took it at the same moment.
    if (failureOf(error) !== 'ENOENT') throw error;
  }
}

/** Out of the way under a name that no later file has; findings are there before the file is. */
async function putAway(
  inbox: string,
  name: string,
  findings: readonly string[],
  { now, log, route }: ReceiptParts,
): Promise<void> {
  const kept = `${new Date(now()).toISOString().replaceAll(/[:.]/g, '')}_${name}`;
  if (findings.length === 0) {
    await rename(join(inbox, name), join(inbox, 'done', kept));
    return;
  }
  const rejected = join(inbox, 'rejected');
  await place(rejected, `${kept}.findings.txt`, Buffer.from(`${findings.join('\n')}\n`, 'utf8'));
  await rename(join(inbox, name), join(rejected, kept));
  log.warn({ route, file: kept, findings: findings.length }, '回执被拒收 / receipts were rejected');
}

/**
 * Applies a whole file or nothing of it. Read twice, as after a kill, it changes nothing more.
 * `later`: the hub does not know yet that a package of it has left.
 */
async function applyFile(
  name: string,
  bytes: Uint8Array,
  parts: ReceiptParts,
): Promise<readonly string[] | 'later'> {
  const { reports, findings } = readReceiptFile(name, bytes);
  if (findings.length > 0) return findings;
  const known = await dispatchedBy(
    parts.knex,
    parts.route,
    reports.map((report) => report.packageId),
  );
  if (known.some((one) => one.open)) return 'later';
  const departments = new Map(known.map((one) => [one.packageId, one.deptCode]));
  const addressed = reports.map((report) => ({
    ...report,
    receivingDeptCode: departments.get(report.packageId) ?? '',
  }));
  const unknown = addressed.flatMap((report, index) =>
    report.receivingDeptCode === ''
      ? [findingLine(index + 1, 'packageId', '此通道没有此数据包 · no such package here')]
      : [],
  );
  return unknown.length > 0 ? unknown : applyAll(addressed, parts);
}

async function applyAll(
  reports: readonly AcknowledgePackageRequest[],
  { knex, route, apply }: ReceiptParts,
): Promise<readonly string[]> {
  const findings: string[] = [];
  const trx = await knex.transaction();
  try {
    // Two processes that read the same files would wait for each other's packages.
    await query(trx, 'select pg_advisory_xact_lock(hashtextextended(?, 5))', [route]);
    for (const [index, report] of reports.entries())
      findings.push(...(await problemsOf(apply(trx, report), index + 1)));
    await (findings.length === 0 ? trx.commit() : trx.rollback());
    return findings;
  } catch (error) {
    await trx.rollback();
    throw error;
  }
}

async function problemsOf(applied: Promise<void>, number: number): Promise<string[]> {
  try {
    await applied;
    return [];
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    const findings = error.details.findings ?? [];
    if (findings.length === 0)
      return [findingLine(number, '', `${error.text.zh} · ${error.text.en}`)];
    return findings.map((finding) =>
      findingLine(number, finding.field, `${finding.messageZh} · ${finding.messageEn}`),
    );
  }
}
