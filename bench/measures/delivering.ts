import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { submitInBatches } from '../load/batches.js';
import { callFor, inPortions } from '../load/callers.js';
import { Registrations } from '../load/registrations.js';
import { figure, ratio, type Contender, type Family } from '../measure.js';
import { countRows } from '../stage/hub.js';
import { startPair, type Pair } from '../stage/pair.js';
import { cpuSecondsOf } from '../stage/process-usage.js';
import { startEcho, type Echo } from '../yardsticks/echo.js';
import { openPlainDesign, type PlainDesign } from '../yardsticks/plain-design.js';
import { openRawTable, rawRows, type RawTable } from '../yardsticks/raw-table.js';

const PER_STATEMENT = 100;
const RAW_CONNECTIONS = 2;
/** More than a contender takes in a second here; what it has taken is timed until all is delivered. */
const HUB_PER_SECOND = 4_000;
const PLAIN_PER_SECOND = 800;
/** Of a round, however long: a limit shows itself soon. */
const RAW_ROWS = 10_000;

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
      valueOf: (round) =>
        figure(round, 'hub', 'perSecond') / figure(round, 'plain design', 'perSecond'),
    },
  ],
  open: async (stage) => {
    const [pair, plain, echo] = await Promise.all([
      startPair(stage, { redis: true }),
      openPlainDesign(stage),
      startEcho(),
    ]);
    const table = await openRawTable(stage, RAW_CONNECTIONS);
    const registrations = new Registrations();
    const hub = deliveringPair('hub', pair, registrations);
    return {
      contenders: [
        hub.contender,
        unnesting(table, registrations),
        plainly(plain, registrations),
        echoing(echo, registrations),
      ],
      close: async () => {
        await hub.close();
        await table.close();
        await plain.close();
        await echo.stop();
        await pair.stop();
      },
    };
  },
};

/**
 * A pair of nodes as a contender: reports, waits for the last acknowledgement, and proves that the
 * second node has each message once.
 */
export function deliveringPair(
  name: string,
  pair: Pair,
  registrations: Registrations,
  clients = [createGrpcClient(Registration, pair.province.address)],
): { readonly contender: Contender; close(): Promise<void> } {
  const round: Contender['round'] = async (seconds) => {
    const events = registrations.take(seconds * HUB_PER_SECOND);
    const before = await cpuOf(pair);
    const held = await countRows(pair.national, 'messages');
    const began = performance.now();
    const taken = await submitInBatches(seconds, clients, events);
    const acceptedAt = performance.now();
    await pair.acknowledged();
    const elapsed = (performance.now() - began) / 1000;
    const used = (await cpuOf(pair)) - before;
    const arrived = (await countRows(pair.national, 'messages')) - held;
    if (arrived !== taken) throw new Error(`${arrived} of ${taken} arrived`);
    return {
      perSecond: taken / elapsed,
      acceptedPerSecond: (taken / (acceptedAt - began)) * 1000,
      cpuMicroseconds: (used / taken) * 1e6,
    };
  };
  return {
    contender: { name, round },
    close: () => {
      for (const client of clients) client.close();
      return Promise.resolve();
    },
  };
}

/** Of both nodes. */
async function cpuOf({ province, national }: Pair): Promise<number> {
  return (await cpuSecondsOf(province.pid)) + (await cpuSecondsOf(national.pid));
}

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

function plainly(plain: PlainDesign, registrations: Registrations): Contender {
  return {
    name: 'plain design',
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
      const events = registrations.take(seconds * HUB_PER_SECOND);
      const began = performance.now();
      const taken = await submitInBatches(seconds, [client], events);
      return { perSecond: (taken / (performance.now() - began)) * 1000 };
    },
  };
}
