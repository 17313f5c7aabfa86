import { create } from '@bufbuild/protobuf';
import {
  SubmissionResultSchema,
  type Finding,
  type Receipt,
  type SubmissionResult,
} from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { HubError } from '../domain/errors.js';
import { carriesMark } from '../domain/message.js';
import type { ValidationContext } from '../domain/validation/validator.js';
import { refusalOf } from '../doors/errors.js';
import type { Call } from '../doors/service.js';
import type { Backlog } from '../intake/backlog.js';
import type { Admission } from '../intake/admission.js';
import type { Intake } from '../intake/intake.js';
import { receiptOf } from '../intake/receipts.js';
import { refusalEntry } from '../intake/refusals.js';
import { backlogFull } from '../intake/room.js';
import type { Accepted, IntakeResult } from '../intake/submission.js';

/** Most messages of one batch. */
export const BATCH_LIMIT = 500;

/** What taking submissions needs. */
export interface FrontDeskParts {
  readonly node: string;
  readonly intake: Pick<Intake, 'accept' | 'noteRefusal'>;
  readonly validation: () => ValidationContext;
  readonly backlog: Pick<Backlog, 'isFull' | 'limits'>;
}

/** Whether somebody waits for the answer. */
type Waiting = Pick<Call, 'cancelled'>;

const STAYS: Waiting = { cancelled: false };

/** The answer to one accepted message. */
export interface Taken {
  readonly receipt: Receipt;
  readonly warnings: readonly Finding[];
}

/** Takes messages from the systems of the node's own level: validation, acceptance, receipt. */
export class FrontDesk {
  constructor(private readonly parts: FrontDeskParts) {}

  /** What validation may know at this moment. */
  get validation(): ValidationContext {
    return this.parts.validation();
  }

  /** Refuses new work while too much waits to be delivered; nothing is held in memory for it. */
  requireRoom(): void {
    const refusal = this.refusalWhileFull();
    if (refusal) throw refusal;
  }

  /** Why nothing new is taken for now; undefined when there is room. */
  refusalWhileFull(): HubError | undefined {
    const { isFull, limits } = this.parts.backlog;
    return isFull ? backlogFull(limits) : undefined;
  }

  /** Takes one message. Throws HubError when it is refused. Begins nothing for a caller that is gone. */
  async take(admission: Admission, caller: Waiting = STAYS): Promise<Taken> {
    if (!isMark(admission)) this.requireRoom();
    const [outcome] = await this.#submit([admission], caller, undefined);
    if (!outcome) throw new Error('The intake lost a result.');
    if (!outcome.ok) throw outcome.error;
    return this.#taken(admission, outcome);
  }

  /**
   * Takes a batch in order; each message has its own outcome (D13). While the backlog is full it is
   * refused as a whole, unless it has marks: these are taken.
   */
  async takeAll(
    admissions: readonly Admission[],
    caller: Waiting = STAYS,
  ): Promise<SubmissionResult[]> {
    requireBatch(admissions.length);
    if (!admissions.some(isMark)) this.requireRoom();
    return this.takeEach(admissions, caller);
  }

  /** The same, but whatever waits for room says so by itself, so that nobody has to look for the marks. */
  async takeEach(
    admissions: readonly Admission[],
    caller: Waiting = STAYS,
  ): Promise<SubmissionResult[]> {
    requireBatch(admissions.length);
    const outcomes = await this.#submit(admissions, caller, this.refusalWhileFull());
    return admissions.map((admission, index) => this.#result(admission, outcomes[index]));
  }

  /**
   * Admissible messages go to the database together; the others are refused without it. `full`: refuses
   * all but marks.
   */
  async #submit(
    admissions: readonly Admission[],
    caller: Waiting,
    full: HubError | undefined,
  ): Promise<(IntakeResult | undefined)[]> {
    const call = Symbol('call');
    const outcomes: (IntakeResult | undefined)[] = admissions.map(() => undefined);
    const admitted: number[] = [];
    const submissions = admissions.flatMap((admission, index) => {
      if (full && !isMark(admission)) {
        outcomes[index] = { ok: false, error: full };
        return [];
      }
      try {
        const submission = admission.submission(call);
        admitted.push(index);
        return [submission];
      } catch (error) {
        if (!(error instanceof HubError)) throw error;
        this.parts.intake.noteRefusal(refusalEntry(admission, error, this.validation.nowMs));
        outcomes[index] = { ok: false, error };
        return [];
      }
    });
    const isGone = (): boolean => caller.cancelled;
    const results =
      submissions.length > 0 ? await this.parts.intake.accept(submissions, isGone) : [];
    results.forEach((result, position) => {
      const index = admitted[position];
      if (index !== undefined) outcomes[index] = result;
    });
    return outcomes;
  }

  #taken({ head }: Admission, accepted: Accepted): Taken {
    const receipt = receiptOf(
      {
        seq: accepted.seq,
        sourceNode: head.sourceNode,
        messageId: head.messageId,
        digest: accepted.digest,
        acceptedAtMs: accepted.acceptedAtMs,
        effect: accepted.decision.effect,
      },
      accepted,
      this.parts.node,
    );
    return { receipt, warnings: accepted.duplicate ? [] : accepted.warnings };
  }

  #result(admission: Admission, outcome: IntakeResult | undefined): SubmissionResult {
    const { messageId } = admission.head;
    if (!outcome) throw new Error('The intake lost a result.');
    if (!outcome.ok)
      return create(SubmissionResultSchema, {
        messageId,
        outcome: { case: 'refusal', value: refusalOf(outcome.error) },
      });
    const { receipt, warnings } = this.#taken(admission, outcome);
    return create(SubmissionResultSchema, {
      messageId,
      outcome: { case: 'receipt', value: receipt },
      warnings: [...warnings],
    });
  }
}

/** A record that must not be public any more never waits for room (D7). */
function isMark({ message }: Admission): boolean {
  return message !== undefined && carriesMark(message);
}

/** Refuses an empty or oversized batch as a whole, before anything of it is looked at. */
export function requireBatch(count: number): void {
  if (count >= 1 && count <= BATCH_LIMIT) return;
  throw new HubError(
    ErrorReason.TOO_MANY_ITEMS,
    {
      zh: `每批 1 至 ${BATCH_LIMIT} 条,本批 ${count} 条,请拆分后重报。`,
      en: `A batch holds 1 to ${BATCH_LIMIT} items, this one ${count}; split it.`,
    },
    { metadata: { limit: String(BATCH_LIMIT), actual: String(count) } },
  );
}
