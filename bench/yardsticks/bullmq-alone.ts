import { setTimeout as pause } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Stage } from '../stage/stage.js';

const PER_BULK = 100;
const JOBS_AT_ONCE = 16;
const LOOK_EVERY_MS = 5;

/** BullMQ on Redis with nothing around it. */
export interface BullmqAlone {
  /** A job for each message, added by the hundred and worked by nothing at all; jobs per second. */
  work(jobs: number): Promise<number>;
  close(): Promise<void>;
}

/** Opens a queue and its worker. */
export function openBullmqAlone(stage: Stage): BullmqAlone {
  const connect = (): Redis => new Redis(stage.redisUrl ?? '', { maxRetriesPerRequest: null });
  const connections = [connect(), connect()] as const;
  const name = stage.freshName();
  let done = 0;
  const queue = new Queue(name, { connection: connections[0] });
  const count = (): Promise<void> => {
    done += 1;
    return Promise.resolve();
  };
  const options = { connection: connections[1], concurrency: JOBS_AT_ONCE };
  const worker = new Worker(name, count, options);
  return {
    work: async (jobs) => {
      done = 0;
      const began = performance.now();
      for (let added = 0; added < jobs; added += PER_BULK)
        await queue.addBulk(
          Array.from({ length: PER_BULK }, (_, index) => ({
            name: 'deliver',
            data: { id: added + index },
            opts: { removeOnComplete: true },
          })),
        );
      while (done < jobs) await pause(LOOK_EVERY_MS);
      return (jobs / (performance.now() - began)) * 1000;
    },
    close: async () => {
      await worker.close();
      await queue.close();
      for (const connection of connections) connection.disconnect();
    },
  };
}
