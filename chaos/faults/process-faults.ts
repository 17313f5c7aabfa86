import type { Random } from '../random.js';
import type { Member } from '../stage/chaos-node.js';
import type { NamedPoint } from '../stage/named-points.js';
import { membersOf, type Stage } from '../stage/stage.js';
import type { Fault, FaultKind, Surroundings } from './fault.js';

const POINT_LIMIT_MS = 6_000;
const API_POINTS: readonly NamedPoint[] = [
  'commit-answer',
  'commit-in-doubt',
  'answer-wake',
  'mid-batch',
];
const WORKER_POINTS: readonly NamedPoint[] = ['claim-send', 'send-settle'];

/** Kills of hub processes, at random and at named points, and restarts in order. */
export const PROCESS_FAULTS: readonly FaultKind[] = [
  { weight: 5, choose: killAtRandom },
  { weight: 9, choose: killAtNamedPoint },
  { weight: 1, choose: restartInOrder },
];

/** One that has started, if there is one: on a slow machine they would never come up otherwise. */
function victimOf(stage: Stage, random: Random): Member {
  const members = membersOf(stage);
  const ready = members.filter(({ process }) => process.ready);
  return random.pick(ready.length > 0 ? ready : members);
}

function killAtRandom({ stage, random }: Surroundings): Fault {
  const member = victimOf(stage, random);
  return {
    name: `kill -9 ${member.process.name}`,
    holds: member.process.name,
    strike: () => Promise.resolve(member.process.kill() ? 1 : 0),
  };
}

function killAtNamedPoint({ stage, random }: Surroundings): Fault {
  const member = victimOf(stage, random);
  const point = random.pick(member.role === 'api' ? API_POINTS : WORKER_POINTS);
  return {
    name: `${point} ${member.process.name}`,
    holds: member.process.name,
    strike: () => killAt(member, point, POINT_LIMIT_MS),
  };
}

/** Kills a process when it reaches a named point; 0 when it did not get there in time. */
export async function killAt(member: Member, point: NamedPoint, limitMs: number): Promise<number> {
  let kills = 0;
  const strike = (): void => {
    // In doubt, the process lives on without its connection.
    if (point !== 'commit-in-doubt' && member.process.kill()) kills += 1;
  };
  await member.trap.set(point, strike, limitMs);
  return kills;
}

function restartInOrder({ stage, random }: Surroundings): Fault {
  const member = victimOf(stage, random);
  return {
    name: `SIGTERM ${member.process.name}`,
    holds: member.process.name,
    strike: () => {
      member.process.restart();
      return Promise.resolve(0);
    },
  };
}
