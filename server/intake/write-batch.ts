import { toBinary } from '@bufbuild/protobuf';
import type { Knex } from 'knex';
import {
  MessageKind,
  ReceiptProofSchema,
  type Effect,
  type Finding,
  type ReceiptProof,
} from '#gen/zhengzhao/v1/common_pb.js';
import type { Decision, NodeContext, PlannedPackage } from '../domain/decision/decision.js';
import type { World } from '../domain/decision/world.js';
import { laneFor, type Lane } from '../domain/lane.js';
import { isRecordKind } from '../domain/message.js';
import { departureOf } from '../domain/registration/channel-route.js';
import { buildPackage } from '../domain/registration/package.js';
import { tellsOfLatePublication } from '../domain/record/late-publication.js';
import { together } from '../storage/database.js';
import { insertDeliveries, recallRecord, tellOfMark } from '../storage/deliveries.js';
import { upsertEnterprises } from '../storage/enterprises.js';
import {
  eraseContent,
  insertMessages,
  messageIdText,
  type NewMessage,
} from '../storage/messages.js';
import { insertPackages, type NewPackage } from '../storage/packages.js';
import { keepLateWarnings, type LateMessage } from '../storage/late-publications.js';
import { forgetWithdrawn } from '../storage/hidden-numbers.js';
import { upsertRecords } from '../storage/records.js';
import { keepCitations } from './citations.js';
import { Erasures } from './erasures.js';
import { recordKeyOf } from './situation.js';
import type { Submission } from './submission.js';

/** A decided message on its way into the tables. */
export interface Settled {
  readonly submission: Submission;
  readonly decision: Decision;
  readonly seq: number;
  /** False when the message itself is stored already and only its effect changes. */
  readonly store: boolean;
  /** Whether the message was stored before this batch. */
  readonly held: boolean;
  /** When it was accepted first. */
  readonly acceptedAtMs: number;
  readonly warnings: readonly Finding[];
}

/** Another process stored one of the messages at the same moment; the batch is decided again. */
export class ConcurrentInsert extends Error {}

/** What is written besides the decisions. */
export interface WriteParts {
  readonly context: NodeContext;
  readonly proofs: Proofs;
}

/** Signatures of the receipts of a batch, by {@link proofName}. */
export type Proofs = ReadonlyMap<string, ReceiptProof>;

/** A message may be stored twice in one batch, when its content comes back: then its effect tells which. */
export function proofName(seq: number, effect: Effect): string {
  return `${seq}/${effect}`;
}

/** Writes a decided batch: a handful of statements, however many messages it holds. */
export async function writeBatch(
  trx: Knex.Transaction,
  settled: readonly Settled[],
  world: World,
  { context, proofs }: WriteParts,
): Promise<Lane[]> {
  // First, so that what comes after a withdrawal in the same batch keeps its content.
  const erased = settled.flatMap((one) => one.decision.erased);
  await eraseContent(trx, erased);
  await forgetWithdrawn(trx, erased);
  const messages = messagesOf(settled, { context, proofs });
  const packages = settled.flatMap((one) => packagesOf(one, context));
  const [stored] = await together([
    insertMessages(trx, messages),
    upsertEnterprises(trx, world.changedEnterprises, context.nowMs),
    upsertRecords(trx, world.changedRecords, context.nowMs),
    insertPackages(trx, packages, context.nowMs),
  ]);
  if (stored !== messages.length) throw new ConcurrentInsert();
  await keepLateWarnings(trx, settled.flatMap(publishedLate));
  await keepCitations(trx, settled, world, context);
  const deliveries = settled.flatMap((one) => one.decision.deliveries);
  const recalled = await recallAll(trx, settled, context);
  const told = await tellAll(trx, settled, context);
  await insertDeliveries(trx, deliveries, context.nowMs);
  const opened = deliveries.filter((delivery) => delivery.state === 'open').map(laneFor);
  return distinct([...opened, ...recalled, ...told]);
}

