/**
 * `npm run bench:backpressure`: a province whose line to the national node is slow is driven past what
 * it can deliver, by our own patient clients. Prints what it accepted and delivered, how it refused,
 * and its memory; ends with 1 when it did not hold back as it should.
 */
import { parseArgs } from 'node:util';
import { onThrowawayPostgres } from '../launch/throwaway-postgres.js';
import { drive, type RunOptions } from './backpressure/run.js';
import { openSlowLink } from './backpressure/slow-link.js';
import {
  furthestAhead,
  judge,
  memoryByMinute,
  memorySlope,
  type Outcome,
  type Sample,
} from './backpressure/verdict.js';

const USAGE = `npm run bench:backpressure [-- --minutes M] [--backlog N] [--delay MS] [--json]
  --minutes M  分钟数 · minutes under load (10)
  --backlog N  积压上限 · HUB_BACKLOG_LIMIT of the province (5000)
  --delay MS   每 64 KiB 的延迟 · wait of every piece of up to 64 KiB on the line, in milliseconds (400)
  --json       以 JSON 输出 · prints JSON
`;

/** Far more than the line takes. */
const CROWD = { clients: 4, inFlight: 16, enterprises: 500 };

interface Options extends RunOptions {
  readonly json: boolean;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      backlog: { type: 'string', default: '5000' },
      delay: { type: 'string', default: '400' },
      json: { type: 'boolean', default: false },
    },
  });
  const [minutes = 0, backlogLimit = 0, delayMs = 0] = [
    values.minutes,
    values.backlog,
    values.delay,
  ].map(Number);
  const fine = minutes > 0 && Number.isInteger(backlogLimit) && backlogLimit > 0 && delayMs > 0;
  if (!fine) return undefined;
  return { minutes, backlogLimit, delayMs, crowd: CROWD, json: values.json, progress };
}

let shown = 0;

/** A line a minute, where it does not disturb what is read by a program. */
function progress({ atMs, accepted, delivered, rssMb }: Sample): void {
  const minute = Math.floor(atMs / 60_000);
  if (minute === shown) return;
  shown = minute;
  process.stderr.write(
    `${minute} min  ${accepted} accepted  ${delivered} delivered  ${rssMb} MiB\n`,
  );
}

function run(options: RunOptions): Promise<{ outcome: Outcome; problems: string[] }> {
  return onThrowawayPostgres({ max_connections: '100' }, async ({ url, directory }) => {
    const link = await openSlowLink(url, directory, options.backlogLimit);
    const outcome = await drive(link, options);
    return { outcome, problems: [...judge(outcome), ...(await link.stop())] };
  });
}

/** The figures; rates are those since the backlog was first full. */
function figuresOf(outcome: Outcome) {
  const { samples, backlogLimit, refused, withoutRetryInfo, gaveUp, missing } = outcome;
  const full = samples.findIndex((one) => one.accepted - one.delivered >= backlogLimit * 0.9);
  const [first, last] = [samples[Math.max(0, full)], samples.at(-1)];
  const seconds = ((last?.atMs ?? 0) - (first?.atMs ?? 0)) / 1000;
  const rate = (of: 'accepted' | 'delivered'): number =>
    Math.round(((last?.[of] ?? 0) - (first?.[of] ?? 0)) / Math.max(1, seconds));
  return {
    seconds: Math.round((last?.atMs ?? 0) / 1000),
    secondsUntilFull: full < 0 ? null : Math.round((first?.atMs ?? 0) / 1000),
    accepted: last?.accepted ?? 0,
    delivered: last?.delivered ?? 0,
    acceptedPerSecond: rate('accepted'),
    deliveredPerSecond: rate('delivered'),
    refused,
    withRetryInfo: refused - withoutRetryInfo,
    furthestAhead: furthestAhead(samples),
    backlogLimit,
    rssMb: memoryByMinute(samples),
    rssMbPerMinute: Number(memorySlope(samples).toFixed(2)),
    gaveUp,
    missing,
  };
}

function print(figures: ReturnType<typeof figuresOf>, problems: readonly string[]): void {
  const memory = figures.rssMb.map(
    ({ minute, min, median, max }) =>
      `    ${String(minute).padStart(3)}  ${min} / ${median} / ${max}`,
  );
  const lines = [
    `用时 under load          ${figures.seconds} s, 满于 full after ${figures.secondsUntilFull ?? '-'} s`,
    `受理 accepted            ${figures.accepted}, 其后每秒 then a second ${figures.acceptedPerSecond}`,
    `投递 delivered           ${figures.delivered}, 其后每秒 then a second ${figures.deliveredPerSecond}`,
    `退回 RESOURCE_EXHAUSTED  ${figures.refused}, 带 RetryInfo ${figures.withRetryInfo}`,
    `积压 furthest ahead      ${figures.furthestAhead}, 上限 limit ${figures.backlogLimit}`,
    `内存 memory MiB (min / median / max)`,
    ...memory,
    `    后半段每分钟 a minute, second half: ${figures.rssMbPerMinute}`,
    `放弃 gave up             ${figures.gaveUp}`,
    `未送达 not delivered     ${figures.missing}`,
    ...problems.map((problem) => `不符 wrong: ${problem}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) {
    process.stderr.write(USAGE);
    return 2;
  }
  const { outcome, problems } = await run(options);
  const figures = figuresOf(outcome);
  if (options.json) process.stdout.write(`${JSON.stringify({ ...figures, problems }, null, 2)}\n`);
  else print(figures, problems);
  return problems.length === 0 ? 0 : 1;
}

process.exit(await main());
