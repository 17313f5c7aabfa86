import type { DepartmentFacts, RoutingFacts } from './facts.js';
import { routingTable, type Leg, type RoutingRow, type RuleId } from './table.js';

/** Legs that are asked of a message as a whole. */
export type MessageLeg = Exclude<Leg, 'department'>;

/** What was decided for a message, one row per leg. */
export type Route = Readonly<Record<MessageLeg, RoutingRow>>;

function holds(row: RoutingRow, facts: RoutingFacts | DepartmentFacts): boolean {
  const known = facts as unknown as Readonly<Record<string, string>>;
  return Object.entries(row.when).every(([fact, values]) =>
    (values as readonly (string | undefined)[]).includes(known[fact]),
  );
}

/**
 * Decisions are few and facts a closed vocabulary, so each combination is looked up only once. The key
 * is the values alone: whoever asks gives the facts in one order.
 */
const decided = new Map<string, RoutingRow>();

function decide(leg: Leg, facts: RoutingFacts | DepartmentFacts): RoutingRow {
  const key = `${leg}|${Object.values(facts).join('|')}`;
  const before = decided.get(key);
  if (before) return before;
  const row = routingTable.find((candidate) => candidate.leg === leg && holds(candidate, facts));
  if (!row) throw new Error(`The routing table has no row for ${key}.`);
  decided.set(key, row);
  return row;
}

function inOrder(facts: RoutingFacts): RoutingFacts {
  return {
    level: facts.level,
    kind: facts.kind,
    arrival: facts.arrival,
    publicity: facts.publicity,
    naming: facts.naming,
    home: facts.home,
    partners: facts.partners,
    moved: facts.moved,
  };
}

/**
 * The one routing function: facts in, exactly one row of the table per leg out. Total and
 * deterministic; knows no storage, queue or clock (R1).
 */
export function route(facts: RoutingFacts): Route {
  const ordered = inOrder(facts);
  return {
    up: decide('up', ordered),
    down: decide('down', ordered),
    publicity: decide('publicity', ordered),
    share: decide('share', ordered),
  };
}

/** The same for one department and item of a registration (R9–R15, D9). */
export function routeDepartment(facts: DepartmentFacts): RoutingRow {
  return decide('department', {
    ...inOrder(facts),
    reformMode: facts.reformMode,
    item: facts.item,
    department: facts.department,
  });
}

const rowsById: ReadonlyMap<string, RoutingRow> = new Map(routingTable.map((row) => [row.id, row]));

/** The row of an id; undefined for a stored one that an older table had. */
export function ruleById(id: RuleId): RoutingRow;
export function ruleById(id: string): RoutingRow | undefined;
export function ruleById(id: string): RoutingRow | undefined {
  return rowsById.get(id);
}
