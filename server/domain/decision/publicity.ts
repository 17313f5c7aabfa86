import { Effect, MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { PublicityChange } from '#gen/zhengzhao/v1/record_pb.js';
import { noSuchRecord } from '../access/reporting.js';
import { HubError } from '../errors.js';
import { isRecordKind, type RecordKey } from '../message.js';
import { isReportedAt, tombstone, type RecordState } from '../record/record-state.js';
import { nextRevision } from '../restoration.js';
import type { RuleId } from '../routing/table.js';
import {
  noChange,
  type Candidate,
  type Decision,
  type NodeContext,
  type PlannedDelivery,
  type Recall,
} from './decision.js';
import { homeNodeOf, place } from './placement.js';
import type { World } from './world.js';

/** The record that a change of the mark is about. */
export function keyOfChange(change: PublicityChange): RecordKey | undefined {
  const kind = change.record?.kind ?? MessageKind.UNSPECIFIED;
  if (!isRecordKind(kind) || !change.record) return undefined;
  return { kind, ownerOrg: change.record.ownerOrg, businessKey: change.record.businessKey };
}

/**
 * Only the deciding authority or its data unit may change the mark (VR23). Which that is the register
 * of callers says; only where there is none, the unit that reported the record. What is given back
 * after a restore was judged when it came first.
 */
function judgeAuthority(
  change: PublicityChange,
  record: RecordState,
  { side, givenBackBy, speaksFor }: Candidate['arrival'],
): void {
  if (side !== 'client' || givenBackBy !== undefined) return;
  if (speaksFor) {
    if (speaksFor.includes(record.key.ownerOrg)) return;
    throw noSuchRecord();
  }
  const sender = change.envelope?.sourceOrg ?? '';
  if (sender === record.key.ownerOrg || (sender !== '' && sender === record.authorityOrg)) return;
  throw new HubError(ErrorReason.NOT_THE_AUTHORITY, {
    zh: '只有作出决定的机关或其登记的数据来源单位可以设置或取消不公示标记。',
    en: 'Only the deciding authority or its data unit may set or clear the not-public mark.',
  });
}

/** The message that tells of a mark: a change of it, or the record itself with the mark on it. */
type Telling = Pick<PlannedDelivery, 'messageSeq' | 'kind'>;

/**
 * Provinces that must learn of the mark of a national record (F20): the one that attributed it, or
 * the one that keeps the enterprise, and every other to which the record went or is on its way: an
 * enterprise that moved left it in more than one. A record that is parked takes its mark along.
 */
export function tellProvinces(
  record: RecordState,
  telling: Telling,
  context: NodeContext,
  world: World,
): Pick<Decision, 'deliveries' | 'notices'> {
  const home = homeNodeOf(record, context, world);
  const known = [...new Set([record.namedBy, home].filter((node) => node !== undefined))].filter(
    (node) => node !== '' && node !== context.node,
  );
  const common = {
    messageSeq: telling.messageSeq,
    entity: record.entity,
    kind: telling.kind,
    rule: 'DOWN-HOME' satisfies RuleId,
    revision: record.publicityRevision,
  };
  return {
    deliveries: known.map((destination) => ({
      ...common,
      destination,
      action: 'carry',
      state: 'open',
    })),
    notices: [{ ...common, key: record.key, besides: known }],
  };
}

/**
 * Sets or clears the mark of a record that was reported before (R55, D7, F20). It may be set at every node
 * that holds the record, and reaches the others; it is cleared where the record was reported, because that
 * node's mark decides whether the record goes anywhere.
 */
export function decidePublicityChange(
  change: PublicityChange,
  candidate: Candidate,
  context: NodeContext,
  world: World,
): Decision {
  const key = keyOfChange(change);
  const held = key && world.record(key);
  if (key && !held && candidate.arrival.side !== 'client') throw recordNotHere();
  if (!key || !held) throw noSuchRecord();
  const elsewhere =
    candidate.arrival.side === 'client' &&
    held.sourceNode !== '' &&
    !isReportedAt(context.node, held);
  if (held.state === 'withdrawn' && (change.nonPublic || !elsewhere)) throw noSuchRecord();
  judgeAuthority(change, held, candidate.arrival);
  if (isOvertaken(change, held, candidate, context)) return noChange(Effect.STALE);
  if (elsewhere && held.nonPublic && !change.nonPublic) throw clearedElsewhere(held.sourceNode);

  // The national node keeps none of these; a version that told nobody of the mark left some.
  const untold = elsewhere && held.nonPublic && context.level === 'national';
  const same = change.nonPublic === held.nonPublic && !untold;
  const marked: RecordState = {
    ...held,
    nonPublic: change.nonPublic,
    changeVersion: Math.max(held.changeVersion, candidate.head.recordVersion),
    publicityRevision: same
      ? Math.max(held.publicityRevision, candidate.arrival.revision)
      : revisionAfter(held, candidate, context),
  };
  if (same) {
    const changed =
      marked.publicityRevision !== held.publicityRevision ||
      marked.changeVersion !== held.changeVersion;
    if (changed) world.putRecord(marked);
    return { ...noChange(Effect.APPLIED), changed };
  }
  const telling = { messageSeq: candidate.seq, kind: MessageKind.PUBLICITY_CHANGE };
  return change.nonPublic
    ? mark(marked, candidate, telling, context, world)
    : clear(marked, telling, context, world);
}

/**
 * Whether another word about the mark counts more. An authority counts its own changes; two senders
 * at two nodes do not know each other's count, so what comes from another node is ordered by the
 * revision of the mark alone, and of two of one revision the one that hides counts (F20). Another
 * node never clears the mark of what was reported here: only the authority does (D5).
 */
function isOvertaken(
  change: PublicityChange,
  held: RecordState,
  { arrival, head }: Candidate,
  { node }: NodeContext,
): boolean {
  if (arrival.side === 'client') return head.recordVersion <= held.changeVersion;
  if (arrival.revision < held.publicityRevision) return true;
  if (change.nonPublic || !held.nonPublic) return false;
  return isReportedAt(node, held) || arrival.revision === held.publicityRevision;
}

/** A mark passes what waits; until its record has come it has nothing to hold on to, and comes again. */
function recordNotHere(): HubError {
  return new HubError(
    ErrorReason.BLOCKED_BY_EARLIER,
    {
      zh: '标记所指的记录尚未到达本节点;收到该记录后再送标记。',
      en: 'The record that the mark is about has not come to this node yet; send the mark again after it.',
    },
    { retryAfterMs: 1000 },
  );
}

/** A mark that was set at another node: who clears it here would publish what is held back there. */
function clearedElsewhere(node: string): HubError {
  return new HubError(ErrorReason.NOT_IN_STATE, {
    zh: `该记录由节点 ${node} 受理,其不公示标记须在该节点取消。`,
    en: `The record was reported at node ${node}; its not-public mark is cleared there.`,
  });
}

/** Changes of the mark that may be on their way here, and not known yet, at the very most. */
const ON_THEIR_WAY = 1_000;

/**
 * Revision of a mark that is changed here. Of a record that was reported elsewhere it steps over the changes
 * that were made there and are still on their way: whichever comes first, the mark that is set here counts.
 */
export function revisionOfMark(held: RecordState, seq: number, { node }: NodeContext): number {
  const before = held.publicityRevision + (isReportedAt(node, held) ? 0 : ON_THEIR_WAY);
  return nextRevision(before, seq);
}

/** Revision of a mark that changes: this node's own goes on, another node's holds as it came. */
function revisionAfter(held: RecordState, candidate: Candidate, context: NodeContext): number {
  const { seq, arrival } = candidate;
  if (arrival.side === 'client') return revisionOfMark(held, seq, context);
  return Math.max(held.publicityRevision, arrival.revision);
}

/** The node that brought a record, which holds it; undefined: it was reported here, or nothing of it came. */
export function broughtBy(held: RecordState, { node }: NodeContext): string | undefined {
  return held.sourceNode === '' || isReportedAt(node, held) ? undefined : held.origin;
}

/**
 * The mark of a record is set: it is called back from where it went and where it came from, or those below
 * are told.
 */
export function mark(
  marked: RecordState,
  candidate: Pick<Candidate, 'seq' | 'arrival'>,
  telling: Telling,
  context: NodeContext,
  world: World,
): Decision {
  const own = isReportedAt(context.node, marked);
  // A province's record does not stay at the national node, whichever of the two heard of the mark (D7).
  if (context.level === 'national' && !own)
    return takeAway(marked.key, marked, marked.publicityRevision, candidate, context, world);
  const placement = place(marked, context, world);
  world.putRecord(placement.record);
  const decided = { ...noChange(Effect.APPLIED), changed: true, legs: placement.legs };
  if (context.level === 'national')
    return { ...decided, ...tellProvinces(marked, telling, context, world) };
  return {
    ...decided,
    // What goes nowhere is noted; the content is not sent anew because it became not public.
    deliveries: placement.deliveries.filter((delivery) => delivery.state === 'held-back'),
    recalls: [
      {
        key: marked.key,
        messageSeq: candidate.seq,
        entity: marked.entity,
        revision: marked.publicityRevision,
        // Of what was reported here the one that told us is told, too: it may lose the mark in a restore.
        except: own ? undefined : tellerOf(candidate),
        cameFrom: broughtBy(marked, context),
      },
    ],
  };
}

function tellerOf({ arrival }: Pick<Candidate, 'arrival'>): string | undefined {
  return arrival.side === 'client' ? undefined : arrival.origin;
}

function clear(
  cleared: RecordState,
  telling: Telling,
  context: NodeContext,
  world: World,
): Decision {
  const placement = place(cleared, context, world);
  world.putRecord(placement.record);
  const decided = { ...noChange(Effect.APPLIED), changed: true, legs: placement.legs };
  if (context.level === 'national' && isReportedAt(context.node, cleared))
    return { ...decided, ...tellProvinces(cleared, telling, context, world) };
  return { ...decided, deliveries: placement.deliveries };
}

/**
 * Takes a content-free withdrawal from another node (D7): everything stored of the record is
 * deleted, it is unpublished, and a tombstone keeps an older delivery from bringing it back. This
 * node's own record is marked and kept: the mark was set at another node that holds it, or here before
 * this one was restored from a backup.
 */
export function decideWithdrawal(
  key: RecordKey,
  candidate: Pick<Candidate, 'seq' | 'arrival'>,
  context: NodeContext,
  world: World,
): Decision {
  const held = world.record(key);
  const { revision, origin } = candidate.arrival;
  if (held && held.state !== 'withdrawn' && isReportedAt(context.node, held)) {
    if (revision <= held.publicityRevision) return noChange(Effect.STALE, false);
    const marked = { ...held, nonPublic: true, publicityRevision: revision };
    const telling = { messageSeq: held.messageSeq, kind: key.kind };
    return { ...mark(marked, candidate, telling, context, world), keepContent: false };
  }
  if (held?.state === 'withdrawn' && held.sourceNode === '' && held.origin !== origin) {
    // Two nodes withdrew what has not come yet: it holds against whoever brings it.
    const publicityRevision = Math.max(held.publicityRevision, revision);
    world.putRecord({ ...held, origin: '', publicityRevision });
    return { ...noChange(Effect.APPLIED, false), changed: true };
  }
  const known = held ? revision <= held.publicityRevision && held.state === 'withdrawn' : false;
  if (known || (held && revision < held.publicityRevision)) return noChange(Effect.STALE, false);
  return takeAway(key, held, revision, candidate, context, world);
}

/** Deletes what is stored of a record and leaves a tombstone; every other node that has it is told (D7). */
function takeAway(
  key: RecordKey,
  held: RecordState | undefined,
  revision: number,
  candidate: Pick<Candidate, 'seq' | 'arrival'>,
  context: NodeContext,
  world: World,
): Decision {
  const { seq, arrival } = candidate;
  world.putRecord(tombstone(key, held, revision, seq, arrival.origin));
  const recall = (of: RecordState): Recall => ({
    key,
    messageSeq: seq,
    entity: of.entity,
    revision,
    except: tellerOf(candidate),
    cameFrom: broughtBy(of, context),
  });
  return {
    ...noChange(Effect.APPLIED, false),
    changed: true,
    erased: [key],
    recalls: held ? [recall(held)] : [],
  };
}
