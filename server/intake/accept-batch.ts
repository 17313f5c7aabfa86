import type { Knex } from 'knex';
import { MessageKind, Severity } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { Decision, NodeContext } from '../domain/decision/decision.js';
import { decidePublicityChange, decideWithdrawal } from '../domain/decision/publicity.js';
import { decideRecord } from '../domain/decision/record.js';
import { decideRegistration } from '../domain/decision/registration.js';
import type { World } from '../domain/decision/world.js';
import { HubError, isForNow } from '../domain/errors.js';
import type { Lane } from '../domain/lane.js';
import { isRecordKind } from '../domain/message.js';
import {
  findMessages,
  messageIdText,
  reserveSequence,
  type HeldMessage,
} from '../storage/messages.js';
import { appendAudit } from '../storage/audit.js';
import { together } from '../storage/database.js';
import { insertRefusals, type NewRefusal } from '../storage/refusals.js';
import { Erasures } from './erasures.js';
import type { SigningKey } from '../signing/keys.js';
import { proveReceipts } from '../signing/receipt-proofs.js';
import { readProof, statementOf } from './receipts.js';
import { acceptedEntries, refusedEntries } from './audit-entries.js';
import { loadWorld, lockTouched, recordKeyOf, requireLocked } from './situation.js';
import { mayLackRoom, opens, requireRoomFor, ROOM_FOR_ALL, type Room } from './room.js';
import { StoppedCalls } from './stopped-calls.js';
import type { Accepted, IntakeResult, Submission } from './submission.js';
import { proofName, writeBatch, type Proofs, type Settled } from './write-batch.js';

/** What a committed batch answers, and which lanes have new work. */
export interface BatchOutcome {
  readonly results: readonly IntakeResult[];
  readonly wakes: readonly Lane[];
  /** Destination of every delivery that was opened. */
  readonly opened: readonly string[];
}

/** What accepting needs besides the database. */
export interface AcceptParts {
  readonly context: NodeContext;
  /** Signs the receipts. */
  readonly signer: SigningKey;
}

/** What is known of a batch besides its submissions. */
export interface BatchSetting {
  /** What earlier batches refused of the same calls. */
  readonly stopped?: StoppedCalls;
  /** Unset: there is room for every destination. */
  readonly room?: Room | undefined;
  /** Names to lock besides its own, found when it was outpaced. */
  readonly further?: readonly string[];
}

/**
 * Reads and writes that belong to one batch of the group commit: message, effect, deliveries,
 * packages. Throws Outpaced, ConcurrentInsert: to be tried again.
 */
export async function acceptBatch(
  knex: Knex,
  submissions: readonly Submission[],
  { context, signer }: AcceptParts,
  { stopped = new StoppedCalls(), room = ROOM_FOR_ALL, further = [] }: BatchSetting = {},
): Promise<BatchOutcome> {
  return knex.transaction(async (trx) => {
    const locked = await lockTouched(trx, submissions, further);
    const [messages, world, sequence] = await together([
      findMessages(
        trx,
        submissions.map((one) => one.head),
      ),
      loadWorld(trx, submissions, context),
      reserveSequence(trx, submissions.length),
    ]);
    const held = new Map(messages.map((message) => [messageIdText(message), message]));
    requireLocked(submissions, world, locked);
    const batch = new Batch(context, world, held, stopped, room);
    const decided = submissions.map((submission, index) =>
      batch.decide(submission, sequence[index] ?? 0),
    );
    const proofs = proveStored(batch.settled, context.node, signer);
    const results = decided.map((result) => (result.ok ? withProof(result, proofs) : result));
    const wakes = await writeBatch(trx, batch.settled, batch.world, { context, proofs });
    const refusals = refusalsOf(submissions, results, context.nowMs);
    await insertRefusals(trx, refusals);
    await appendAudit(trx, context.node, [
      ...acceptedEntries(batch.settled, context.nowMs),
      ...refusedEntries(refusals),
    ]);
    return { results, wakes, opened: batch.settled.flatMap((one) => opens(one.decision)) };
  });
}

/** Signs the receipts of all messages that are stored now. */
function proveStored(settled: readonly Settled[], node: string, signer: SigningKey): Proofs {
  const stored = settled.filter((one) => one.store);
  const statements = stored.map(({ submission, decision, seq, acceptedAtMs }) =>
    statementOf(
      { ...submission.head, digest: submission.digest, effect: decision.effect, seq, acceptedAtMs },
      node,
    ),
  );
  const proofs = proveReceipts(signer, statements);
  return new Map(
    stored.flatMap(({ seq, decision: { effect } }, index) => {
      const proof = proofs[index];
      return proof ? [[proofName(seq, effect), proof] as const] : [];
    }),
  );
}

