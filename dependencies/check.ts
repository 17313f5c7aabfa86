/**
 * `npm run check:audit [-- --must-ask]`: the dependencies. What the lock file tells is always judged:
 * every package from the registry and with its SHA-512, no install script that runs, licences that
 * fit. Then the registry is asked for advisories of what runs in production; high and critical ones
 * fail. Where it can't be asked that is said in so many words, and fails only with `--must-ask`.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { askForAdvisories, type Advisories } from './advisories.js';
import { judgeLockFile, type LockFile, type Manifest } from './lock-file.js';

const installed = z.object({
  license: z.string().optional(),
  licenses: z.array(z.object({ type: z.string() })).optional(),
});

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Older packages name a list of licences to choose from. */
function licenceOf(place: string): string | undefined {
  try {
    const { license, licenses } = installed.parse(readJson(`${place}/package.json`));
    return license ?? licenses?.map(({ type }) => type).join(' OR ');
  } catch {
    return undefined;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function told(advisories: Advisories, mustAsk: boolean): number {
  if (advisories.kind === 'not-asked') {
    say(`安全通告 advisories  未能查询 · COULD NOT ASK: ${advisories.why}`);
    return mustAsk ? 1 : 0;
  }
  const { serious, lesser } = advisories;
  for (const one of serious) say(`安全通告 advisory    ${one}`);
  say(`安全通告 advisories  高危 high or critical ${serious.length}, 其他 others ${lesser}`);
  return serious.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { 'must-ask': { type: 'boolean', default: false } } });
  const lock = readJson('package-lock.json') as LockFile;
  const problems = judgeLockFile(lock, readJson('package.json') as Manifest, licenceOf);
  for (const problem of problems) say(`依赖 dependency       ${problem}`);
  const count = Object.keys(lock.packages).length - 1;
  say(`依赖 dependencies     ${count}, 问题 problems ${problems.length}`);
  const ended = told(await askForAdvisories(), values['must-ask']);
  return problems.length === 0 ? ended : 1;
}

process.exitCode = await main();
