import { median } from '../statistics.js';

/** What was seen at one moment of a run. */
export interface Sample {
  /** Milliseconds since the senders began. */
  readonly atMs: number;
  /** Messages that the senders hold a receipt for. */
  readonly accepted: number;
  /** Messages that the national node has acknowledged. */
  readonly delivered: number;
  /** Resident memory of the province's process in MiB. */
  readonly rssMb: number;
}

/** A run as it ended. */
export interface Outcome {
  readonly samples: readonly Sample[];
  readonly backlogLimit: number;
  /** Calls on their way at once: what a full node has let in already. */
  readonly inFlight: number;
  /** Refusals with RESOURCE_EXHAUSTED, and those of them that did not say when to come again. */
  readonly refused: number;
  readonly withoutRetryInfo: number;
  /** Calls that a patient client threw in the end. */
  readonly gaveUp: number;
  /** Messages with a receipt that are not at the national node after the run. */
  readonly missing: number;
}

/** Memory of one minute, in MiB. */
export interface MinuteOfMemory {
  readonly minute: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** What the process may grow from the middle third of a run to the last. */
const GROWTH_SHARE = 0.2;
const GROWTH_MB = 48;
/** Share of the limit that is let in while the backlog is being counted. */
const COUNTING_SHARE = 0.1;

/** Minute by minute. */
export function memoryByMinute(samples: readonly Sample[]): MinuteOfMemory[] {
  const minutes = new Map<number, number[]>();
  for (const { atMs, rssMb } of samples) {
    const minute = Math.floor(atMs / 60_000) + 1;
    minutes.set(minute, [...(minutes.get(minute) ?? []), rssMb]);
  }
  return [...minutes].map(([minute, values]) => ({
    minute,
    min: Math.min(...values),
    median: median(values),
    max: Math.max(...values),
  }));
}

/** MiB that the memory grows in a minute: the line of least squares through the second half. */
export function memorySlope(samples: readonly Sample[]): number {
  const half = samples.slice(Math.floor(samples.length / 2));
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const [at, rss] = [mean(half.map((one) => one.atMs)), mean(half.map((one) => one.rssMb))];
  const above = half.reduce((sum, one) => sum + (one.atMs - at) * (one.rssMb - rss), 0);
  const below = half.reduce((sum, one) => sum + (one.atMs - at) ** 2, 0);
  return below === 0 ? 0 : (above / below) * 60_000;
}

/** The longest backlog: how far accepts ever ran ahead of deliveries. */
export function furthestAhead(samples: readonly Sample[]): number {
  return Math.max(0, ...samples.map(({ accepted, delivered }) => accepted - delivered));
}

/** What is wrong with a run; empty when the node held back as it should. */
export function judge(outcome: Outcome): string[] {
  const { samples, backlogLimit, inFlight, refused, withoutRetryInfo, gaveUp, missing } = outcome;
  const ahead = furthestAhead(samples);
  const most = Math.ceil(backlogLimit * (1 + COUNTING_SHARE)) + inFlight;
  const third = Math.floor(samples.length / 3);
  const before = median(samples.slice(third, 2 * third).map(({ rssMb }) => rssMb));
  const after = median(samples.slice(2 * third).map(({ rssMb }) => rssMb));
  const mayGrow = Math.max(GROWTH_MB, before * GROWTH_SHARE);
  return [
    ...(refused > 0 ? [] : ['从未满 · never full: it was not driven past what it delivers']),
    ...(withoutRetryInfo === 0
      ? []
      : [`无 RetryInfo 的退回 · refusals without it: ${withoutRetryInfo}`]),
    ...(ahead <= most
      ? []
      : [`受理领先投递 · accepts ran ahead by ${Math.round(ahead)}, more than ${most}`]),
    ...(after - before <= mayGrow ? [] : [`内存增长 · memory grew from ${before} to ${after} MiB`]),
    ...(gaveUp === 0 ? [] : [`客户端放弃 · clients gave up ${gaveUp} times`]),
    ...(missing === 0 ? [] : [`已受理未送达 · accepted and not delivered: ${missing}`]),
  ];
}