function withProof(accepted: Accepted, proofs: Proofs): Accepted {
  const { seq, decision, proof } = accepted;
  return { ...accepted, proof: proofs.get(proofName(seq, decision.effect)) ?? proof };
}

function refusalsOf(
  submissions: readonly Submission[],
  results: readonly IntakeResult[],
  nowMs: number,
): NewRefusal[] {
  return results.flatMap((result, index) => {
    const submission = submissions[index];
    if (!submission || result.ok || waits(submission, result.error)) return [];
    return [refusalEntry(submission, result.error, nowMs)];
  });
}

/** What waits for room, or behind what does, is not refused for good, and comes again and again. */
function waits({ arrival }: Submission, { reason }: HubError): boolean {
  if (reason === ErrorReason.BLOCKED_BY_EARLIER) return arrival.side === 'client';
  return reason === ErrorReason.BACKLOG_FULL;
}

/** The log entry of a refusal: who and by which rules, never what (F3). */
export function refusalEntry(
  { head, arrival }: Pick<Submission, 'head' | 'arrival'>,
  error: HubError,
  atMs: number,
): NewRefusal {
  const errors = (error.details.findings ?? []).filter(
    (finding) => finding.severity === Severity.ERROR,
  );
  return {
    atMs,
    origin: arrival.origin,
    sourceOrg: head.sourceOrg,
    kind: head.kind,
    reason: error.reason,
    rules: [...new Set(errors.map((finding) => finding.rule))],
    codes: [...new Set(errors.map((finding) => finding.code))],
  };
}

/** Decides one message after the other; later ones see what earlier ones did. */
class Batch {
  readonly settled: Settled[] = [];
  readonly #answered = new Map<string, Answered>();
  readonly #erasures = new Erasures();
  // Its own, because the batch may have to be decided again.
  readonly #blocked = new StoppedCalls();

  constructor(
    private readonly context: NodeContext,
    public world: World,
    private readonly held: ReadonlyMap<string, HeldMessage>,
    private readonly stopped: StoppedCalls,
    private readonly room: Room,
  ) {}

  decide(submission: Submission, seq: number): IntakeResult {
    try {
      if (this.stopped.has(submission) || this.#blocked.has(submission)) throw blockedByEarlier();
      return this.#accept(submission, seq);
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      this.#blocked.add(submission, isForNow(error));
      return { ok: false, error };
    }
  }

  #accept(submission: Submission, seq: number): Accepted {
    const earlier = this.#earlier(submission);
    if (earlier && bringsNothingNew(submission, earlier)) return { ...earlier, duplicate: true };
    const storedSeq = earlier?.seq ?? seq;
    const decided = this.#decideWithinRoom(submission, storedSeq);
    // A delivery that came again changes nothing and answers what was answered before.
    const decision =
      earlier && !decided.changed ? { ...decided, effect: earlier.decision.effect } : decided;
    const stored = this.#store(decision, earlier, storedSeq);
    const key = recordKeyOf(submission);
    const accepted: Accepted = {
      ok: true,
      seq: storedSeq,
      digest: submission.digest,
      acceptedAtMs: earlier?.acceptedAtMs ?? this.context.nowMs,
      duplicate: earlier !== undefined && !decision.changed,
      proof: earlier?.proof,
      decision,
      warnings: [...submission.warnings, ...decision.warnings],
      record: key && this.world.record(key),
    };
    const position = this.settled.length;
    const id = messageIdText(submission.head);
    this.settled.push({
      submission,
      decision,
      seq: storedSeq,
      store: stored,
      held: this.held.has(id),
      acceptedAtMs: accepted.acceptedAtMs,
      warnings: accepted.warnings,
    });
    this.#erasures.add(decision.erased, position);
    this.#answered.set(id, { ...accepted, position });
    return accepted;
  }

