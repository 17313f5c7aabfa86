import { Registration } from '#gen/zhengzhao/v1/registration_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { submitInBatches } from '../load/batches.js';
import type { Registrations } from '../load/registrations.js';
import type { Contender } from '../measure.js';
import { countRows, type Hub } from '../stage/hub.js';
import type { Pair } from '../stage/pair.js';
import {
  cpuSecondsOf,
  cpuSecondsOfFamily,
  parentOf,
  residentMbOf,
} from '../stage/process-usage.js';
import { query } from '../../server/storage/database.js';

/** More than a pair takes in a second here. */
const MOST_PER_SECOND = 4_000;

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
    const events = registrations.take(seconds * MOST_PER_SECOND);
    const [before, bytesBefore] = [await usageOf(pair), await bytesOf(pair.national)];
    const held = await countRows(pair.national, 'messages');
    const began = performance.now();
    const taken = await submitInBatches(seconds, clients, events);
    const acceptedAt = performance.now();
    await pair.acknowledged();
    const elapsed = (performance.now() - began) / 1000;
    const after = await usageOf(pair);
    const each = (name: keyof Usage): number => ((after[name] - before[name]) / taken) * 1e6;
    const rssMb = Math.max(...(await Promise.all(pidsOf(pair).map(residentMbOf))));
    const arrived = (await countRows(pair.national, 'messages')) - held;
    if (arrived !== taken) throw new Error(`${arrived} of ${taken} arrived`);
    return {
      perSecond: taken / elapsed,
      acceptedPerSecond: (taken / (acceptedAt - began)) * 1000,
      provinceCpuMicroseconds: each('province'),
      nationalCpuMicroseconds: each('national'),
      databaseCpuMicroseconds: each('database'),
      nationalBytes: ((await bytesOf(pair.national)) - bytesBefore) / taken,
      rssMb,
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

function pidsOf({ province, national }: Pair): number[] {
  return [province.pid, national.pid];
}

/** Seconds of processor time used so far: the nodes, and PostgreSQL under both of them. */
interface Usage {
  readonly province: number;
  readonly national: number;
  readonly database: number;
}

async function usageOf(pair: Pair): Promise<Usage> {
  const [province, national, database] = await Promise.all([
    cpuSecondsOf(pair.province.pid),
    cpuSecondsOf(pair.national.pid),
    cpuSecondsOfFamily(await postmasterOf(pair)),
  ]);
  return { province, national, database };
}

async function postmasterOf({ national }: Pair): Promise<number> {
  const { rows } = await query<{ pid: number }>(national.knex, 'select pg_backend_pid() as pid');
  return parentOf(rows[0]?.pid ?? 0);
}

/** What PostgreSQL keeps of a node, with indexes. */
async function bytesOf({ knex, schema }: Hub): Promise<number> {
  const { rows } = await query<{ bytes: number }>(
    knex,
    `select sum(pg_total_relation_size(oid))::float8 as bytes from pg_class
      where relkind in ('r', 'm') and relnamespace::regnamespace::text ~ ('^' || ? || '(_[a-z].*|)$')`,
    [schema],
  );
  return rows[0]?.bytes ?? 0;
}
