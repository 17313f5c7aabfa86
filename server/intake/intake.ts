import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { NodeContext } from '../domain/decision/decision.js';
import { HubError, isForNow } from '../domain/errors.js';
import { appendAudit } from '../storage/audit.js';
import { isDataError } from '../storage/data-error.js';
import { isOutage } from '../storage/outage.js';
import { isCollision } from '../storage/sql-state.js';
import { insertRefusals, type NewRefusal } from '../storage/refusals.js';
import { recordKeyText } from '../domain/message.js';
import type { Lane } from '../domain/lane.js';
import type { Backlog } from './backlog.js';
import type { Room } from './room.js';
import type { SigningKey } from '../signing/keys.js';
import { acceptBatch } from './accept-batch.js';
import { refusedEntries } from './audit-entries.js';
import { StoppedCalls } from './stopped-calls.js';
import { Batcher, type BatcherLimits } from '../batching/batcher.js';
import { Outpaced, recordKeyOf } from './situation.js';
import type { IntakeResult, Submission } from './submission.js';
import { ConcurrentInsert } from './write-batch.js';

/** Who is told what became of messages; it must not fail. */
export interface IntakeObserver {
  /** Messages came by the call that is being served. Unset: nobody asks. */
  arrived?(submissions: readonly Submission[]): void;
  /** A batch went through the database; some of it may have been refused there. */
  committed(batch: readonly Submission[], results: readonly IntakeResult[], seconds: number): void;
  /** A message was refused before it reached the database. */
  refused(refusal: NewRefusal): void;
}

/** What the intake needs. */
export interface IntakeParts {
  readonly knex: Knex;
  readonly log: Logger;
  readonly limits: BatcherLimits;
  /** Signs the receipts. */
  readonly signer: SigningKey;
  /** The node as it is now: clock and catalogue move on. */
  readonly context: () => NodeContext;
  /** Told after each commit which lanes have work; losing the call loses no message (the sweep finds it). */
  readonly wake: (wakes: readonly Lane[]) => void;
  /** Unset: nobody counts. */
  readonly observer?: IntakeObserver;
  /** Which destinations have no room. Unset: all have. */
  readonly backlog?: Room & Pick<Backlog, 'opened'>;
}

const REFUSALS_WAITING = 10_000;
const ATTEMPTS = 3;

/**
 * Accepts messages exactly once. A result says that the message, its effect and its deliveries are
 * in the database together, or that nothing of it is.
 */
export class Intake {
  readonly #commit: Batcher<Submission, IntakeResult>;
  readonly #stopped = new StoppedCalls();
  #refusals: NewRefusal[] = [];
  #writingRefusals: Promise<void> | undefined;

  constructor(private readonly parts: IntakeParts) {
    this.#commit = new Batcher((batch) => this.#accept(batch), parts.limits);
  }

