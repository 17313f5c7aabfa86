import { setTimeout as sleep } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { AcknowledgePackageRequest } from '#gen/zhengzhao/v1/data_center_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import type { AuditEntry } from '../domain/audit/entry.js';
import { HubError } from '../domain/errors.js';
import { appendAudit } from '../storage/audit.js';
import { lockNames, takeTurn } from '../storage/node-locks.js';
import { dispatchedBy, type DispatchedPackage } from '../storage/package-dispatch.js';
import { failureOf } from './carrier.js';
import type { Running } from './dispatcher.js';
import { removeAbandoned, type ExchangeFolder, type FolderFile } from './exchange-folder.js';
import { findingLine, readReceiptFile } from './receipt-file.js';

/** What reading receipts of one folder needs. */
export interface ReceiptParts {
  readonly knex: Knex;
  readonly log: Logger;
  /** Name of the route; only receipts of its own packages count. */
  readonly route: string;
  readonly folder: ExchangeFolder;
  readonly intervalMs: number;
  readonly now: () => number;
  /** The node's own code. */
  readonly node: string;
  /** Applies a report by the rules of AcknowledgePackage; answers what is to be recorded of it. */
  readonly apply: (
    trx: Knex.Transaction,
    report: AcknowledgePackageRequest,
  ) => Promise<readonly AuditEntry[]>;
}

/** A file is read when it has not changed for this long, as its writer may not rename. */
const QUIET_MS = 2_000;
const MOST_BYTES = 1024 * 1024;
/** Files of one look. */
const MOST_FILES = 200;
const INBOX = 'receipts';
const DONE = `${INBOX}/done`;
const REJECTED = `${INBOX}/rejected`;
/** How often the whole folder, which may hold many archives, is looked through for leftovers. */
const TIDY_MS = 600_000;

/** Looks into `receipts/` regularly; what was applied goes to `done/`, what can't be to `rejected/`. */
export function startReceipts(parts: ReceiptParts): Running {
  const stopping = new AbortController();
  const { signal } = stopping;
  const reader = new ReceiptReader(parts, signal);
  let trouble = false;
  const look = async (): Promise<void> => {
    try {
      await reader.look();
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

/** Looks into the inbox of one folder, one look after the other. */
class ReceiptReader {
  /** Whether the directories were there at the last look. */
  #prepared = false;
  #tidiedAtMs = -Infinity;

  constructor(
    private readonly parts: ReceiptParts,
    private readonly stopping: AbortSignal,
  ) {}

  async look(): Promise<void> {
    const { folder } = this.parts;
    await this.#prepare();
    const isReceipt = (name: string): boolean => /^[^.].*\.(json|csv)$/i.test(name);
    const files = await folder.list(INBOX, isReceipt).catch((error: unknown) => {
      this.#prepared = false;
      throw error;
    });
    let failure: unknown;
    for (const file of files.slice(0, MOST_FILES)) {
      if (this.stopping.aborted) return;
      // A file that can't be read must not keep the others waiting.
      await this.#take(file).catch((error: unknown) => (failure ??= error));
    }
    if (failure !== undefined) throw failure;
  }

  async #prepare(): Promise<void> {
    const { folder, now } = this.parts;
    if (now() - this.#tidiedAtMs > TIDY_MS) {
      await removeAbandoned(folder, now());
      this.#tidiedAtMs = now();
    }
    if (this.#prepared) return;
    // Only inside a folder that is there: one that is not mounted must not be made.
    for (const path of [INBOX, DONE, REJECTED]) await folder.makeDirectory(path);
    this.#prepared = true;
  }

  async #take(file: FolderFile): Promise<void> {
    const { folder, now } = this.parts;
    if (Math.abs(now() - file.modifiedMs) < QUIET_MS) return;
    try {
      const findings =
        file.size > MOST_BYTES
          ? ['文件超过 1 MiB · the file is larger than 1 MiB']
          : await applyFile(file.name, await folder.read(`${INBOX}/${file.name}`), this.parts);
      if (findings !== 'later') await putAway(file.name, findings, this.parts);
    } catch (error) {
      // Another process of the node took it at the same moment, or a directory was taken away.
      this.#prepared = false;
      if (failureOf(error) !== 'ENOENT') throw error;
    }
  }
}

/** Out of the way under a name that no later file has; findings are there before the file is. */
async function putAway(
  name: string,
  findings: readonly string[],
  { folder, now, log, route }: ReceiptParts,
): Promise<void> {
  const stamp = new Date(now()).toISOString().replaceAll(/[:.]/g, '');
  const kept = `${stamp}_${name}`;
  if (findings.length === 0) {
    await folder.move(`${INBOX}/${name}`, `${DONE}/${kept}`);
    return;
  }
  const text = Buffer.from(`${findings.join('\n')}\n`, 'utf8');
  await folder.place(`${REJECTED}/${kept}.findings.txt`, text);
  await folder.move(`${INBOX}/${name}`, `${REJECTED}/${kept}`);
  // Others named the file, perhaps after a person; what its name begins with here is enough to find it.
  log.warn(
    { route, file: stamp, findings: findings.length },
    '回执被拒收 / receipts were rejected',
  );
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
  return unknown.length > 0 ? unknown : applyAll(addressed, enterprisesOf(known), parts);
}

function enterprisesOf(known: readonly DispatchedPackage[]): string[] {
  return known.map(({ uscc }) => uscc);
}

/** In the order of the accept path: enterprises first, and the audit, for which all wait, last. */
async function applyAll(
  reports: readonly AcknowledgePackageRequest[],
  enterprises: readonly string[],
  { knex, node, route, apply }: ReceiptParts,
): Promise<readonly string[]> {
  const findings: string[] = [];
  const entries: AuditEntry[] = [];
  const trx = await knex.transaction();
  try {
    // Two processes that read the same files would wait for each other's packages.
    await takeTurn(trx, 'receipts', route);
    if (reports.some(({ status }) => status === PackageStatus.REASSIGNED))
      await lockNames(trx, enterprises);
    for (const [index, report] of reports.entries()) {
      const applied = apply(trx, report).then((recorded) => void entries.push(...recorded));
      findings.push(...(await problemsOf(applied, index + 1)));
    }
    if (findings.length === 0) await appendAudit(trx, node, entries);
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
    // What passes by itself is no fault of the file, which is read again.
    if (!(error instanceof HubError) || error.reason === ErrorReason.UNAVAILABLE) throw error;
    const findings = error.details.findings ?? [];
    if (findings.length === 0)
      return [findingLine(number, '', `${error.text.zh} · ${error.text.en}`)];
    return findings.map((finding) =>
      findingLine(number, finding.field, `${finding.messageZh} · ${finding.messageEn}`),
    );
  }
}