/** Of a message that was stored before it could be published: another province attributed its record. */
function publishedLate({ store, seq, decision }: Settled): LateMessage[] {
  if (store) return [];
  return decision.warnings.filter(tellsOfLatePublication).map((finding) => ({ seq, finding }));
}

function distinct(wakes: readonly Lane[]): Lane[] {
  return [...new Map(wakes.map((wake) => [`${wake.destination}/${wake.lane}`, wake])).values()];
}

/** Before new deliveries are written, so that a recall never catches what replaces it. */
async function recallAll(
  trx: Knex.Transaction,
  settled: readonly Settled[],
  context: NodeContext,
): Promise<Lane[]> {
  const wakes: Lane[] = [];
  for (const recall of settled.flatMap((one) => one.decision.recalls))
    wakes.push(...(await recallRecord(trx, recall, context.nowMs)));
  return wakes;
}

/** Before new deliveries are written, so that nobody is told twice. */
async function tellAll(
  trx: Knex.Transaction,
  settled: readonly Settled[],
  context: NodeContext,
): Promise<Lane[]> {
  const wakes: Lane[] = [];
  for (const notice of settled.flatMap((one) => one.decision.notices ?? []))
    wakes.push(...(await tellOfMark(trx, notice, context.nowMs)));
  return wakes;
}

/**
 * The messages to store, each once. What the same batch withdraws afterwards is stored without its
 * content (D7); what was stored before and would only lose it has been erased already.
 */
function messagesOf(settled: readonly Settled[], parts: WriteParts): NewMessage[] {
  const erasures = new Erasures();
  for (const [position, one] of settled.entries()) erasures.add(one.decision.erased, position);
  const messages = new Map<string, NewMessage>();
  for (const [position, one] of settled.entries()) {
    const { submission, decision, store, held } = one;
    const erased = erasures.follow(recordKeyOf(submission), position);
    if (!store || (held && erased)) continue;
    const keep = decision.keepContent && !submission.withdrawn && !erased;
    const warnings = erased ? [] : one.warnings;
    messages.set(messageIdText(submission.head), newMessage({ ...one, warnings }, keep, parts));
  }
  return [...messages.values()];
}

function newMessage(
  { submission, decision, seq, warnings }: Settled,
  keep: boolean,
  { context, proofs }: WriteParts,
): NewMessage {
  const { head } = submission;
  const proof = proofs.get(proofName(seq, decision.effect));
  return {
    seq,
    sourceNode: head.sourceNode,
    messageId: head.messageId,
    kind: head.kind,
    recordKind: recordKindOf(submission),
    digest: submission.digest,
    payload: keep ? submission.payload : undefined,
    redacted: keep && submission.redacted,
    ownerOrg: head.ownerOrg,
    businessKey: head.businessKey,
    recordVersion: head.recordVersion,
    entity: keep ? head.entity : '',
    sourceOrg: keep ? head.sourceOrg : '',
    origin: submission.arrival.origin,
    hops: submission.hops,
    effect: decision.effect,
    warnings,
    acceptedAtMs: context.nowMs,
    receiptProof: proof ? toBinary(ReceiptProofSchema, proof) : null,
  };
}

function recordKindOf(submission: Submission): MessageKind {
  const { kind } = submission.head;
  return isRecordKind(kind) ? kind : (recordKeyOf(submission)?.kind ?? MessageKind.UNSPECIFIED);
}

function packagesOf({ submission, decision, seq }: Settled, context: NodeContext): NewPackage[] {
  const { message } = submission;
  if (message?.kind !== MessageKind.REGISTRATION) return [];
  return decision.packages.map(({ department, uscc }: PlannedPackage, index) => {
    const packageId = `${context.node}-${seq}-${index + 1}`;
    const stamp = { packageId, node: context.node, createdAtMs: context.nowMs };
    const { channels, pushedBy } = departureOf(context, department.code);
    return {
      packageId,
      messageSeq: seq,
      uscc,
      deptCode: department.code,
      deptName: department.name,
      channels,
      pushedBy,
      rules: [...new Set(department.items.map((item) => item.row.id))],
      recordCount: 1,
      content: buildPackage(message.registration, department, stamp),
    };
  });
}