  /**
   * Accepts submissions, each on its own, in the order given. Throws BACKLOG_FULL or UNAVAILABLE.
   * `isGone`: asked before each is begun; what nobody waits for any more is not.
   */
  accept(submissions: readonly Submission[], isGone?: () => boolean): Promise<IntakeResult[]> {
    this.parts.observer?.arrived?.(submissions);
    return this.#commit.add(
      submissions.map((submission) => ({
        item: submission,
        lanes: lanesOf(submission),
      })),
      isGone,
    );
  }

  /** Logs a refusal that never reached the database otherwise. Bounded; the caller does not wait. */
  noteRefusal(refusal: NewRefusal): void {
    this.parts.observer?.refused(refusal);
    if (this.#refusals.length >= REFUSALS_WAITING) return;
    this.#refusals.push(refusal);
    this.#writingRefusals ??= this.#writeRefusals();
  }

  /** Resolves when everything that was given has been written. */
  async drained(): Promise<void> {
    await this.#commit.drained();
    await this.#writingRefusals;
  }

  async #writeRefusals(): Promise<void> {
    while (this.#refusals.length > 0) {
      const batch = this.#refusals.splice(0, 500);
      try {
        await this.parts.knex.transaction(async (trx) => {
          await insertRefusals(trx, batch);
          await appendAudit(trx, this.parts.context().node, refusedEntries(batch));
        });
      } catch (error) {
        this.parts.log.error(
          { err: error, lost: batch.length },
          '拒收记录未能写入 / refusals could not be logged',
        );
      }
    }
    this.#writingRefusals = undefined;
  }

  async #accept(batch: readonly Submission[]): Promise<readonly IntakeResult[]> {
    try {
      const results = await this.#commitBatch(batch);
      batch.forEach((submission, index) => {
        const result = results[index];
        if (!result?.ok) this.#stopped.add(submission, !result || isForNow(result.error));
      });
      return results;
    } catch (error) {
      // Nobody knows what became of it; whoever sent it sends it again.
      for (const submission of batch) this.#stopped.add(submission, true);
      throw error;
    }
  }

  async #commitBatch(batch: readonly Submission[]): Promise<readonly IntakeResult[]> {
    const { knex, context, signer, observer, backlog } = this.parts;
    const further: string[] = [];
    for (let attempt = 1; ; attempt += 1) {
      try {
        const startedAt = performance.now();
        const outcome = await acceptBatch(
          knex,
          batch,
          { context: context(), signer },
          { stopped: this.#stopped, room: backlog, further },
        );
        backlog?.opened(outcome.opened);
        this.parts.wake(outcome.wakes);
        observer?.committed(batch, outcome.results, (performance.now() - startedAt) / 1000);
        return outcome.results;
      } catch (error) {
        if (error instanceof Outpaced) further.push(...error.names);
        if (isPassing(error) && attempt < ATTEMPTS) continue;
        // The audit can't be written: nothing is accepted.
        if (error instanceof HubError) throw error;
        if (isOutage(error)) throw unavailable(error);
        if (batch.length > 1) return this.#oneByOne(batch);
        return [{ ok: false, error: isPassing(error) ? contended(error) : this.#defect(error) }];
      }
    }
  }

  /** A message that the database can't take must not take its neighbours with it (D13). */
  async #oneByOne(batch: readonly Submission[]): Promise<IntakeResult[]> {
    const results: IntakeResult[] = [];
    for (const submission of batch) results.push(...(await this.#accept([submission])));
    return results;
  }

  /** A value that no column can hold stays so, however often it is sent: refused, not tried again. */
  #defect(error: unknown): HubError {
    if (isDataError(error)) return unstorable(error);
    this.parts.log.error({ err: error }, '消息未能入库 / a message could not be stored');
    return new HubError(
      ErrorReason.INTERNAL,
      { zh: '内部错误,消息未被受理。', en: 'Internal error; the message was not accepted.' },
      { cause: error },
    );
  }
}

function unstorable(cause: unknown): HubError {
  return new HubError(
    ErrorReason.VALIDATION_FAILED,
    {
      zh: '消息含有无法存储的字符(如 NUL)或超出范围的数值。',
      en: 'The message holds a character that can not be stored (such as NUL) or a number out of range.',
    },
    { cause },
  );
}

/**
 * Its enterprise, its record and its order key: a change of the mark names no enterprise, but its
 * record does, and in a delivery its sender says what belongs together.
 */
function lanesOf(submission: Submission): string[] {
  const key = recordKeyOf(submission);
  const { head, orderKey } = submission;
  return [head.entity, orderKey, key ? recordKeyText(key) : ''].filter((lane) => lane !== '');
}

/** Others were in the way, or another process stored the message meanwhile. */
function isPassing(error: unknown): boolean {
  return error instanceof ConcurrentInsert || error instanceof Outpaced || isCollision(error);
}

/** Nothing is wrong with a message that others were in the way of, however often they were. */
function contended(cause: unknown): HubError {
  return new HubError(
    ErrorReason.UNAVAILABLE,
    {
      zh: '同一主体或记录正被其他操作改动,本条未受理,请稍后用同一消息编号重试。',
      en: 'Others change the same enterprise or record; try again with the same message id.',
    },
    { retryAfterMs: 1000, cause },
  );
}

function unavailable(cause: unknown): HubError {
  return new HubError(
    ErrorReason.UNAVAILABLE,
    {
      zh: '数据库暂不可用,请稍后用同一消息编号重试。',
      en: 'The database is not reachable; try again with the same message id.',
    },
    { retryAfterMs: 1000, cause },
  );
}
