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
    'addBulk' | 'upsertJobScheduler' | 'waitUntilReady' | 'close'
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
  readonly name: string;
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
  const connection = {
    connectionString: url,
    schema,
    migrate: true,
    max: POOL,
    application_name: `zhengzhao-hub/${schema}`,
  };
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
