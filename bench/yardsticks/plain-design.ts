import pg from 'pg';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { callFor } from '../load/callers.js';
import { startChild, yardstickProgram, type Child } from '../stage/child.js';
import type { Stage } from '../stage/stage.js';
import type { PlainQueueName } from './plain-queues.js';

const CALLERS = 64;
const LOOK_EVERY_MS = 20;

/** Two nodes of the plain design. */
export interface PlainDesign {
  /** Reports for so long, and waits for the last delivery. Answers messages per second of all that. */
  deliver(seconds: number, events: readonly RegistrationEvent[]): Promise<number>;
  close(): Promise<void>;
}

/** Starts both, the first with this queue. */
export async function openPlainDesign(stage: Stage, queue: PlainQueueName): Promise<PlainDesign> {
  const [second, schema] = [await startNode(stage, stage.freshName()), stage.freshName()];
  const next = `http://127.0.0.1:${portOf(second)}`;
  const first = await startNode(stage, schema, { PLAIN_NEXT: next, PLAIN_QUEUE: queue });
  const client = createGrpcClient(Registration, `127.0.0.1:${portOf(first)}`);
  const pool = new pg.Pool({ connectionString: stage.databaseUrl, max: 1 });
  const open = `select exists (select from ${schema}.deliveries where state = 1) as open`;
  return {
    deliver: async (seconds, events) => {
      const began = performance.now();
      const { count } = await callFor(seconds, CALLERS, events, (registration) =>
        client.submitRegistration({ registration }),
      );
      while ((await pool.query<{ open: boolean }>(open)).rows[0]?.open === true)
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      return (count / (performance.now() - began)) * 1000;
    },
    close: async () => {
      client.close();
      await pool.end();
      await first.stop();
      await second.stop();
    },
  };
}

function portOf({ caught }: Child): string {
  return caught[0] ?? '';
}

function startNode(
  stage: Stage,
  schema: string,
  sending: Readonly<Record<string, string>> = {},
): Promise<Child> {
  const env = {
    PLAIN_DATABASE: stage.databaseUrl,
    PLAIN_SCHEMA: schema,
    PLAIN_REDIS: stage.redisUrl ?? '',
    ...sending,
  };
  return startChild(yardstickProgram('bench/yardsticks/plain-node.ts', env), /^port (\d+)$/);
}
