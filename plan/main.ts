/**
 * `npm run plan`: every sentence of the plan with its clause, what implements it and its tests.
 * Runs the tests, or reads vitest's JSON report of a run given by `--report FILE`. Exits 1 when a
 * sentence or a flow has no test that ran, a test of it fails, or a file named for it is not there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { flows, requirements, type PlanRow } from './requirements.js';

interface TestOutcome {
  readonly title: string;
  readonly passed: boolean;
}

interface VitestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

/** Ids that a title begins with, such as `R28 R41 F18 what the province decides …`. */
function idsOf(title: string): string[] {
  const [leading = ''] = /^(?:(?:R|F|D|VR)\d+\s+)+/.exec(title) ?? [];
  return leading.trim().split(/\s+/);
}

function runTests(): string {
  const file = join(mkdtempSync(join(tmpdir(), 'zhengzhao-plan-')), 'report.json');
  const vitest = join('node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  // It takes minutes, so what it says is shown, beside the tables and not among them.
  spawnSync(process.execPath, [vitest, 'run', ...reporters], { stdio: ['ignore', 2, 2] });
  return file;
}

function outcomes(file: string): Map<string, TestOutcome[]> {
  const report = JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  const byId = new Map<string, TestOutcome[]>();
  for (const { title, status } of report.testResults.flatMap((one) => one.assertionResults)) {
    // A test that did not run, as those on Redis where there is none, proves nothing.
    if (status !== 'passed' && status !== 'failed') continue;
    for (const id of idsOf(title))
      byId.set(id, [...(byId.get(id) ?? []), { title, passed: status === 'passed' }]);
  }
  return byId;
}

interface Judged {
  readonly row: PlanRow;
  readonly tests: readonly TestOutcome[];
  readonly problem: string;
}

function judge(row: PlanRow, tests: readonly TestOutcome[]): Judged {
  const missing = row.files.filter((file) => !existsSync(file));
  const failed = tests.filter((test) => !test.passed);
  const problem = [
    ...(missing.length > 0 ? [`没有文件 missing: ${missing.join(', ')}`] : []),
    ...(tests.length === 0 ? ['没有测试 no test'] : []),
    ...failed.map((test) => `未通过 failed: ${test.title}`),
  ].join('; ');
  return { row, tests, problem };
}

function print(title: string, judged: readonly Judged[]): void {
  const table = new Table({
    head: ['编号 id', '条款 clause', '内容 sentence', '实现 made in', '测试 tests', '结果 result'],
    colWidths: [9, 15, 46, 57, 12, 30],
    wordWrap: true,
    wrapOnWordBoundary: false,
    style: { head: [], border: [] },
  });
  for (const { row, tests, problem } of judged)
    table.push([
      row.id,
      row.clause,
      row.zh,
      row.files.join('\n'),
      tests.length,
      problem || '通过 passed',
    ]);
  process.stdout.write(`\n${title}\n${table.toString()}\n`);
}

const { values } = parseArgs({ options: { report: { type: 'string' } } });
const byId = outcomes(values.report ?? runTests());
const judgeAll = (rows: readonly PlanRow[]): Judged[] =>
  rows.map((one) => judge(one, byId.get(one.id) ?? []));
const all = [judgeAll(requirements), judgeAll(flows)] as const;
print('方案逐条 · the plan, sentence by sentence', all[0]);
print('数据流程 · the flows', all[1]);
const problems = all.flat().filter((one) => one.problem !== '');
process.stdout.write(
  `\n${all.flat().length - problems.length} 条通过 passed, ${problems.length} 条有问题 with a problem\n`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
