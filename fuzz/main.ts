/**
 * `npm run fuzz`: hostile input for a national node and a province, each in a process of its own on
 * an embedded PostgreSQL that is thrown away afterwards. Ends with 1 when anything was found.
 */
import { parseArgs } from 'node:util';
import { onThrowawayPostgres } from '../launch/throwaway-postgres.js';
import { openPair } from './pair.js';
import { fuzz, type Account, type RunOptions } from './run.js';

const USAGE = `npm run fuzz [-- --inputs N] [--seed S] [--at-once N] [--only N]
  --inputs N   输入数 · inputs to send (200000)
  --seed S     种子,同一种子产生同样的输入 · the same seed makes the same inputs (1)
  --at-once N  并发 · inputs on their way at once (16)
  --only N     只发第 N 个输入 · only this input, to look at one finding
`;

function readOptions(): RunOptions | undefined {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '200000' },
      seed: { type: 'string', default: '1' },
      'at-once': { type: 'string', default: '16' },
      only: { type: 'string' },
    },
  });
  const numbers = [values.inputs, values.seed, values['at-once'], values.only ?? '0'].map(Number);
  const [inputs = 0, seed = 0, atOnce = 0, only = 0] = numbers;
  if (!numbers.every(Number.isSafeInteger) || inputs < 1 || atOnce < 1) return undefined;
  const one = values.only === undefined ? undefined : only;
  return { inputs, seed, atOnce, only: one, rssLimitMb: 1024, progress: showProgress };
}

function showProgress(done: number): void {
  if (done % 5_000 === 0) process.stderr.write(`${done} …\n`);
}

function run(options: RunOptions): Promise<Account> {
  return onThrowawayPostgres({ fsync: 'off' }, async ({ url }) => {
    const pair = await openPair(url, 'fuzz');
    const account = await fuzz(pair.targets, options);
    const problems = [...account.problems, ...(await pair.stop())];
    return { ...account, problems };
  });
}

function print(account: Account, { seed }: RunOptions): void {
  const total = Object.values(account.sent).reduce((sum, count) => sum + count, 0);
  const table = (counts: Readonly<Record<string, number>>): string[] =>
    Object.entries(counts)
      .sort(([, a], [, b]) => b - a)
      .map(([name, count]) => `    ${String(count).padStart(7)}  ${name}`);
  const lines = [
    `输入 inputs      ${total}(种子 seed ${seed}),${Math.round(account.seconds)} s`,
    ...table(account.sent),
    '回答 answers',
    ...table(account.codes),
    `受理 accepted    ${account.accepted}`,
    `内存 memory      ${account.highestRssMb} MiB 最高 at most`,
    `发现 findings    ${account.findings.length + account.problems.length}`,
    ...account.findings.map((one) => `    #${one.number} ${one.kind} ${one.rpc}: ${one.what}`),
    ...account.problems.map((problem) => `    ${problem}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) {
    process.stderr.write(USAGE);
    return 2;
  }
  const account = await run(options);
  print(account, options);
  return account.findings.length + account.problems.length === 0 ? 0 : 1;
}

process.exit(await main());
