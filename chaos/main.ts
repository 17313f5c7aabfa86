import { accountOf, figuresOf } from './account.js';
import { readOptions, USAGE, type Options } from './options.js';
import { isClean } from './oracle/verdict.js';
import { Progress } from './progress.js';
import { Random } from './random.js';
import { runChaos } from './run.js';
import { hasRedisServer } from './stage/redis-server.js';
import { openStage } from './stage/stage.js';

/** 0: the hub kept its word; 1: it did not. */
async function chaos(options: Options): Promise<number> {
  const progress = new Progress();
  const random = new Random(options.seed);
  progress.say(`种子 ${options.seed}`, 'three nodes, each with PostgreSQL and Redis');
  const stage = await openStage(random.fork());
  const interrupted = new Promise<never>((_resolve, reject) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => {
        reject(new Error(signal));
      });
  });
  interrupted.catch(() => undefined);
  try {
    const run = runChaos(stage, options, random, progress);
    run.catch(() => undefined);
    const outcome = await Promise.race([run, interrupted]);
    progress.end();
    const figures = `${JSON.stringify(figuresOf(outcome))}\n`;
    process.stdout.write(options.json ? figures : accountOf(outcome));
    // Figures alone would leave whoever reads them without a trace.
    if (options.json && !isClean(outcome.verdict)) process.stderr.write(accountOf(outcome));
    return isClean(outcome.verdict) ? 0 : 1;
  } finally {
    progress.end();
    const dir = await stage.close(options.keepLogs);
    if (options.keepLogs) process.stderr.write(`日志 · logs: ${dir}\n`);
  }
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), Math.random);
  if (!options) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (!hasRedisServer()) throw new Error('需要 redis-server · redis-server must be installed');
  return chaos(options);
}

main().then(
  (status) => {
    process.exit(status);
  },
  (error: unknown) => {
    process.stderr.write(
      `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    process.exit(1);
  },
);
