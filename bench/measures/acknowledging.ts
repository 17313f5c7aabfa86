import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import type { RegistrationEvent } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { createGrpcClient, type GrpcClient } from '../../clients/grpc.js';
import { query } from '../../server/storage/database.js';
import { callFor } from '../load/callers.js';
import { Registrations } from '../load/registrations.js';
import { figure, type Family, type Sample } from '../measure.js';
import { startPair, type Pair } from '../stage/pair.js';
import { quantile } from '../statistics.js';

const CALLERS = 64;
const MOST_PER_SECOND = 4_000;
const LOAD = 0.7;
const TICK_MS = 5;

/**
 * Single registrations at seven tenths of what the pair takes and delivers: how long a caller waits
 * for its receipt, and how long it takes from the call until the second node has acknowledged.
 */
export const acknowledging: Family = {
  name: 'acknowledging',
  needsRedis: true,
  goals: [
    {
      name: 'ack_p99_ratio',
      title:
        '受理至确认 p99 ÷ 受理 p99,七成负荷 · accept-to-acknowledged p99 ÷ accept p99, at 70 % load',
      atLeast: 3,
      aim: 1.5,
      lessIsBetter: true,
      valueOf: (round) =>
        figure(round, 'hub', 'acknowledgedP99Ms') / figure(round, 'hub', 'acceptedP99Ms'),
    },
  ],
  open: async (stage) => {
    const pair = await startPair(stage, { redis: true });
    const client = createGrpcClient(Registration, pair.province.address);
    const registrations = new Registrations();
    let perSecond = 0;
    const round = async (seconds: number): Promise<Sample> => {
      // The round that warms up finds what the pair can do at all.
      if (perSecond === 0)
        perSecond = LOAD * (await capacity(seconds, pair, client, registrations));
      const events = registrations.take(Math.round(seconds * perSecond));
      const sent = await sendAtPace(perSecond, events, client);
      await pair.acknowledged();
      const accepted = sent.map(({ tookMs }) => tookMs);
      const acknowledged = await readAcknowledged(pair, sent);
      return {
        perSecond,
        acceptedP50Ms: quantile(accepted, 0.5),
        acceptedP99Ms: quantile(accepted, 0.99),
        acknowledgedP50Ms: quantile(acknowledged, 0.5),
        acknowledgedP99Ms: quantile(acknowledged, 0.99),
      };
    };
    return {
      contenders: [{ name: 'hub', round }],
      close: async () => {
        client.close();
        await pair.stop();
      },
    };
  },
};

/** Messages per second that are accepted and delivered. */
async function capacity(
  seconds: number,
  pair: Pair,
  client: GrpcClient<typeof Registration>,
  registrations: Registrations,
): Promise<number> {
  let found = 0;
  for (let turn = 0; turn < 2; turn += 1) {
    const events = registrations.take(seconds * MOST_PER_SECOND);
    const began = performance.now();
    const { count } = await callFor(seconds, CALLERS, events, (registration) =>
      client.submitRegistration({ registration }),
    );
    await pair.acknowledged();
    found = (count / (performance.now() - began)) * 1000;
  }
  return found;
}

interface Sent {
  readonly id: string;
  /** When it was due, whether or not the sender was on time. */
  readonly dueAtMs: number;
  readonly tookMs: number;
}

/** Sends each message when it is due, however long the others take. */
async function sendAtPace(
  perSecond: number,
  events: readonly RegistrationEvent[],
  client: GrpcClient<typeof Registration>,
): Promise<Sent[]> {
  const began = Date.now();
  const dueOf = (index: number): number => began + (index * 1000) / perSecond;
  const calls: Promise<Sent>[] = [];
  const send = async (registration: RegistrationEvent, dueAtMs: number): Promise<Sent> => {
    await client.submitRegistration({ registration });
    const id = registration.envelope?.messageId ?? '';
    return { id, dueAtMs, tookMs: Date.now() - dueAtMs };
  };
  while (calls.length < events.length) {
    for (
      let event = events[calls.length];
      event && dueOf(calls.length) <= Date.now();
      event = events[calls.length]
    )
      calls.push(send(event, dueOf(calls.length)));
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  return Promise.all(calls);
}

/** The node writes when each delivery was settled, by the same clock. */
async function readAcknowledged({ province }: Pair, sent: readonly Sent[]): Promise<number[]> {
  const { rows } = await query<{ id: string; at: Date }>(
    province.knex,
    `select m.message_id as id, d.settled_at as at
       from deliveries d join messages m on m.seq = d.message_seq
      where m.message_id = any(?::text[]) and d.state = 2`,
    [sent.map(({ id }) => id)],
  );
  const settled = new Map(rows.map(({ id, at }) => [id, at.getTime()]));
  if (settled.size !== sent.length)
    throw new Error(`${settled.size} of ${sent.length} acknowledged`);
  return sent.map(({ id, dueAtMs }) => (settled.get(id) ?? 0) - dueAtMs);
}
