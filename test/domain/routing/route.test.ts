import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  factValues,
  type DepartmentFacts,
  type RoutingFacts,
} from '../../../server/domain/routing/facts.js';
import { route, routeDepartment } from '../../../server/domain/routing/route.js';
import { routingTable } from '../../../server/domain/routing/table.js';

/** Every combination of the values of the given facts. */
function combinations<T>(values: { [K in keyof T]: readonly T[K][] }): T[] {
  let all: Partial<T>[] = [{}];
  for (const [fact, options] of Object.entries(values) as [keyof T, readonly T[keyof T][]][]) {
    all = all.flatMap((partial) => options.map((value) => ({ ...partial, [fact]: value })));
  }
  return all as T[];
}

const { reformMode: _mode, item: _item, department: _department, ...messageValues } = factValues;
const everyMessage = combinations<RoutingFacts>(messageValues);
const everyDepartment = combinations<DepartmentFacts>(factValues);
const base: RoutingFacts = {
  level: 'provincial',
  kind: 'licence',
  arrival: 'client',
  publicity: 'public',
  naming: 'named',
  home: 'here',
  partners: 'none',
  moved: 'no',
};

describe('routing table', () => {
  it('R1 gives every combination of facts exactly one outcome per leg', () => {
    for (const facts of everyMessage) {
      const decision = route(facts);
      expect(Object.keys(decision).sort()).toEqual(['down', 'publicity', 'share', 'up']);
      expect(route({ ...facts })).toEqual(decision);
    }
    for (const facts of everyDepartment) expect(routeDepartment(facts).leg).toBe('department');
  });

  it('has no row that can never decide', () => {
    const reached = new Set<string>();
    for (const facts of everyMessage)
      for (const row of Object.values(route(facts))) reached.add(row.id);
    for (const facts of everyDepartment) reached.add(routeDepartment(facts).id);
    expect(routingTable.map((row) => row.id).filter((id) => !reached.has(id))).toEqual([]);
  });

  it('names every row once, with a clause and both languages, and a target exactly when it sends', () => {
    expect(new Set(routingTable.map((row) => row.id)).size).toBe(routingTable.length);
    for (const row of routingTable) {
      expect(row.clause).toMatch(/R\d+|D\d+/);
      expect(row.why.zh).toMatch(/[\u4e00-\u9fff]/);
      expect(row.why.en).toMatch(/[a-z]/);
      expect(row.target !== undefined).toBe(row.outcome === 'send');
    }
  });

  it('depends on the facts alone, not on the order they are written in or asked in', () => {
    fc.assert(
      fc.property(fc.constantFrom(...everyMessage), fc.constantFrom(...everyMessage), (a, b) => {
        const first = route(a);
        route(b);
        const reversed = Object.fromEntries(Object.entries(a).reverse());
        expect(route(reversed as unknown as RoutingFacts)).toEqual(first);
      }),
    );
  });

  it('R55 sends no record up or to the public unless it is public', () => {
    for (const facts of everyMessage) {
      if (facts.kind === 'registration' || facts.publicity === 'public') continue;
      expect(route(facts).up.outcome).not.toBe('send');
      expect(route(facts).publicity.outcome).not.toBe('send');
    }
  });

  it('R54 lets what is not public travel downward', () => {
    const facts = { ...base, level: 'national', naming: 'unnamed', home: 'elsewhere' } as const;
    expect(route({ ...facts, publicity: 'non-public' }).down.outcome).toBe('send');
  });

  it('R34 sends every registration of the province up, whatever else holds', () => {
    for (const facts of everyMessage) {
      if (facts.kind !== 'registration') continue;
      if (facts.level !== 'provincial' || facts.arrival !== 'client') continue;
      expect(route(facts).up.outcome).toBe('send');
    }
  });

  it('R38 publishes nothing nationally that has not been attributed', () => {
    for (const facts of everyMessage) {
      if (facts.kind === 'registration' || facts.naming === 'named') continue;
      expect(route(facts).publicity.outcome).not.toBe('send');
    }
  });

  it('R29 never sends a named record down again, so no loop can form', () => {
    for (const facts of everyMessage)
      if (facts.naming === 'named' && facts.kind !== 'registration' && facts.moved === 'no')
        expect(route(facts).down.outcome).toBe('none');
  });

  it('R52 R53 sends another region by two hops: up unnamed, down to the home province, never back', () => {
    const atOrigin = route({ ...base, naming: 'unnamed', home: 'unknown' });
    expect(atOrigin.up.outcome).toBe('send');
    const national = {
      ...base,
      level: 'national',
      arrival: 'province',
      naming: 'unnamed',
    } as const;
    expect(route({ ...national, home: 'elsewhere' }).down.target).toBe('home province');
    expect(route({ ...national, home: 'origin' }).down.outcome).toBe('wait');
  });

  it('R9 R11 R12 R15 tells a department by the row of its reform mode', () => {
    const facts = { ...base, kind: 'registration', item: 'present', department: 'here' } as const;
    const rules = factValues.reformMode.map(
      (mode) => routeDepartment({ ...facts, reformMode: mode }).id,
    );
    expect(rules).toEqual(['DEPT-CANCELLED', 'DEPT-FILING', 'DEPT-COMMITMENT', 'DEPT-OPTIMISED']);
  });

  it('R30 tells a department also when the item is gone', () => {
    for (const mode of factValues.reformMode) {
      const facts = {
        ...base,
        kind: 'registration',
        department: 'here',
        reformMode: mode,
      } as const;
      expect(routeDepartment({ ...facts, item: 'removed' }).id).toBe('DEPT-REMOVED');
    }
  });
});
