/**
 * `npm run bench:capacity`: what a province and the nation need, from the measured cost of a message.
 * Calculates and simulates only; measures nothing.
 */
import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import { days, initialLoadHours, needs, terabytesPerYear, type Costs } from './capacity/plan.js';

interface Options extends Costs {
  readonly national: number;
  readonly province: number;
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('须为正数 · a positive number');
}

function tableOf(head: string[], rows: (string | number)[][]): string {
  const table = new Table({ head, style: { head: [], border: [] } });
  table.push(...rows);
  return table.toString();
}

function show(options: Options): string {
  const whole = (value: number): string => Math.round(value).toLocaleString('en');
  const processes = { national: options.national, province: options.province };
  return [
    tableOf(
      ['', '条/秒 per second', '进程 processes', '数据库核 database cores'],
      needs(options).map((one) => [
        one.what.replace(' · ', '\n'),
        whole(one.perSecond),
        one.processes,
        one.databaseCores,
      ]),
    ),
    tableOf(
      [
        '',
        '能力 capacity/s',
        '最多积压 most waiting',
        '最久等待 longest wait s',
        '清空 empty after min',
      ],
      days(options, processes).map(({ what, capacity, course }) => [
        what.replace(' · ', '\n'),
        whole(capacity),
        whole(course.mostWaiting),
        whole(course.longestWaitSeconds),
        course.emptyAfterMinutes ?? '—',
      ]),
    ),
    `存储 storage       ${terabytesPerYear(options).toFixed(1)} TB 每年 a year(总局 national)`,
    `首次装载 first load  ${initialLoadHours(options, options.national).toFixed(1)} h`,
  ].join('\n');
}

const command = new Command('bench:capacity')
  .requiredOption(
    '--province-us <n>',
    '省级节点每条 CPU 微秒 · CPU µs per message, province',
    positive,
  )
  .requiredOption('--national-us <n>', '总局每条 CPU 微秒 · CPU µs per message, national', positive)
  .requiredOption(
    '--database-us <n>',
    '数据库每条 CPU 微秒 · CPU µs per message, PostgreSQL',
    positive,
  )
  .requiredOption('--national-bytes <n>', '总局每条字节 · bytes kept per message', positive)
  .option('--national <n>', '总局进程数 · processes of the national node', positive, 4)
  .option('--province <n>', '省级进程数 · processes of the province', positive, 2);
command.parse();
process.stdout.write(`${show(command.opts<Options>())}\n`);
