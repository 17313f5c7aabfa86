import { setTimeout as pause } from 'node:timers/promises';
import { ScopeCatalog } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { createGrpcClient } from '../../clients/grpc.js';
import { establish, Senders, type Crowd } from './senders.js';
import type { SlowLink } from './slow-link.js';
import type { Outcome, Sample } from './verdict.js';

/** How a run is made. */
export interface RunOptions {
  readonly minutes: number;
  readonly backlogLimit: number;
  /** How much the line is slowed down, in milliseconds for each piece. */
  readonly delayMs: number;
  readonly crowd: Crowd;
  /** Ends the load before its time. Unset: it lasts as long as it should. */
  readonly enough?: (senders: Senders) => boolean;
  /** Told what was seen, every two seconds. */
  readonly progress?: (sample: Sample) => void;
}

const SAMPLE_MS = 2_000;
const DRAIN_LIMIT_MS = 10 * 60_000;

/** Drives the province past what its line takes, lets it drain, and compares what is where. */
export async function drive(link: SlowLink, options: RunOptions): Promise<Outcome> {
  const { enterprises } = options.crowd;
  await establish(link.province.address, await catalogVersionOf(link), enterprises);
  await drained(link);
  const before = (await link.deliveries()).done;
  link.slowDown(options.delayMs);
  const senders = new Senders(link.province.address, options.crowd);
  const samples = await watch(link, senders, before, options);
  link.slowDown(0);
  await senders.end();
  await drained(link);
  const { refused, withoutRetryInfo, gaveUp } = senders;
  const inFlight = options.crowd.clients * options.crowd.inFlight;
  const missing = await missingAt(link, senders.accepted);
  const { backlogLimit } = options;
  return { samples, backlogLimit, inFlight, refused, withoutRetryInfo, gaveUp, missing };
}

async function catalogVersionOf({ province }: SlowLink): Promise<string> {
  const client = createGrpcClient(ScopeCatalog, province.address);
  const { catalogVersion } = await client.getCatalogVersion({});
  client.close();
  return catalogVersion?.version ?? '';
}

async function watch(
  link: SlowLink,
  senders: Senders,
  before: number,
  { minutes, progress, enough = () => false }: RunOptions,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  const beganAt = performance.now();
  const endAt = beganAt + minutes * 60_000;
  for (let next = beganAt; next < endAt; next += SAMPLE_MS) {
    await pause(Math.max(0, next - performance.now()));
    if (performance.now() >= endAt || enough(senders)) break;
    const sample = {
      atMs: performance.now() - beganAt,
      accepted: senders.accepted.length,
      delivered: (await link.deliveries()).done - before,
      rssMb: (await link.province.rssMb()) ?? 0,
    };
    samples.push(sample);
    progress?.(sample);
  }
  return samples;
}

async function drained(link: SlowLink): Promise<void> {
  const deadline = performance.now() + DRAIN_LIMIT_MS;
  while ((await link.deliveries()).open > 0) {
    if (performance.now() > deadline) return;
    await pause(500);
  }
}

async function missingAt({ national }: SlowLink, accepted: readonly string[]): Promise<number> {
  const rows = await national.sql<{ id: string }>(`select message_id as id from messages`);
  const there = new Set(rows.map(({ id }) => id));
  return accepted.filter((id) => !there.has(id)).length;
}
