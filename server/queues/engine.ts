import {
  createPostgresBackend,
  Queue,
  Worker,
  type QueueOptions,
  type WorkerOptions,
} from 'bullmq';
import { Redis } from 'ioredis';

/** Where BullMQ keeps its jobs: Redis when there is one, else the node's PostgreSQL. */
export type QueueBackend =
  | { readonly kind: 'redis'; readonly url: string; readonly prefix: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly schema: string };

/** A queue of one process, and its worker when the process works. */
export interface Engine<Data> {
  readonly queue: Pick<
    Queue<Data, void, string>,
    | 'addBulk'
    | 'getJobScheduler'
    | 'getJobState'
    | 'upsertJobScheduler'
    | 'waitUntilReady'
    | 'close'
  > &
    Emitter;
  readonly worker:
    (Pick<Worker<Data, void, string>, 'waitUntilReady' | 'close'> & Emitter) | undefined;
  /** Lets go of what BullMQ does not close itself. */
  disconnect(): void;
}

type Telemetry = NonNullable<QueueOptions['telemetry']>;

interface Emitter {
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'failed', listener: (job: unknown, error: Error) => void): unknown;
}

/** What to run. */
export interface EngineOptions<Data> {
  readonly name: QueueName;
  readonly backend: QueueBackend;
  /** Makes spans of what BullMQ does. Unset: nothing does. */
  readonly telemetry?: Telemetry | undefined;
  /** Jobs worked at once by this process; 0: it only adds them. */
  readonly concurrency: number;
  readonly process: (data: Data) => Promise<void>;
  readonly worker: Pick<WorkerOptions, 'lockDuration' | 'stalledInterval' | 'maxStalledCount'>;
}

/** BullMQ's spans, loaded only where they are wanted. */
export async function openTelemetry(): Promise<Telemetry> {
  const { BullMQOtel } = await import('bullmq-otel');
  return new BullMQOtel();
}

/** Connections of BullMQ's own pool; the work itself goes through the node's. */
const POOL = 4;

/** Names of a node's queues: wake-ups of lanes, and tasks of each day. */
export const QUEUES = { deliver: 'deliver', daily: 'daily' } as const;

/** The name of a queue. */
export type QueueName = keyof typeof QUEUES;

/** Opens a queue on either backend: the few lines that know which. */
export function openEngine<Data>(options: EngineOptions<Data>): Engine<Data> {
  return options.backend.kind === 'redis'
    ? onRedis(options, options.backend)
    : onPostgres(options, options.backend);
}

function onRedis<Data>(
  { name, concurrency, process, worker, telemetry }: EngineOptions<Data>,
  { url, prefix }: Extract<QueueBackend, { kind: 'redis' }>,
): Engine<Data> {
  const watched = telemetry ? { telemetry } : {};
  const connections: Redis[] = [];
  const connect = (): Redis => {
    const connection = new Redis(url, { maxRetriesPerRequest: null });
    connections.push(connection);
    return connection;
  };
  const queue = new Queue(name, { connection: connect(), prefix, ...watched });
  const works =
    concurrency > 0
      ? new Worker(name, (job) => process(job.data as Data), {
          connection: connect(),
          prefix,
          concurrency,
          ...worker,
          ...watched,
        })
      : undefined;
  return {
    queue: queue as unknown as Engine<Data>['queue'],
    worker: works as unknown as Engine<Data>['worker'],
    disconnect: () => {
      for (const connection of connections) connection.disconnect();
    },
  };
}

function onPostgres<Data>(
  { name, concurrency, process, worker, telemetry }: EngineOptions<Data>,
  { url, schema }: Extract<QueueBackend, { kind: 'postgres' }>,
): Engine<Data> {
  const watched = telemetry ? { telemetry } : {};
  const connection = { ...poolOf(url, schema, POOL), migrate: true };
  const queue = new Queue(name, { connection, ...watched }, createPostgresBackend);
  const works =
    concurrency > 0
      ? new Worker(
          name,
          (job) => process(job.data as Data),
          { connection, concurrency, ...worker, ...watched },
          createPostgresBackend,
        )
      : undefined;
  return {
    queue: queue as unknown as Engine<Data>['queue'],
    worker: works as unknown as Engine<Data>['worker'],
    disconnect: () => undefined,
  };
}

function poolOf(connectionString: string, schema: string, max: number) {
  return { connectionString, schema, max, application_name: `zhengzhao-hub/${schema}` };
}

/** A queue to look at, on a connection of its own, so that looking takes nothing from the work. */
export interface ShownQueue {
  readonly queue: Queue;
  close(): Promise<void>;
}

/**
 * Opens a queue that is looked at and not written, not even its version. What it is asked for while
 * Redis is away fails instead of waiting.
 */
export function openShownQueue(backend: QueueBackend, name: QueueName): ShownQueue {
  if (backend.kind === 'postgres') {
    const connection = { ...poolOf(backend.url, backend.schema, 1), migrate: false };
    const queue = new Queue(name, { connection, skipMetasUpdate: true }, createPostgresBackend);
    return { queue: queue as unknown as Queue, close: () => queue.close() };
  }
  const connection = new Redis(backend.url, { maxRetriesPerRequest: 1 });
  const queue = new Queue(name, { connection, prefix: backend.prefix, skipMetasUpdate: true });
  return {
    queue,
    close: async () => {
      await queue.close();
      connection.disconnect();
    },
  };
}
