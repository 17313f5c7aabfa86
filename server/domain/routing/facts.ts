/** Everything the routing table may look at. A closed vocabulary, so that every combination can be tested. */
export interface RoutingFacts {
  /** Level of the node that decides. */
  readonly level: 'national' | 'provincial';
  readonly kind: 'registration' | 'licence' | 'filing' | 'inspection' | 'penalty';
  /** From whom the node has it: a system at its own level, a province, or the national node. */
  readonly arrival: 'client' | 'province' | 'national';
  /** `non-public` also when the mark is unknown or unreadable (R55). */
  readonly publicity: 'public' | 'non-public';
  /** Whether the enterprise's province has attributed it (R29). Registrations count as named. */
  readonly naming: 'named' | 'unnamed';
  /**
   * The province whose registration authority keeps the enterprise (D2): this node, the node the
   * message came from, a third one, or not known (D3).
   */
  readonly home: 'here' | 'origin' | 'elsewhere' | 'unknown';
  /** Whether authorities served by other provinces must be told of a registration (D2). */
  readonly partners: 'none' | 'some';
  /** Whether the enterprise has just moved to another province, which its records follow. */
  readonly moved: 'no' | 'yes';
}

/** The same for one department of a registration. */
export interface DepartmentFacts extends RoutingFacts {
  /** Reform mode of the item because of which the department is told (R3). */
  readonly reformMode: 'cancelled' | 'filing' | 'commitment' | 'optimised';
  /** Whether the item is in the event, or the department knew it and the event no longer has it (D9). */
  readonly item: 'present' | 'removed';
  /** Whether this node's exchange serves the department, or another province's does. */
  readonly department: 'here' | 'elsewhere';
}

/** The values of every fact, for the test that walks all combinations. */
export const factValues = {
  level: ['national', 'provincial'],
  kind: ['registration', 'licence', 'filing', 'inspection', 'penalty'],
  arrival: ['client', 'province', 'national'],
  publicity: ['public', 'non-public'],
  naming: ['named', 'unnamed'],
  home: ['here', 'origin', 'elsewhere', 'unknown'],
  partners: ['none', 'some'],
  moved: ['no', 'yes'],
  reformMode: ['cancelled', 'filing', 'commitment', 'optimised'],
  item: ['present', 'removed'],
  department: ['here', 'elsewhere'],
} as const satisfies { [K in keyof DepartmentFacts]: readonly DepartmentFacts[K][] };
