/**
 * `npm run bench`: how fast the hub is beside the limits of this machine, in one run. Starts what it
 * needs, loads from this process, and lets the hub and its yardsticks work in turns.
 */
import { Command } from 'commander';
import { loadAverage, readConditions, type Conditions } from './conditions.js';
import { conduct, notMeasured, type Outcome, type Pace } from './conduct.js';
import { FAMILIES } from './families.js';
import type { Family } from './measure.js';
import { jsonOf, textOf } from './report.js';
import { openStage, type Stage } from './stage/stage.js';

/** A first look; everything that fits in eight minutes. */
const QUICK: Pace = { rounds: 5, seconds: 2 };
const FULL: Pace = { rounds: 11, seconds: 6 };

interface Options {
  readonly json?: true;
  readonly quick?: true;
  readonly only?: string;
}

function chosen({ only, quick }: Options): readonly Family[] {
  const families = FAMILIES.filter(({ name, goals, slow }) =>
    only === undefined
      ? quick === undefined || slow !== true
      : name === only || goals.some((goal) => goal.name === only),
  );
  if (families.length > 0) return families;
  const names = FAMILIES.flatMap(({ goals }) => goals.map((goal) => goal.name));
  throw new Error(`--only: ${names.join(', ')}`);
}

/** Says on standard error what is under way: standard output is for the result. */
function progress(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}

async function measure(family: Family, stage: Stage, pace: Pace): Promise<Outcome> {
  if (family.needsRedis && stage.redisUrl === undefined)
    return notMeasured(family, '未安装 redis-server · redis-server is not installed');
  progress(family.goals.map(({ name }) => name).join(', '));
  try {
    return await conduct(family, stage, pace);
  } catch (error) {
    if (stage.stopping.aborted) throw error;
    progress(String(error));
    return notMeasured(family, error instanceof Error ? (error.message.split('\n')[0] ?? '') : '');
  }
}

async function run(options: Options, stopping: AbortSignal): Promise<boolean> {
  const families = chosen(options);
  const left = options.only === undefined ? FAMILIES.filter((one) => !families.includes(one)) : [];
  const pace = options.quick ? QUICK : FULL;
  const stage = await openStage(stopping);
  try {
    const before = await readConditions(stage, pace);
    const outcomes: Outcome[] = [];
    for (const family of families) outcomes.push(await measure(family, stage, pace));
    for (const family of left)
      outcomes.push(notMeasured(family, '耗时过长 · takes too long for --quick'));
    const conditions: Conditions = { ...before, loadAverageAfter: loadAverage() };
    const text = options.json ? jsonOf(conditions, outcomes) : textOf(conditions, outcomes);
    process.stdout.write(`${text}\n`);
    return outcomes.slice(0, families.length).every(wasMeasured);
  } finally {
    await stage.close();
  }
}

function wasMeasured({ reached }: Outcome): boolean {
  return reached.every(({ value }) => value !== undefined);
}

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => stopping.abort(new Error(signal)));

await new Command('bench')
  .description('性能对比 · the hub beside the limits of this machine, in one run')
  .option('--json', '输出 JSON · conditions and measures as JSON')
  .option('--quick', '八分钟以内 · what fits in eight minutes')
  .option('--only <name>', '只测一项 · one measure, or the family it is measured with')
  .action(async (options: Options) => {
    try {
      process.exitCode = (await run(options, stopping.signal)) ? 0 : 1;
    } catch (error) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    }
    // A family that could not be opened may have left nodes, which end with this process.
    process.exit();
  })
  .parseAsync();
