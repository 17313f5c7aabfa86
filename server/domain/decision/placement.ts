import { UnattributedReason } from '#gen/zhengzhao/v1/data_center_pb.js';
import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { RecordKind } from '../message.js';
import { attribute } from '../record/attribution.js';
import type { RecordState } from '../record/record-state.js';
import type { RoutingFacts } from '../routing/facts.js';
import { route, type Route } from '../routing/route.js';
import type { RoutingRow } from '../routing/table.js';
import { mayBePublished } from '../upward-filter.js';
import type { DecidedLeg, NodeContext, PlannedDelivery } from './decision.js';
import type { World } from './world.js';

const kindFacts: Readonly<Record<RecordKind, RoutingFacts['kind']>> = {
  [MessageKind.LICENCE]: 'licence',
  [MessageKind.FILING]: 'filing',
  [MessageKind.INSPECTION]: 'inspection',
  [MessageKind.PENALTY]: 'penalty',
};

/** A record with its place decided: named or not, published or not, and where it goes next. */
export interface Placement {
  readonly record: RecordState;
  readonly deliveries: readonly PlannedDelivery[];
  readonly legs: readonly DecidedLeg[];
}

/** Attributes a record that is still unnamed, where this node may do so (R29, VR25). */
function name(record: RecordState, context: NodeContext, world: World): RecordState {
  if (record.naming === 'named' || context.level === 'national') return record;
  const result = attribute(record.party, context.node, world);
  if (!result.named) return { ...record, reason: result.reason };
  return {
    ...record,
    naming: 'named',
    uscc: result.enterprise.uscc,
    reason: UnattributedReason.UNSPECIFIED,
    method: result.method,
    namedBy: context.node,
    namedAtMs: context.nowMs,
    waitingSinceMs: undefined,
    resolvedBy: '',
    sentBack: '',
  };
}

/**
 * The province that can attribute a record (D2, D3): the one that keeps the enterprise, else the
 * one of the registration authority that the record states. Never a guess from the credit code.
 */
export function homeNodeOf(
  record: RecordState,
  context: NodeContext,
  world: World,
): string | undefined {
  const { party } = record;
  const known = party.uscc ? world.byUscc(party.uscc) : onlyOne(world.byRegNo(party.regNo));
  if (known) return known.homeNode;
  return party.regOrg ? context.homeNodeOf(party.regOrg, '') : undefined;
}

/** What the former province attributed arrives after the enterprise has moved: it follows too (R53). */
function isNamedByFormerHome(
  { naming, namedBy, uscc }: RecordState,
  { level }: NodeContext,
  world: World,
): boolean {
  if (level !== 'national' || naming !== 'named') return false;
  // Where the enterprise is that it was attributed to, whatever the record itself says.
  const home = uscc && world.byUscc(uscc)?.homeNode;
  return home !== undefined && home !== '' && namedBy !== home;
}

function onlyOne<T>(values: readonly T[]): T | undefined {
  return values.length === 1 ? values[0] : undefined;
}

function sideOf(origin: string, context: NodeContext): RoutingFacts['arrival'] {
  if (origin === 'client') return 'client';
  return origin === context.nationalNode ? 'national' : 'province';
}

function factsFor(
  record: RecordState,
  home: string | undefined,
  moved: boolean,
  context: NodeContext,
): RoutingFacts {
  return {
    level: context.level,
    kind: kindFacts[record.key.kind],
    arrival: sideOf(record.origin, context),
    publicity: mayBePublished(record.key.kind, record.nonPublic) ? 'public' : 'non-public',
    naming: record.naming,
    home: placeOf(home, record.origin, context),
    partners: 'none',
    moved: moved ? 'yes' : 'no',
  };
}

function placeOf(
  home: string | undefined,
  origin: string,
  context: NodeContext,
): RoutingFacts['home'] {
  if (home === undefined) return 'unknown';
  if (home === context.node) return 'here';
  return home === origin ? 'origin' : 'elsewhere';
}

/** Why a record waits here, once its route is known. */
function waitingReason(
  record: RecordState,
  decided: Route,
  context: NodeContext,
): UnattributedReason {
  if (record.naming === 'named') return UnattributedReason.UNSPECIFIED;
  if (context.level === 'national')
    return decided.down.outcome === 'wait'
      ? UnattributedReason.ROUTE_UNRESOLVED
      : UnattributedReason.UNSPECIFIED;
  return record.reason || UnattributedReason.ENTITY_NOT_FOUND;
}

/**
 * Decides everything about where a current record stands: attribution, publication, the way up or
 * down, or the work list. Used when it arrives, when its enterprise arrives, when a person
 * attributes it, when its mark is cleared and when its enterprise has `moved` to another province,
 * so that all of them agree.
 */
export function place(
  unplaced: RecordState,
  context: NodeContext,
  world: World,
  moved = false,
): Placement {
  const named = name(unplaced, context, world);
  const home = homeNodeOf(named, context, world);
  const follows = moved || isNamedByFormerHome(named, context, world);
  const decided = route(factsFor(named, home, follows, context));
  const reason = waitingReason(named, decided, context);
  const shown = named.state === 'current' && decided.publicity.outcome === 'send';
  const record: RecordState = {
    ...named,
    reason,
    waitingSinceMs: reason ? (named.waitingSinceMs ?? context.nowMs) : undefined,
    publishedAtMs: shown ? (named.publishedAtMs ?? context.nowMs) : undefined,
  };
  return {
    record,
    deliveries: deliveriesFor(record, decided, home, context),
    legs: legsFor(decided, home, context),
  };
}

/**
 * The deliveries that a new placement of the same version asks for. That it is held back is noted once:
 * not again when its enterprise becomes known or a person attributes it.
 */
export function furtherDeliveries(after: Placement, before: Placement): PlannedDelivery[] {
  const noted = new Set(before.deliveries.filter(isHeldBack).map(({ destination }) => destination));
  return after.deliveries.filter(
    (delivery) => !isHeldBack(delivery) || !noted.has(delivery.destination),
  );
}

function isHeldBack({ state }: PlannedDelivery): boolean {
  return state === 'held-back';
}

function deliveriesFor(
  record: RecordState,
  decided: Route,
  home: string | undefined,
  context: NodeContext,
): PlannedDelivery[] {
  const planned = (destination: string, row: RoutingRow): PlannedDelivery => ({
    messageSeq: record.messageSeq,
    destination,
    entity: record.entity,
    action: 'carry',
    kind: record.key.kind,
    rule: row.id,
    revision: record.publicityRevision,
    state: row.outcome === 'held-back' ? 'held-back' : 'open',
  });
  const up = ['send', 'held-back'].includes(decided.up.outcome);
  const down = decided.down.outcome === 'send' && home !== undefined;
  return [
    ...(up ? [planned(context.nationalNode, decided.up)] : []),
    ...(down ? [planned(home, decided.down)] : []),
  ];
}

function legsFor(decided: Route, home: string | undefined, context: NodeContext): DecidedLeg[] {
  const leg = (row: RoutingRow, code: string): DecidedLeg[] =>
    row.outcome === 'none' ? [] : [{ row, code, name: '', permitItemCodes: [] }];
  return [
    ...leg(decided.up, context.nationalNode),
    ...leg(decided.down, home ?? ''),
    ...leg(decided.publicity, ''),
    ...leg(decided.share, ''),
  ];
}
