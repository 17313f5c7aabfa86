import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosNode } from '../stage/chaos-node.js';
import { setDiskFull } from './disk-full.js';
import type { Fault, FaultKind, Surroundings } from './fault.js';

const FULL_MS = 3_000;

/** What happens to PostgreSQL and Redis. */
export const SERVER_FAULTS: readonly FaultKind[] = [
  { weight: 3, choose: killPostgres },
  { weight: 2, choose: fillDisk },
  { weight: 2, choose: killRedis },
  { weight: 2, choose: flushRedis },
  { weight: 1, choose: fillRedis },
];

function anyNode({ stage, random }: Surroundings): ChaosNode {
  return random.pick([...stage.nodes.values()]);
}

function killPostgres(around: Surroundings): Fault {
  const { code, postgres } = anyNode(around);
  const signal = around.random.pick(['SIGKILL', 'SIGQUIT'] as const);
  const awayMs = around.random.between(0, 3_000);
  return {
    name: `${signal} PostgreSQL ${code}`,
    holds: `postgres ${code}`,
    strike: async () => {
      await postgres.kill(signal);
      await pause(awayMs);
      await postgres.start();
      return 1;
    },
  };
}

function fillDisk(around: Surroundings): Fault {
  const { code, postgres } = anyNode(around);
  return {
    name: `disk full ${code}`,
    holds: `postgres ${code}`,
    strike: async () => {
      await setDiskFull(postgres, true);
      await pause(FULL_MS);
      await setDiskFull(postgres, false);
      return 0;
    },
  };
}

function killRedis(around: Surroundings): Fault {
  const { code, redis } = anyNode(around);
  const awayMs = around.random.between(0, 3_000);
  return {
    name: `kill -9 Redis ${code}`,
    holds: `redis ${code}`,
    strike: async () => {
      await redis.kill();
      await pause(awayMs);
      await redis.start();
      return 1;
    },
  };
}

function flushRedis(around: Surroundings): Fault {
  const { code, redis } = anyNode(around);
  return {
    name: `FLUSHALL ${code}`,
    holds: `redis ${code}`,
    strike: async () => {
      await redis.flush();
      return 0;
    },
  };
}

function fillRedis(around: Surroundings): Fault {
  const { code, redis } = anyNode(around);
  return {
    name: `Redis full ${code}`,
    holds: `redis ${code}`,
    strike: async () => {
      await redis.setFull(true);
      await pause(FULL_MS);
      await redis.setFull(false);
      return 0;
    },
  };
}
