import { Effect, MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { HubError } from '../errors.js';
import { hasError } from '../finding.js';
import { grouped } from '../grouped.js';
import { planDepartments, type DepartmentPlan } from '../registration/departments.js';
import { lateRegistrationFindings } from '../record/late-publication.js';
import { applyRegistration, itemsSince } from '../registration/enterprise.js';
import { corrects, judgeSequence, positionOf, type ComingEvent } from '../registration/sequence.js';
import type { RoutingFacts } from '../routing/facts.js';
import { route, type Route } from '../routing/route.js';
import type { RoutingRow } from '../routing/table.js';
import {
  noChange,
  type Candidate,
  type DecidedLeg,
  type Decision,
  type NodeContext,
  type PlannedDelivery,
} from './decision.js';
import { furtherDeliveries, place, type Placement } from './placement.js';
import type { RecordState } from '../record/record-state.js';
import type { World } from './world.js';

/** Refuses an event that cannot follow what is held; the first error gives the reason. */
function sequenceError(findings: ReturnType<typeof judgeSequence>): HubError {
  const unknown = findings.some((finding) => finding.code === 'ENTITY_NOT_FOUND');
  const [first] = findings;
  return new HubError(
    unknown ? ErrorReason.ENTITY_NOT_FOUND : ErrorReason.ENTITY_STATE,
    { zh: first?.messageZh ?? '', en: first?.messageEn ?? '' },
    { findings },
  );
}

function factsFor(
  home: string,
  partners: RoutingFacts['partners'],
  moved: boolean,
  candidate: Candidate,
  context: NodeContext,
): RoutingFacts {
  return {
    level: context.level,
    kind: 'registration',
    arrival: candidate.arrival.side,
    publicity: 'public',
    naming: 'named',
    home:
      home === context.node ? 'here' : home === candidate.arrival.origin ? 'origin' : 'elsewhere',
    partners,
    moved: moved ? 'yes' : 'no',
  };
}

interface Routed {
  readonly route: Route;
  readonly plan: DepartmentPlan;
  readonly home: string;
  /** The province that kept the enterprise until now, when it is another one. */
  readonly formerHome: string | undefined;
}

function routeEvent(
  event: RegistrationEvent,
  candidate: Candidate,
  context: NodeContext,
  world: World,
): Routed {
  const current = world.byUscc(candidate.head.entity);
  const home = context.homeNodeOf(event.regOrg, event.domDistrict) ?? candidate.head.sourceNode;
  const formerHome = current && current.homeNode !== home ? current.homeNode : undefined;
  const plan = planDepartments(event, current?.told ?? [], {
    node: context.node,
    homeNode: home,
    formerHome,
    itemsSince: itemsSince(current, event, home),
    catalog: context.catalogOn(event.apprDate),
    facts: factsFor(home, 'none', false, candidate, context),
  });
  // A province that keeps its copy learns of the move; at a province this leg asks for nothing.
  const concerned = new Set([...plan.partnerNodes, ...(formerHome ? [formerHome] : [])]);
  const partners = [...concerned].filter(
    (node) => node !== candidate.arrival.origin && node !== context.node,
  );
  const facts = factsFor(
    home,
    partners.length > 0 ? 'some' : 'none',
    formerHome !== undefined && partners.includes(formerHome),
    candidate,
    context,
  );
  return { route: route(facts), plan: { ...plan, partnerNodes: partners }, home, formerHome };
}

function deliveriesFor(
  { route: decided, plan }: Routed,
  candidate: Candidate,
  context: NodeContext,
): PlannedDelivery[] {
  const planned = (destination: string, row: RoutingRow): PlannedDelivery => ({
    messageSeq: candidate.seq,
    destination,
    entity: candidate.head.entity,
    action: 'carry',
    kind: MessageKind.REGISTRATION,
    rule: row.id,
    revision: 0,
    state: 'open',
  });
  return [
    ...(decided.up.outcome === 'send' ? [planned(context.nationalNode, decided.up)] : []),
    ...(decided.down.outcome === 'send'
      ? plan.partnerNodes.map((node) => planned(node, decided.down))
      : []),
  ];
}

function legsFor({ route: decided, plan }: Routed, context: NodeContext): DecidedLeg[] {
  const leg = (row: RoutingRow, code: string): DecidedLeg[] =>
    row.outcome === 'none' ? [] : [{ row, code, name: '', permitItemCodes: [] }];
  const departments = plan.reached.flatMap((department) =>
    rowsOf(department.items).map(([row, permitItemCodes]) => ({
      row,
      code: department.code,
      name: department.name,
      permitItemCodes,
    })),
  );
  return [
    ...departments,
    ...leg(decided.up, context.nationalNode),
    ...(decided.down.outcome === 'send' ? plan.partnerNodes : []).flatMap((node) =>
      leg(decided.down, node),
    ),
    ...leg(decided.publicity, ''),
    ...leg(decided.share, ''),
  ];
}

function rowsOf(items: DepartmentPlan['reached'][number]['items']): [RoutingRow, string[]][] {
  return [...grouped(items.map(({ row, ref }) => [row, ref.permitItemCode]))];
}

/** A record that waits, and where it stood before its enterprise's event. */
interface Waiting {
  readonly record: RecordState;
  readonly before: Placement;
}

function waitingFor(
  candidate: Candidate,
  regNo: string,
  context: NodeContext,
  world: World,
): Waiting[] {
  return world
    .unnamedFor({ uscc: candidate.head.entity, regNo })
    .map((record) => ({ record, before: place(record, context, world) }));
}

/**
 * Records that waited for this enterprise, placed again now that it is known (R36, D3), or is kept
 * by another province than it was taken to be: those go on to it (R53).
 */
function release(
  waiting: readonly Waiting[],
  context: NodeContext,
  world: World,
): PlannedDelivery[] {
  return waiting.flatMap(({ record, before }) => {
    const placement = place(record, context, world);
    const moved =
      placement.record.naming === 'named' ||
      record.reason !== placement.record.reason ||
      destinationsOf(placement) !== destinationsOf(before);
    if (!moved) return [];
    world.putRecord(placement.record);
    return furtherDeliveries(placement, before);
  });
}

function destinationsOf({ deliveries }: Placement): string {
  return deliveries.map(({ destination }) => destination).join();
}

/** At the national node, what was gathered about an enterprise follows it to its new province. */
function follow(
  candidate: Candidate,
  { formerHome }: Routed,
  context: NodeContext,
  world: World,
): PlannedDelivery[] {
  if (context.level !== 'national' || formerHome === undefined) return [];
  return world
    .attributedTo(candidate.head.entity)
    .flatMap((record) => place(record, context, world, true).deliveries);
}

/** Takes an establishment, change or cancellation (F3–F8). */
export function decideRegistration(
  event: RegistrationEvent,
  candidate: Candidate,
  context: NodeContext,
  world: World,
): Decision {
  const uscc = candidate.head.entity;
  const current = world.byUscc(uscc);
  const held = world.heldEvents(uscc);
  const coming = comingEvent(event, candidate, context);
  const position = positionOf(current, held, coming);
  if (position === 'stale') {
    world.noteRegistration(uscc, candidate.head.messageId);
    return noChange(Effect.STALE);
  }
  // What another node accepted is not judged again: the enterprise's province is its authority. Nor
  // is what this node had accepted before it was restored.
  const { side, givenBackBy } = candidate.arrival;
  const findings =
    side === 'client' && givenBackBy === undefined
      ? judgeSequence(current, held, coming, position, context.node)
      : [];
  if (hasError(findings)) throw sequenceError(findings);
  world.noteRegistration(uscc, candidate.head.messageId);

  const routed = routeEvent(event, candidate, context, world);
  if (position === 'past') {
    world.noteEvent(uscc, coming);
    return keptAsHistory(routed, findings, candidate, context);
  }
  const waiting = waitingFor(candidate, event.regNo, context, world);
  const { plan, home } = routed;
  const publication = {
    // Where all events have one key, and the content of the current one is not read, its day tells.
    corrects: corrects(current, held, coming) && event.apprDate <= (current?.effectiveDate ?? ''),
    sentAgain: candidate.arrival.sentAgain,
  };
  const late = lateRegistrationFindings(event, publication, context);
  world.putEnterprise(
    applyRegistration(current, event, {
      homeNode: home,
      messageSeq: candidate.seq,
      told: plan.told,
    }),
    coming,
  );
  const released = release(waiting, context, world);
  return {
    effect: Effect.APPLIED,
    warnings: [...findings, ...late],
    changed: true,
    keepContent: true,
    deliveries: [
      ...deliveriesFor(routed, candidate, context),
      ...released,
      ...follow(candidate, routed, context, world),
    ],
    packages: plan.reached.map((department) => ({ uscc, department })),
    recalls: [],
    erased: [],
    legs: legsFor(routed, context),
  };
}

function comingEvent(
  event: RegistrationEvent,
  { head, arrival, takenInAtMs }: Candidate,
  context: NodeContext,
): ComingEvent {
  return {
    event,
    sourceNode: head.sourceNode,
    takenInAtMs: takenInAtMs ?? context.nowMs,
    fromAbove: arrival.side === 'national',
    comesAgain: arrival.givenBackBy !== undefined || arrival.sentAgain === true,
  };
}

/** Every event goes up (R34); nobody is told of a state that has passed. */
function keptAsHistory(
  { route: decided, plan, ...routed }: Routed,
  warnings: Decision['warnings'],
  candidate: Candidate,
  context: NodeContext,
): Decision {
  const upOnly = { ...routed, route: decided, plan: { ...plan, reached: [], partnerNodes: [] } };
  return {
    ...noChange(Effect.STALE),
    warnings,
    deliveries: deliveriesFor(upOnly, candidate, context),
    legs: legsFor(upOnly, context).filter(({ row }) => row.leg === 'up'),
  };
}
