import type { Random } from '../random.js';
import type { Stage } from '../stage/stage.js';

/** One fault, chosen and about to happen. It mends itself, whatever happens meanwhile. */
export interface Fault {
  readonly name: string;
  /** What it breaks; two faults never hold the same thing at once. */
  readonly holds: string;
  /** Strikes and mends; how many processes or servers it killed. */
  strike(): Promise<number>;
}

/** What faults know of the run. */
export interface Surroundings {
  readonly stage: Stage;
  readonly random: Random;
  /** How often clients were refused because a backlog was full. */
  readonly backlogRefusals: () => number;
}

/** A kind of fault and how often it is chosen. */
export interface FaultKind {
  readonly weight: number;
  readonly choose: (surroundings: Surroundings) => Fault;
}
