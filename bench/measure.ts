import type { Stage } from './stage/stage.js';

/** What one contender showed in one round, by name of the figure. */
export type Sample = Readonly<Record<string, number>>;

/** What every contender showed in one round, by name of the contender. */
export type Round = Readonly<Record<string, Sample>>;

/** The hub, or a yardstick beside it. */
export interface Contender {
  readonly name: string;
  /** Works for about so many seconds, from a standstill to a standstill, and says what it reached. */
  round(seconds: number): Promise<Sample>;
}

/** A goal of the project, and how one round answers it. */
export interface Goal {
  /** Name in `--json`. */
  readonly name: string;
  /** What is measured against what, for people: Chinese and English. */
  readonly title: string;
  /** The least that is owed, and what is aimed at. */
  readonly atLeast: number;
  readonly aim: number;
  /** Whether less is better. */
  readonly lessIsBetter: boolean;
  readonly valueOf: (round: Round) => number;
}

/** Contenders that are ready. */
export interface Contest {
  readonly contenders: readonly Contender[];
  /** Conditions of this contest that hold for no other, in words. */
  readonly notes?: readonly string[];
  close(): Promise<void>;
}

/** Goals that the same contenders answer in the same rounds. */
export interface Family {
  readonly name: string;
  readonly goals: readonly Goal[];
  readonly needsRedis: boolean;
  /** Left out of `--quick`, because it takes longer than all the others together. */
  readonly slow?: boolean;
  /** Rounds at most, where each is long. Unset: as many as the run has. */
  readonly mostRounds?: number;
  /** Whether the contenders work once before it counts. Unset: they do. */
  readonly coldStart?: boolean;
  open(stage: Stage): Promise<Contest>;
}

/** A figure of a round. Throws when the contender did not show it. */
export function figure(round: Round, contender: string, name: string): number {
  const value = round[contender]?.[name];
  if (value === undefined) throw new Error(`${contender} showed no ${name}`);
  return value;
}

/** The hub's figure divided by a yardstick's, of the same round. */
export function ratio(name: string, above: string, below: string): Goal['valueOf'] {
  return (round) => figure(round, above, name) / figure(round, below, name);
}
