import { setTimeout as pause } from 'node:timers/promises';
import type { Weather } from '../stage/relay.js';
import { NATIONAL } from '../stage/places.js';
import type { Fault, FaultKind, Surroundings } from './fault.js';

const FILL_LIMIT_MS = 20_000;
const FILL_POLL_MS = 200;

/** Milliseconds by which a clock jumps: forward over midnight, and back by less than an hour. */
const JUMPS = [-40 * 60_000, -3 * 60_000, 10 * 60_000, 26 * 3_600_000];

/** What happens to networks, queues and clocks. */
export const SURROUNDING_FAULTS: readonly FaultKind[] = [
  { weight: 3, choose: disturbLink },
  { weight: 1, choose: loseDatabaseConnections },
  { weight: 1, choose: fillBacklog },
  { weight: 2, choose: jumpClock },
];

function disturbLink({ stage, random }: Surroundings): Fault {
  const { from, to, relay } = random.pick(stage.links);
  const weather = random.pick<Weather>([
    { kind: 'cut' },
    { kind: 'silent' },
    { kind: 'slow', delayMs: random.between(50, 400) },
  ]);
  const lastsMs = random.between(1_000, 6_000);
  return {
    name: `network ${weather.kind} ${from}→${to}`,
    holds: `link ${from} ${to}`,
    strike: async () => {
      relay.weather = weather;
      await pause(lastsMs);
      relay.weather = { kind: 'clear' };
      return 0;
    },
  };
}

function loseDatabaseConnections({ stage, random }: Surroundings): Fault {
  const node = random.pick([...stage.nodes.values()]);
  const { process, toPostgres } = random.pick(node.members);
  const lastsMs = random.between(0, 2_000);
  return {
    name: `database unreachable ${process.name}`,
    holds: `connections ${process.name}`,
    strike: async () => {
      toPostgres.weather = { kind: 'cut' };
      await pause(lastsMs);
      toPostgres.weather = { kind: 'clear' };
      return 0;
    },
  };
}

/** Cuts a province off until its clients are told that the backlog is full. */
function fillBacklog({ stage, random, backlogRefusals }: Surroundings): Fault {
  const { from, to, relay } = random.pick(stage.links.filter((link) => link.to === NATIONAL));
  return {
    name: `backlog fills ${from}→${to}`,
    holds: `link ${from} ${to}`,
    strike: async () => {
      const before = backlogRefusals();
      const deadline = performance.now() + FILL_LIMIT_MS;
      relay.weather = { kind: 'cut' };
      while (backlogRefusals() === before && performance.now() < deadline)
        await pause(FILL_POLL_MS);
      relay.weather = { kind: 'clear' };
      return 0;
    },
  };
}

function jumpClock({ stage, random }: Surroundings): Fault {
  const node = random.pick([...stage.nodes.values()]);
  const offsetMs = random.pick(JUMPS);
  const lastsMs = random.between(3_000, 12_000);
  return {
    name: `clock ${offsetMs / 60_000} min ${node.code}`,
    holds: `clock ${node.code}`,
    strike: async () => {
      await node.setClock(offsetMs);
      await pause(lastsMs);
      await node.setClock(0);
      return 0;
    },
  };
}
