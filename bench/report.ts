import Table from 'cli-table3';
import type { Conditions } from './conditions.js';
import type { Outcome, Reached } from './conduct.js';

/** What `--json` prints: conditions, and one entry for each measure. */
export function jsonOf(conditions: Conditions, outcomes: readonly Outcome[]): string {
  const measures = outcomes.flatMap(({ reached }) =>
    reached.map(({ goal, value, spread }) => ({
      name: goal.name,
      value: value === undefined ? null : rounded(value),
      at_least: goal.atLeast,
      aim: goal.aim,
      spread: spread === undefined ? null : spread.map(rounded),
    })),
  );
  return JSON.stringify({ conditions, measures }, null, 2);
}

/** What people read: medians of every contender, then the goals. */
export function textOf(conditions: Conditions, outcomes: readonly Outcome[]): string {
  return [
    '条件 · conditions',
    ...Object.entries(conditions).map(([name, value]) => `  ${name}: ${String(value)}`),
    '',
    '中位数 · medians',
    ...outcomes.flatMap(mediansOf),
    '',
    '目标 · goals',
    goalsOf(outcomes.flatMap(({ reached }) => reached)),
  ].join('\n');
}

function mediansOf({ medians, notes }: Outcome): string[] {
  const lines = Object.entries(medians).map(([contender, sample]) => {
    const figures = Object.entries(sample).map(([name, value]) => `${name} ${shown(value)}`);
    return `  ${contender.padEnd(16)} ${figures.join('  ')}`;
  });
  return [...lines, ...notes.map((note) => `  (${note})`)];
}

function goalsOf(reached: readonly Reached[]): string {
  const table = new Table({
    head: ['measure', '', 'value', 'spread', 'at least', 'aim', ''],
    style: { head: [], border: [] },
  });
  for (const { goal, value, spread, reason } of reached) {
    const sign = goal.lessIsBetter ? '≤ ' : '≥ ';
    table.push([
      goal.name,
      goal.title.replace(' · ', '\n'),
      value === undefined ? '—' : shown(value),
      spread ? spread.map(shown).join(' – ') : '—',
      sign + String(goal.atLeast),
      sign + String(goal.aim),
      value === undefined ? `未测 not measured: ${reason ?? ''}` : verdict(goal, value),
    ]);
  }
  return table.toString();
}

function verdict({ atLeast, aim, lessIsBetter }: Reached['goal'], value: number): string {
  const reaches = (goal: number): boolean => (lessIsBetter ? value <= goal : value >= goal);
  if (reaches(aim)) return '达到期望 aim reached';
  return reaches(atLeast) ? '达到 reached' : '未达到 short';
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function shown(value: number): string {
  return value >= 1000
    ? Math.round(value).toLocaleString('en')
    : String(Number(value.toPrecision(3)));
}
