import { execFileSync, type StdioOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { toBinary } from '@bufbuild/protobuf';
import pg from 'pg';
import { RegistrationEventSchema } from '#gen/zhengzhao/v1/registration_event_pb.js';
import type { Pace } from './conduct.js';
import { Registrations } from './load/registrations.js';
import type { Stage } from './stage/stage.js';

/** Under which a run was made: what somebody needs to believe it, or to repeat it. */
export type Conditions = Readonly<Record<string, string | number | readonly number[]>>;

/** Reads them at the beginning of a run. */
export async function readConditions(stage: Stage, pace: Pace): Promise<Conditions> {
  const { version } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  ) as { version: string };
  return {
    hub: version,
    commit: commit(),
    at: new Date().toISOString(),
    node: process.version,
    ...(await readPostgres(stage.databaseUrl)),
    redis: stage.redisUrl === undefined ? 'not installed' : redisVersion(),
    cores: cpus().length,
    cpu: cpus()[0]?.model ?? '',
    memoryMb: Math.round(totalmem() / 1e6),
    loadAverageBefore: loadAverage(),
    payloadBytes: payloadBytes(),
    rounds: pace.rounds,
    secondsPerTurn: pace.seconds,
  };
}

/** Of the machine over 1, 5 and 15 minutes. */
export function loadAverage(): readonly number[] {
  return loadavg().map((one) => Math.round(one * 100) / 100);
}

async function readPostgres(url: string): Promise<Record<string, string>> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const settings = ['server_version', 'fsync', 'synchronous_commit', 'shared_buffers'];
    const entries: [string, string][] = [];
    for (const name of settings) {
      const { rows } = await client.query<{ value: string }>(
        'select current_setting($1) as value',
        [name],
      );
      entries.push([name === 'server_version' ? 'postgres' : name, rows[0]?.value ?? '']);
    }
    return Object.fromEntries(entries);
  } finally {
    await client.end();
  }
}

function redisVersion(): string {
  return /v=(\S+)/.exec(execFileSync('redis-server', ['--version']).toString())?.[1] ?? '';
}

function commit(): string {
  try {
    const cwd = new URL('..', import.meta.url);
    const stdio = ['ignore', 'pipe', 'ignore'] satisfies StdioOptions;
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd, stdio }).toString().trim();
  } catch {
    return 'unknown';
  }
}

function payloadBytes(): number {
  const [event] = new Registrations().take(1);
  return event ? toBinary(RegistrationEventSchema, event).length : 0;
}
