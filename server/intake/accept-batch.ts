import type { Knex } from 'knex';
import type { NodeContext } from '../domain/decision/decision.js';
import type { Lane } from '../domain/lane.js';
import { findMessages, messageIdText, reserveSequence } from '../storage/messages.js';
import { appendAudit } from '../storage/audit.js';
import { together } from '../storage/database.js';
import { insertRefusals } from '../storage/refusals.js';
import type { SigningKey } from '../signing/keys.js';
import { proveReceipts } from '../signing/receipt-proofs.js';
import { statementOf } from './receipts.js';
import { acceptedEntries, refusedEntries } from './audit-entries.js';
import { Batch } from './decide-batch.js';
import { refusalsOf } from './refusals.js';
import { opens, ROOM_FOR_ALL, type Room } from './room.js';
import { loadWorld, lockTouched, requireLocked } from './situation.js';
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
