import { submitInBatches } from '../load/batches.js';
import { callFor, inPortions } from '../load/callers.js';
import { Registrations } from '../load/registrations.js';
import { figure, ratio, type Contender, type Family } from '../measure.js';
import { startPair } from '../stage/pair.js';
import { deliveringPair } from './delivering-pair.js';
import { openBullmqAlone, type BullmqAlone } from '../yardsticks/bullmq-alone.js';
import { startEcho, type Echo } from '../yardsticks/echo.js';
import { openPlainDesign, type PlainDesign } from '../yardsticks/plain-design.js';
import { PLAIN_QUEUES, type PlainQueueName } from '../yardsticks/plain-queues.js';
import { openRawTable, rawRows, type RawTable } from '../yardsticks/raw-table.js';

const PER_STATEMENT = 100;
const RAW_CONNECTIONS = 2;
/** More than a contender takes in a second here. */
const ECHO_PER_SECOND = 10_000;
const PLAIN_PER_SECOND = 800;
/** Of a round, however long: a limit shows itself soon. */
const RAW_ROWS = 10_000;
const BARE_JOBS = 2_000;

/** Registrations reported in batches, until the second node has acknowledged the last one. */
export const delivering: Family = {
  name: 'delivering',
  needsRedis: true,
  goals: [
    {
      name: 'batch_delivered_ratio',
      title:
        '批量受理并送达确认 ÷ 裸批量插入 · batches accepted, delivered, acknowledged ÷ raw unnest-100, two connections',
      atLeast: 0.3,
      aim: 0.45,
      lessIsBetter: false,
      valueOf: ratio('perSecond', 'hub', 'unnest-100'),
    },
    {
      name: 'batch_vs_plain_ratio',
      title: '同上 ÷ 朴素设计 · the same ÷ the plain design',
      atLeast: 5,
      aim: 10,
      lessIsBetter: false,
      valueOf: ratio('perSecond', 'hub', 'plain design'),
    },
    {
      name: 'rss_mb',
      title: '满负荷时节点常驻内存 · resident memory of a node at full load, MB',
      atLeast: 400,
      aim: 250,
      lessIsBetter: true,
      valueOf: (round) => figure(round, 'hub', 'rssMb'),
    },
  ],
  open: async (stage) => {
    const [pair, echo, ...plain] = await Promise.all([
      startPair(stage, { redis: true }),
      startEcho(),
      ...PLAIN_QUEUES.map((queue) => openPlainDesign(stage, queue)),
    ]);
    const bullmq = openBullmqAlone(stage);
    const table = await openRawTable(stage, RAW_CONNECTIONS);
    const registrations = new Registrations();
    const hub = deliveringPair('hub', pair, registrations);
    return {
      contenders: [
        hub.contender,
        unnesting(table, registrations),
        ...plain.map((design, index) => plainly(design, PLAIN_QUEUES[index], registrations)),
        echoing(echo, registrations),
        queueing(bullmq),
      ],
      close: async () => {
        await hub.close();
        await table.close();
        await bullmq.close();
        for (const design of plain) await design.close();
        await echo.stop();
        await pair.stop();
      },
    };
  },
};

function unnesting(table: RawTable, registrations: Registrations): Contender {
  return {
    name: 'unnest-100',
    round: async (seconds) => {
      const rows = rawRows(registrations.take(RAW_ROWS));
      const portions = inPortions(rows, PER_STATEMENT);
      const calls = await callFor(seconds, RAW_CONNECTIONS, portions, (portion) =>
        table.insertAll(portion),
      );
      return { perSecond: (calls.count * PER_STATEMENT) / calls.seconds };
    },
  };
}

/** The goal is measured against BullMQ, as the hub has it; the others do the same delivery. */
function plainly(
  plain: PlainDesign,
  queue: PlainQueueName | undefined,
  registrations: Registrations,
): Contender {
  return {
    name: queue === 'bullmq' ? 'plain design' : `plain design, ${queue ?? ''}`,
    round: async (seconds) => {
      const events = registrations.take(seconds * PLAIN_PER_SECOND);
      return { perSecond: await plain.deliver(seconds, events) };
    },
  };
}

/** No yardstick of a goal: what the door alone takes of the same batches. */
function echoing({ client }: Echo, registrations: Registrations): Contender {
  return {
    name: 'echo-100',
    round: async (seconds) => {
      const events = registrations.take(seconds * ECHO_PER_SECOND);
      const began = performance.now();
      const taken = await submitInBatches(seconds, [client], events);
      return { perSecond: (taken / (performance.now() - began)) * 1000 };
    },
  };
}

/** No yardstick of a goal either: what a job for each message costs without the message. */
function queueing(bullmq: BullmqAlone): Contender {
  return {
    name: 'BullMQ alone',
    round: async () => ({ perSecond: await bullmq.work(BARE_JOBS) }),
  };
}
