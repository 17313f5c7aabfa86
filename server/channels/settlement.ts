import type { Knex } from 'knex';
import { AuditKind } from '#gen/zhengzhao/v1/audit_pb.js';
import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import { backoffMs } from '../delivery/backoff.js';
import { auditEntry, type AuditEntry } from '../domain/audit/entry.js';
import { mayBecome, stateAfter } from '../domain/registration/package-state.js';
import { receiptNote } from '../domain/registration/platform-receipt.js';
import { appendAudit } from '../storage/audit.js';
import {
  advancePackage,
  insertStep,
  lockPackage,
  type StoredPackage,
} from '../storage/package-store.js';
import {
  hasOpenDispatch,
  settleDispatch,
  type ClaimedDispatch,
  type DispatchEnd,
} from '../storage/package-dispatch.js';
import type { Outcome } from './carrier.js';

/** How long a package waits for what can not be reached: a week of holidays, and a day to mend it. */
export const OUTAGE_LIMIT_MS = 8 * 86_400_000;
/** Longest wait for what could not be reached: it goes on soon after the other side is back. */
export const PAUSE_CAP_MS = 30_000;

/** An outcome, or the news that there is nothing to send any more. */
export type Ending =
  | Outcome
  | { readonly kind: 'dropped' }
  /** It can't leave as it is; no attempt will change that. */
  | { readonly kind: 'unfit'; readonly error: string };

/** What a package has behind it when an attempt has failed. */
export interface Past {
  /** Attempts, this one included. */
  readonly attempts: number;
  /** Those of the attempts before that were refused. */
  readonly refusals: number;
  /** Time since it was given to the route. */
  readonly waitedMs: number;
}

/**
 * What becomes of a dispatch after an attempt. Refusals are counted, up to `maxAttempts`; an outage
 * says nothing about the package, so that only its time is limited. `random`: 0 to 1.
 */
export function endOf(
  outcome: Ending,
  past: Past,
  maxAttempts: number,
  random: number,
): DispatchEnd {
  switch (outcome.kind) {
    case 'accepted':
      return { state: 'sent', receiptNo: outcome.receiptNo };
    case 'placed':
      return { state: 'sent', receiptNo: '' };
    case 'dropped':
      return { state: 'dropped' };
    case 'unfit':
      return { state: 'dead', error: outcome.error };
    case 'refused': {
      const { error } = outcome;
      const refusals = past.refusals + 1;
      if (refusals >= maxAttempts) return { state: 'dead', error };
      return { state: 'retry', error, delayMs: backoffMs(refusals, random), refused: true };
    }
    case 'unreachable': {
      const { error } = outcome;
      if (past.waitedMs >= OUTAGE_LIMIT_MS) return { state: 'dead', error };
      const delayMs = Math.min(backoffMs(past.attempts, random), PAUSE_CAP_MS);
      return { state: 'retry', error, delayMs, refused: false };
    }
  }
}

/** What writing an outcome needs. */
export interface SettlementParts {
  readonly knex: Knex;
  /** Name of the route. */
  readonly route: string;
  readonly nowMs: number;
  /** The node's own code. */
  readonly node: string;
}

/**
 * Writes what became of an attempt, and what that makes of the package, in one transaction (R33).
 * An attempt that was settled before, as by another process that sent the same, changes nothing,
 * nor does one that failed after it was made anew.
 */
export async function settle(
  claimed: ClaimedDispatch,
  end: DispatchEnd,
  parts: SettlementParts,
): Promise<void> {
  const { packageId, deptCode } = claimed;
  await parts.knex.transaction(async (trx) => {
    const stored = await lockPackage(trx, packageId, deptCode);
    if (!(await settleDispatch(trx, claimed, end))) return;
    const audit = (): Promise<void> =>
      appendAudit(trx, parts.node, entriesOf(packageId, end, parts));
    if (!stored) return audit();
    const path = new PackagePath(trx, stored, parts);
    if (end.state === 'sent') await path.left(end.receiptNo);
    if (end.state === 'dead') await path.failed(end.error);
    await audit();
  });
}

/** What is recorded of an attempt: how it ended, unless it is made again. */
function entriesOf(
  packageId: string,
  { state }: DispatchEnd,
  { node, route, nowMs: atMs }: SettlementParts,
): AuditEntry[] {
  if (state === 'retry') return [];
  const act = { kind: AuditKind.DELIVERY, atMs, actor: `node:${node}`, action: `push:${route}` };
  return [auditEntry({ ...act, subject: packageId, outcome: state.toUpperCase() })];
}

/** A locked package that goes on by one route, whatever other routes made of it meanwhile. */
class PackagePath {
  constructor(
    private readonly trx: Knex.Transaction,
    private stored: StoredPackage,
    private readonly parts: SettlementParts,
  ) {}

  /** It left; with a receipt number the duty is done, also when the department came first (R33). */
  async left(receiptNo: string): Promise<void> {
    const { BUILT, FAILED, SENT, DEEMED_DELIVERED } = PackageStatus;
    if (this.stored.status === BUILT || this.stored.status === FAILED)
      await this.#advance(SENT, '', this.stored.platformReceiptNo);
    else if (receiptNo === '') await this.#note(`经此通道发送 / sent`);
    if (receiptNo === '') return;
    const number = this.stored.platformReceiptNo || receiptNo;
    const note = receiptNote(receiptNo);
    if (mayBecome(this.stored.status, DEEMED_DELIVERED))
      await this.#advance(DEEMED_DELIVERED, note, number);
    else await this.#accepted(note, number);
  }

  /** This route gave up. The package has failed when it left by none and no other is to try. */
  async failed(error: string): Promise<void> {
    const { BUILT, FAILED } = PackageStatus;
    const note = `推送失败 / push failed: ${error}`;
    const lost =
      this.stored.status === BUILT && !(await hasOpenDispatch(this.trx, this.stored.packageId));
    if (lost) await this.#advance(FAILED, note, this.stored.platformReceiptNo);
    else await this.#note(note);
  }

  async #advance(status: PackageStatus, note: string, platformReceiptNo: string): Promise<void> {
    this.stored = { ...this.stored, status, platformReceiptNo };
    await advancePackage(this.trx, this.#step(status, note), this.stored);
  }

  /** Acceptance of a package that is further already: its first is a step of its own, as in a report. */
  async #accepted(note: string, platformReceiptNo: string): Promise<void> {
    const isFirst =
      this.stored.platformReceiptNo === '' &&
      stateAfter(this.stored.status, PackageStatus.DEEMED_DELIVERED) !== undefined;
    const step = isFirst ? PackageStatus.DEEMED_DELIVERED : this.stored.status;
    this.stored = { ...this.stored, platformReceiptNo };
    await advancePackage(this.trx, this.#step(step, note), this.stored);
  }

  async #note(note: string): Promise<void> {
    await insertStep(this.trx, this.#step(this.stored.status, note));
  }

  #step(status: PackageStatus, note: string) {
    const { route, nowMs } = this.parts;
    return { packageId: this.stored.packageId, status, atMs: nowMs, by: route, note };
  }
}
