/**
 * The plain design, as it would be built first: connect-node, a Knex transaction for each message, a
 * job for each message, a call for each message. No validation, audit or signed receipts. One
 * process for each node; started by the benchmark with PLAIN_* variables; writes its port.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http2';
import { toBinary } from '@bufbuild/protobuf';
import { createClient, type ConnectRouter } from '@connectrpc/connect';
import { connectNodeAdapter, createGrpcTransport } from '@connectrpc/connect-node';
import knexFactory from 'knex';
import { Effect } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryOutcome, Exchange } from '#gen/zhengzhao/v1/exchange_pb.js';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { openPlainQueue, type PlainQueueName } from './plain-queues.js';

const POOL = 12;
const {
  PLAIN_DATABASE = '',
  PLAIN_SCHEMA = '',
  PLAIN_REDIS = '',
  PLAIN_NEXT = '',
  PLAIN_QUEUE = 'bullmq',
} = process.env;

const knex = knexFactory({
  client: 'pg',
  connection: PLAIN_DATABASE,
  searchPath: [PLAIN_SCHEMA],
  pool: { min: 0, max: POOL },
});
const places = { databaseUrl: PLAIN_DATABASE, schema: PLAIN_SCHEMA, redisUrl: PLAIN_REDIS };
const queue =
  PLAIN_NEXT === '' ? undefined : await openPlainQueue(PLAIN_QUEUE as PlainQueueName, places);

interface Message {
  readonly id: string;
  readonly payload: Uint8Array;
}

/** Stores a message once, and what has to be delivered of it. */
async function store({ id, payload }: Message): Promise<void> {
  await knex.transaction(async (trx) => {
    if (await trx('messages').where({ id }).first('id')) return;
    const digest = createHash('sha256').update(payload).digest();
    await trx('messages').insert({ id, payload: Buffer.from(payload), digest });
    if (queue) await trx('deliveries').insert({ id, state: 1 });
    await queue?.addWithin?.(trx, id);
  });
  await queue?.addAfter?.(id);
}

function routes(router: ConnectRouter): void {
  router.service(Registration, {
    async submitRegistration({ registration }) {
      const id = registration?.envelope?.messageId ?? '';
      if (registration)
        await store({ id, payload: toBinary(RegistrationEventSchema, registration) });
      return { receipt: { messageId: id, effect: Effect.APPLIED } };
    },
  });
  router.service(Exchange, {
    async deliver({ deliveries }) {
      for (const { messageId, payload } of deliveries) await store({ id: messageId, payload });
      return { results: deliveries.map(() => ({ outcome: DeliveryOutcome.ACCEPTED })) };
    },
  });
}

/** The work of a job. */
function delivererTo(next: string): (id: string) => Promise<void> {
  const client = createClient(Exchange, createGrpcTransport({ baseUrl: next }));
  return async (id) => {
    const message = await knex<Message>('messages').where({ id }).first('id', 'payload');
    const deliveries = [{ messageId: id, payload: message?.payload ?? new Uint8Array() }];
    await client.deliver({ deliveries });
    await knex('deliveries').where({ id }).update({ state: 2 });
  };
}

await knex.raw('create schema ??', [PLAIN_SCHEMA]);
await knex.raw('create table messages (id text primary key, payload bytea, digest bytea)');
await knex.raw('create table deliveries (id text primary key, state smallint)');
await queue?.work(delivererTo(PLAIN_NEXT));
const server = createServer(connectNodeAdapter({ routes }));
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`port ${typeof address === 'object' ? (address?.port ?? 0) : 0}\n`);
});
process.once('SIGTERM', () => {
  void (async () => {
    await queue?.close();
    process.exit(0);
  })();
});
