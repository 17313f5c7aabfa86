import { Effect, MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { PublicityChange } from '#gen/zhengzhao/v1/record_pb.js';
import { noSuchRecord } from '../access/reporting.js';
import { HubError } from '../errors.js';
import { isRecordKind, type RecordKey } from '../message.js';
import { tombstone, type RecordState } from '../record/record-state.js';
import { nextRevision } from '../restoration.js';
import {
  noChange,
  type Candidate,
  type Decision,
  type NodeContext,
  type PlannedDelivery,
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

/**
 * National records were sent to a province that must learn of a change of the mark (F20): the one
 * that attributed it, or the one it is on its way to. A record that is parked takes its mark along.
 */
function tellProvince(
  record: RecordState,
  candidate: Pick<Candidate, 'seq'>,
  context: NodeContext,
  world: World,
): PlannedDelivery[] {
  const destination = record.namedBy || homeNodeOf(record, context, world);
  if (!destination) return [];
  return [
    {
      messageSeq: candidate.seq,
      destination,
      entity: record.entity,
      action: 'carry',
      kind: MessageKind.PUBLICITY_CHANGE,
      rule: 'DOWN-HOME',
      revision: record.publicityRevision,
      state: 'open',
    },
  ];
}

/** Sets or clears the mark of a record that was reported before (R55, D7, F20). */
export function decidePublicityChange(
  change: PublicityChange,
  candidate: Candidate,
  context: NodeContext,
  world: World,
): Decision {
  const key = keyOfChange(change);
  const held = key && world.record(key);
  if (!key || !held || held.state === 'withdrawn') throw noSuchRecord();
  judgeAuthority(change, held, candidate.arrival);
  if (candidate.head.recordVersion <= held.changeVersion) return noChange(Effect.STALE);

  const marked: RecordState = {
    ...held,
    nonPublic: change.nonPublic,
    changeVersion: candidate.head.recordVersion,
    publicityRevision:
      change.nonPublic === held.nonPublic
        ? Math.max(held.publicityRevision, candidate.arrival.revision)
        : revisionAfter(held, candidate),
  };
  if (change.nonPublic === held.nonPublic) {
    world.putRecord(marked);
    return { ...noChange(Effect.APPLIED), changed: true };
  }
  return change.nonPublic
    ? mark(marked, candidate, context, world)
    : clear(marked, candidate, context, world);
}

/** Revision of a mark that changes: this node's own goes on, another node's holds as it came. */
function revisionAfter(held: RecordState, { seq, arrival }: Candidate): number {
  if (arrival.side === 'client') return nextRevision(held.publicityRevision, seq);
  return Math.max(held.publicityRevision + 1, arrival.revision);
}

function mark(
  marked: RecordState,
  candidate: Pick<Candidate, 'seq' | 'arrival'>,
  context: NodeContext,
  world: World,
): Decision {
  const placement = place(marked, context, world);
  world.putRecord(placement.record);
  const ownNational = context.level === 'national' && marked.origin === 'client';
  return {
    ...noChange(Effect.APPLIED),
    changed: true,
    // What goes nowhere is noted; the content is not sent anew because it became not public.
    deliveries: ownNational
      ? tellProvince(marked, candidate, context, world)
      : placement.deliveries.filter((delivery) => delivery.state === 'held-back'),
    recalls: ownNational
      ? []
      : [
          {
            key: marked.key,
            messageSeq: candidate.seq,
            entity: marked.entity,
            revision: marked.publicityRevision,
            except: candidate.arrival.side === 'client' ? undefined : candidate.arrival.origin,
          },
        ],
    legs: placement.legs,
  };
}

function clear(
  cleared: RecordState,
  candidate: Candidate,
  context: NodeContext,
  world: World,
): Decision {
  const placement = place(cleared, context, world);
  world.putRecord(placement.record);
  const ownNational = context.level === 'national' && cleared.origin === 'client';
  return {
    ...noChange(Effect.APPLIED),
    changed: true,
    deliveries: ownNational
      ? tellProvince(cleared, candidate, context, world)
      : placement.deliveries,
    legs: placement.legs,
  };
}

/**
 * Takes a content-free withdrawal from another node (D7): everything stored of the record is
 * deleted, it is unpublished, and a tombstone keeps an older delivery from bringing it back. This
 * node's own record is marked and kept: it had withdrawn it before it was restored from a backup.
 */
export function decideWithdrawal(
  key: RecordKey,
  candidate: Pick<Candidate, 'seq' | 'arrival'>,
  context: NodeContext,
  world: World,
): Decision {
  const held = world.record(key);
  const { revision, origin } = candidate.arrival;
  if (held?.origin === 'client') {
    if (revision <= held.publicityRevision) return noChange(Effect.STALE, false);
    const marked = { ...held, nonPublic: true, publicityRevision: revision };
    return { ...mark(marked, candidate, context, world), keepContent: false };
  }
  const known = held ? revision <= held.publicityRevision && held.state === 'withdrawn' : false;
  if (known || (held && revision < held.publicityRevision)) return noChange(Effect.STALE, false);
  world.putRecord(tombstone(key, held, revision, candidate.seq));
  return {
    ...noChange(Effect.APPLIED, false),
    changed: true,
    erased: [key],
    recalls: held
      ? [{ key, messageSeq: candidate.seq, entity: held.entity, revision, except: origin }]
      : [],
  };
}
