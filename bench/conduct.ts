import type { Contender, Family, Goal, Round, Sample } from './measure.js';
import { median, rangeOf } from './statistics.js';
import type { Stage } from './stage/stage.js';

/** How long and how often. */
export interface Pace {
  readonly rounds: number;
  /** Of one contender in one round. */
  readonly seconds: number;
}

/** What was reached towards a goal; value and spread are missing when it was not measured. */
export interface Reached {
  readonly goal: Goal;
  readonly value: number | undefined;
  /** Lowest and highest value of the single rounds. */
  readonly spread: readonly [number, number] | undefined;
  readonly reason?: string;
}

/** What a family showed. */
export interface Outcome {
  readonly reached: readonly Reached[];
  /** Medians over the rounds, by contender and figure. */
  readonly medians: Round;
  readonly notes: readonly string[];
}

/** Turns without a break before it counts, so that code is compiled and caches are filled. */
const WARM_UP_TURNS = 3;

/**
 * Lets the contenders of a family work in turns, round by round, so that what disturbs the machine
 * disturbs all of them; the order turns around with each round. The value of a goal is the median of
 * what the rounds answer, never a quotient of figures of different moments.
 */
export async function conduct(family: Family, stage: Stage, pace: Pace): Promise<Outcome> {
  const contest = await family.open(stage);
  try {
    if (family.coldStart !== true)
      await playRound(contest.contenders, pace.seconds * WARM_UP_TURNS, stage.stopping);
    const count = Math.min(pace.rounds, family.mostRounds ?? pace.rounds);
    const rounds: Round[] = [];
    for (let number = 0; number < count; number += 1) {
      const order = number % 2 === 0 ? contest.contenders : [...contest.contenders].reverse();
      rounds.push(await playRound(order, pace.seconds, stage.stopping));
    }
    return {
      reached: family.goals.map((goal) => judge(goal, rounds)),
      medians: mediansOf(rounds),
      notes: contest.notes ?? [],
    };
  } finally {
    await contest.close();
  }
}

/** A family that could not be measured here, and why. */
export function notMeasured(family: Family, reason: string): Outcome {
  return {
    reached: family.goals.map((goal) => ({ goal, value: undefined, spread: undefined, reason })),
    medians: {},
    notes: [],
  };
}

async function playRound(
  contenders: readonly Contender[],
  seconds: number,
  stopping: AbortSignal,
): Promise<Round> {
  const samples: Record<string, Sample> = {};
  for (const contender of contenders) {
    stopping.throwIfAborted();
    samples[contender.name] = await contender.round(seconds);
  }
  return samples;
}

function judge(goal: Goal, rounds: readonly Round[]): Reached {
  const values = rounds.map(goal.valueOf);
  return { goal, value: median(values), spread: rangeOf(values) };
}

function mediansOf(rounds: readonly Round[]): Round {
  const [first = {}] = rounds;
  const entries = Object.entries(first).map(([contender, sample]) => {
    const figures = Object.keys(sample).map((name): [string, number] => [
      name,
      median(rounds.flatMap((round) => round[contender]?.[name] ?? [])),
    ]);
    return [contender, Object.fromEntries(figures)] as const;
  });
  return Object.fromEntries(entries);
}
