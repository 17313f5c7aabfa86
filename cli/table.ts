import Table from 'cli-table3';

const NO_BORDERS = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left'],
    ...['bottom-right', 'left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
  ].map((name) => [name, '']),
);

/** What could move the cursor or change colours; lines are kept. */
const CONTROL = /[\0-\x09\x0b-\x1f\x7f-\x9f]/g;

/** Rows under their headings, in columns, wide characters counted as two; '' when there are none. */
export function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const table = new Table({
    head: [...head],
    chars: { ...NO_BORDERS, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  table.push(...rows.map((row) => row.map((cell) => cell.replace(CONTROL, ''))));
  return table.toString().replace(/ +$/gm, '');
}

/** Facts under each other: name, value. Those without a value are left out. */
export function factsOf(facts: readonly (readonly [name: string, value: string])[]): string {
  return tableOf(
    ['', ''],
    facts.filter(([, value]) => value !== ''),
  )
    .split('\n')
    .slice(1)
    .join('\n');
}

/** What a list shows: the table, or that there is nothing. */
export function listOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? '(无 · none)' : tableOf(head, rows);
}