  /** Refuses what would lengthen a full queue; what it did to the world is then thrown away. */
  #decideWithinRoom(submission: Submission, seq: number): Decision {
    const { message, arrival } = submission;
    const mayBeRefused = arrival.side !== 'national' && mayLackRoom(message, this.room);
    const world = mayBeRefused ? this.world.fork() : this.world;
    const decided = decideOne(submission, seq, this.context, world);
    if (mayBeRefused) requireRoomFor(decided, message, this.room);
    this.world = world;
    return decided;
  }

  /** A message is stored once; one whose content was deleted is stored again when it is public again. */
  #store(decision: Decision, earlier: Earlier | undefined, seq: number): boolean {
    if (!earlier) return true;
    return !earlier.hasContent && decision.changed && decision.keepContent && seq === earlier.seq;
  }

  #earlier(submission: Submission): Earlier | undefined {
    const id = messageIdText(submission.head);
    const key = recordKeyOf(submission);
    const answered = this.#answered.get(id);
    if (answered) {
      // A withdrawal has the id of the version that it withdraws, which may come after it.
      const erased = this.#erasures.follow(key, answered.position);
      const hasContent = answered.digest.length > 0 && !erased;
      requireSameContent(submission, answered.digest, hasContent);
      return { ...answered, hasContent };
    }
    const held = this.held.get(id);
    if (!held) return undefined;
    // Of a copy that was rewritten on the way here the digest says nothing of the original (D5).
    if (!held.redacted) requireSameContent(submission, held.digest, held.hasContent);
    return fromHeld({ ...held, hasContent: held.hasContent && !this.#erasures.has(key) });
  }
}

type Earlier = Accepted & { readonly hasContent: boolean };

/**
 * What a client repeats, and a registration that another node delivers again: decided once, for to
 * decide it again would put it over what came since. Of a message that is held as a withdrawal only,
 * as after a restore, the content has never been seen.
 */
function bringsNothingNew({ head, arrival }: Submission, earlier: Earlier): boolean {
  if (earlier.digest.length === 0 && isRecordKind(head.kind)) return false;
  return arrival.side === 'client' || head.kind === MessageKind.REGISTRATION;
}

/** An answer of this batch, and which of its messages it was for. */
type Answered = Accepted & { readonly digest: Uint8Array; readonly position: number };

function fromHeld(held: HeldMessage): Earlier {
  return {
    ok: true,
    seq: held.seq,
    digest: held.digest,
    acceptedAtMs: held.acceptedAt.getTime(),
    duplicate: true,
    proof: readProof(held.receiptProof),
    decision: {
      effect: held.effect,
      warnings: [],
      changed: false,
      keepContent: true,
      deliveries: [],
      packages: [],
      recalls: [],
      erased: [],
      legs: [],
    },
    warnings: [],
    record: undefined,
    hasContent: held.hasContent,
  };
}

/**
 * Same id with other content is refused; a message stored without content has none to compare, and a
 * rewritten copy is other content by its nature (D5).
 */
function requireSameContent(submission: Submission, digest: Uint8Array, hasContent: boolean): void {
  if (submission.withdrawn || submission.redacted) return;
  if (!hasContent && digest.length === 0) return;
  if (Buffer.compare(digest, submission.digest) === 0) return;
  throw new HubError(ErrorReason.MESSAGE_ID_REUSED, {
    zh: '该消息编号已用于内容不同的消息;请换用新的编号。',
    en: 'This message id was used for other content; use a new id.',
  });
}

/** For what follows a refused message of its enterprise in one call. */
export function blockedByEarlier(): HubError {
  return new HubError(
    ErrorReason.BLOCKED_BY_EARLIER,
    {
      zh: '同一主体较早的消息未被受理,本条暂缓以保持顺序。',
      en: 'An earlier message of the same enterprise was refused; this one waits to keep the order.',
    },
    { retryAfterMs: 1000 },
  );
}

function decideOne(
  { message, head, arrival, withdrawn, hops }: Submission,
  seq: number,
  context: NodeContext,
  world: World,
): Decision {
  if (withdrawn) return decideWithdrawal(withdrawn, { seq, arrival }, context, world);
  if (!message) throw new Error('A submission has neither content nor a withdrawal.');
  const [first] = hops;
  const takenInAtMs = first ? Date.parse(first.at) : undefined;
  const candidate = { seq, head, message, arrival, takenInAtMs };
  switch (message.kind) {
    case MessageKind.REGISTRATION:
      return decideRegistration(message.registration, candidate, context, world);
    case MessageKind.PUBLICITY_CHANGE:
      return decidePublicityChange(message.change, candidate, context, world);
    default:
      return decideRecord(message.record, message.kind, candidate, context, world);
  }
}
