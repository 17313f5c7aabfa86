import { Effect, type Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { Operation } from '#gen/zhengzhao/v1/common_pb.js';
import { UnattributedReason } from '#gen/zhengzhao/v1/data_center_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { Record as RecordMessage } from '#gen/zhengzhao/v1/record_pb.js';
import { HubError } from '../errors.js';
import { hasError, warningFinding } from '../finding.js';
import { partyOf, type Party, type RecordKey, type RecordKind } from '../message.js';
import { identify, type AttributionMethod } from '../record/attribution.js';
import { filingEventFindings } from '../record/filing-event.js';
import { knownEnterpriseFindings } from '../record/known-enterprise.js';
import { latePublicationFindings } from '../record/late-publication.js';
import { factsOf, isReportedAt, type RecordState } from '../record/record-state.js';
import {
  noChange,
  type AttributionNotice,
  type Candidate,
  type Decision,
  type NodeContext,
  type Recall,
} from './decision.js';
import { place, type Placement } from './placement.js';
import { broughtBy, mark, revisionOfMark, tellProvinces } from './publicity.js';
import type { World } from './world.js';

/** Whether two messages are the same one, come again by another way. */
function isSameMessage(held: RecordState, candidate: Candidate): boolean {
  return (
    held.sourceNode === candidate.head.sourceNode && held.messageId === candidate.head.messageId
  );
}

/** A version that must not replace what is held; content of a withdrawn record is not even kept (D7). */
function outdated(held: RecordState | undefined, candidate: Candidate): Decision | undefined {
  if (!held) return undefined;
  const { arrival, head } = candidate;
  if (arrival.side !== 'client' && arrival.revision < held.publicityRevision)
    return noChange(Effect.STALE, false);
  if (isSameMessage(held, candidate)) return undefined;
  return head.recordVersion <= held.recordVersion ? noChange(Effect.STALE) : undefined;
}

/**
 * A mark in a version that is replaced already: the version is not taken, but its mark is (R55). What
 * came first must not decide whether a record is public; a mark that was meant for an old version
 * alone is cleared with a change of the mark, by the authority. Undefined: it brings no mark.
 */
function markOfOldVersion(
  record: RecordMessage,
  held: RecordState | undefined,
  candidate: Candidate,
  context: NodeContext,
  world: World,
): Decision | undefined {
  if (!held || held.nonPublic || !record.nonPublic) return undefined;
  const { arrival, seq } = candidate;
  const ofClient = arrival.side === 'client';
  if (!ofClient && arrival.revision <= held.publicityRevision) return undefined;
  const marked: RecordState = {
    ...held,
    nonPublic: true,
    contentMarked: true,
    publicityRevision: ofClient ? revisionOfMark(held, seq, context) : arrival.revision,
  };
  const telling = { messageSeq: held.messageSeq, kind: held.key.kind };
  return {
    ...mark(marked, candidate, telling, context, world),
    effect: Effect.STALE,
    warnings: ofClient ? [markedByOldVersion()] : [],
  };
}

function markedByOldVersion(): Finding {
  return warningFinding('R55', 'non_public', 'MARKED_BY_OLD_VERSION', {
    zh: '该版本已被更新的版本取代,未予采用,但其不公示标记已生效;如需公示,请用 SetRecordPublicity 取消标记。',
    en: 'A newer version is held, so this one was not taken, but its mark was: the record is not public now; clear the mark with SetRecordPublicity.',
  });
}

function sameParty(a: Party, b: Party): boolean {
  return a.uscc === b.uscc && a.regNo === b.regNo && a.entName === b.entName;
}

/**
 * Whether a province says that it attributed what the province that keeps the enterprise now has
 * attributed already: the former one of an enterprise that moved, which has its copy still (D2).
 */
function isFormerHome(
  notice: AttributionNotice,
  held: RecordState | undefined,
  candidate: Candidate,
  world: World,
): boolean {
  if (held?.naming !== 'named' || held.uscc !== notice.uscc) return false;
  const home = world.byUscc(notice.uscc)?.homeNode;
  return isSameMessage(held, candidate) && held.namedBy === home && notice.node !== home;
}

/** The naming that a record starts with: what its province said, else what a person decided before. */
function startingNaming(
  candidate: Candidate,
  party: Party,
  held: RecordState | undefined,
  world: World,
): Pick<RecordState, 'naming' | 'uscc' | 'method' | 'namedBy' | 'namedAtMs' | 'resolvedBy'> {
  const notice = candidate.arrival.attribution;
  if (notice && !isFormerHome(notice, held, candidate, world))
    return {
      naming: 'named',
      uscc: notice.uscc,
      method: notice.method as AttributionMethod,
      namedBy: notice.node,
      namedAtMs: notice.atMs,
      resolvedBy: '',
    };
  const decidedByHand = held?.method === 'manual' && sameParty(held.party, party);
  if (held && (decidedByHand || isSameMessage(held, candidate)))
    return {
      naming: held.naming,
      uscc: held.uscc,
      method: held.method,
      namedBy: held.namedBy,
      namedAtMs: held.namedAtMs,
      resolvedBy: held.resolvedBy,
    };
  return {
    naming: 'unnamed',
    uscc: undefined,
    method: '',
    namedBy: '',
    namedAtMs: undefined,
    resolvedBy: '',
  };
}

/**
 * The not-public mark after a message (R55). Once set it stays until the authority clears it with
 * a change of the mark of its own: a later version without the mark is no clearance. Another node
 * has judged that already and states the mark that holds there; what it sent before an older
 * revision does not come here, so its word also ends a withdrawal.
 */
function markAfter(
  record: RecordMessage,
  held: RecordState | undefined,
  { arrival, seq }: Candidate,
  context: NodeContext,
): Pick<RecordState, 'nonPublic' | 'publicityRevision'> {
  const before = held?.publicityRevision ?? 0;
  if (arrival.side !== 'client')
    return {
      // What was reported here only the authority clears, here (D5).
      nonPublic: record.nonPublic || (held?.nonPublic === true && isReportedAt(context.node, held)),
      publicityRevision: Math.max(before, arrival.revision),
    };
  const nonPublic = record.nonPublic || (held?.nonPublic ?? false);
  const changed = held !== undefined && nonPublic !== held.nonPublic;
  return {
    nonPublic,
    publicityRevision: changed ? revisionOfMark(held, seq, context) : before,
  };
}

function stateOf(record: RecordMessage): RecordState['state'] {
  return record.envelope?.operation === Operation.DELETE ? 'deleted' : 'current';
}

function nextState(
  record: RecordMessage,
  key: RecordKey,
  held: RecordState | undefined,
  candidate: Candidate,
  context: NodeContext,
  world: World,
): RecordState {
  const party = partyOf(record);
  const same = held !== undefined && isSameMessage(held, candidate);
  return {
    key,
    recordVersion: candidate.head.recordVersion,
    messageSeq: candidate.seq,
    sourceNode: candidate.head.sourceNode,
    messageId: candidate.head.messageId,
    // The first way it came decides the flow (R29 or R28), not its confirmation.
    origin: same ? held.origin : candidate.arrival.origin,
    entity: candidate.head.entity,
    party,
    ...startingNaming(candidate, party, held, world),
    reason: UnattributedReason.UNSPECIFIED,
    waitingSinceMs: same ? held.waitingSinceMs : undefined,
    sentBack: '',
    ...markAfter(record, held, candidate, context),
    changeVersion: held?.changeVersion ?? 0,
    authorityOrg: record.envelope?.dataSourceOrgCode ?? '',
    contentMarked: record.nonPublic || (held?.contentMarked ?? false),
    state: stateOf(record),
    ...factsOf(record),
    publishedAtMs: same ? held.publishedAtMs : undefined,
  };
}

/** Whether a message that came again brings nothing new. */
function bringsNothing(held: RecordState | undefined, next: RecordState): boolean {
  return (
    held?.state === next.state &&
    held.messageId === next.messageId &&
    held.sourceNode === next.sourceNode &&
    held.naming === next.naming &&
    held.namedBy === next.namedBy &&
    held.nonPublic === next.nonPublic &&
    held.publicityRevision === next.publicityRevision
  );
}

function stillMarked(record: RecordMessage, held: RecordState | undefined): Finding[] {
  if (record.nonPublic || !held?.nonPublic) return [];
  return [
    warningFinding('R55', 'non_public', 'STILL_NOT_PUBLIC', {
      zh: '该记录此前已标记为不公示,本次版本未带标记,仍按不公示处理;如需公示,请用 SetRecordPublicity 取消标记。',
      en: 'The record is marked as not public and stays so; clear the mark with SetRecordPublicity.',
    }),
  ];
}

/**
 * A tombstone of a record of which nothing ever came holds against those who may bring the record by
 * way of the node that sent it; it is no word about the records that another province took in itself.
 */
function believed(held: RecordState | undefined, { arrival, head }: Candidate) {
  if (held?.state !== 'withdrawn' || held.sourceNode !== '' || held.origin === '') return held;
  const itsOwn = arrival.side === 'province' && head.sourceNode === arrival.origin;
  return itsOwn && held.origin !== arrival.origin ? undefined : held;
}

/**
 * Judges what a client reports by what is held of its enterprise (R9, VR18) and of the registration that
 * it refers to (VR21); answers warnings. What another node accepted, and what is given back after a
 * restore, is not judged again; a copy that another province keeps may be old and judges nothing. Throws
 * VALIDATION_FAILED or ENTITY_STATE.
 */
function judgeByEnterprise(
  record: RecordMessage,
  held: RecordState | undefined,
  { arrival }: Candidate,
  context: NodeContext,
  world: World,
): Finding[] {
  if (arrival.side !== 'client' || arrival.givenBackBy !== undefined) return [];
  const known = identify(partyOf(record), world);
  const isKept =
    known.named && (context.level === 'national' || known.enterprise.homeNode === context.node);
  const ofEnterprise = isKept
    ? knownEnterpriseFindings(record, known.enterprise, {
        corrects: held !== undefined && held.state !== 'deleted',
        itemOn: (code, date) => context.catalogOn(date)?.item(code),
      })
    : [];
  const ownersOf = (messageId: string) => world.registrationOwners(messageId);
  const findings = [...ofEnterprise, ...filingEventFindings(record, { ownersOf, isKept })];
  const errors = findings.filter((finding) => hasError([finding]));
  const [first] = errors;
  if (!first) return findings;
  const onlyState = errors.every(({ rule }) => rule === 'VR18');
  throw new HubError(
    onlyState ? ErrorReason.ENTITY_STATE : ErrorReason.VALIDATION_FAILED,
    { zh: first.messageZh, en: first.messageEn },
    { findings },
  );
}

/** Takes a licence, filing, inspection or penalty (F9–F19). Throws what `judgeByEnterprise` throws. */
export function decideRecord(
  record: RecordMessage,
  kind: RecordKind,
  candidate: Candidate,
  context: NodeContext,
  world: World,
): Decision {
  const key: RecordKey = {
    kind,
    ownerOrg: candidate.head.ownerOrg,
    businessKey: candidate.head.businessKey,
  };
  const held = believed(world.record(key), candidate);
  const old = outdated(held, candidate);
  if (old) return markOfOldVersion(record, held, candidate, context, world) ?? old;
  const warnings = judgeByEnterprise(record, held, candidate, context, world);
  const next = nextState(record, key, held, candidate, context, world);
  if (bringsNothing(held, next)) return noChange(held?.reason ? Effect.WAITING : Effect.APPLIED);

  const placement = place(next, context, world);
  world.putRecord(placement.record);
  const { side, sentAgain } = candidate.arrival;
  const publication = { before: held, after: placement.record, sentAgain };
  return {
    ...carriedMark(held, placement, candidate, context, world),
    effect: placement.record.reason ? Effect.WAITING : Effect.APPLIED,
    warnings: [
      ...(side === 'client' ? [...warnings, ...stillMarked(record, held)] : []),
      ...latePublicationFindings(record, publication, context),
    ],
    changed: true,
    keepContent: true,
    deliveries: placement.deliveries,
    packages: [],
    recalls: recallOf(held, placement.record, candidate, context),
    erased: [],
    legs: placement.legs,
  };
}

/** A national version that carries the mark is told wherever the versions before it went (F20). */
function carriedMark(
  held: RecordState | undefined,
  { record, deliveries }: Placement,
  { seq, arrival }: Candidate,
  context: NodeContext,
  world: World,
): Pick<Decision, 'notices'> {
  const marks = held !== undefined && !held.nonPublic && record.nonPublic;
  if (context.level !== 'national' || arrival.side !== 'client' || !marks) return {};
  const told = tellProvinces(record, { messageSeq: seq, kind: record.key.kind }, context, world);
  const besides = deliveries.map(({ destination }) => destination);
  return { notices: (told.notices ?? []).map((notice) => ({ ...notice, besides })) };
}

/** A version that carries the mark calls back the public versions before it (D7). */
function recallOf(
  held: RecordState | undefined,
  next: RecordState,
  candidate: Candidate,
  context: NodeContext,
): Recall[] {
  // Downward nothing is filtered (R54): the national node's own versions carry the mark down.
  if (context.level === 'national') return [];
  if (!held || held.nonPublic || !next.nonPublic) return [];
  const except = candidate.arrival.side === 'client' ? undefined : candidate.arrival.origin;
  return [
    {
      key: next.key,
      messageSeq: candidate.seq,
      entity: next.entity,
      revision: next.publicityRevision,
      except,
      cameFrom: broughtBy(held, context),
    },
  ];
}
