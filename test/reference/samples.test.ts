import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseTable } from '../../server/reference/csv-table.js';

const ROOT = new URL('../../reference/', import.meta.url);

function csvFiles(folder: string): string[] {
  return readdirSync(new URL(folder, ROOT))
    .filter((name) => name.endsWith('.csv'))
    .map((name) => `${folder}${name}`);
}

const files = ['./', 'samples/', 'raw/', 'catalogue/', 'catalogue-330000/'].flatMap(csvFiles);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

describe('every CSV file of the reference folder', () => {
  it.each(files)(
    '%s is UTF-8 with a header row, rows of equal width and no byte order mark',
    (path) => {
      const text = read(path);
      const [firstColumn = ''] = text.split(/[,\n]/);
      expect(firstColumn).toMatch(/^[a-z0-9_]+$/);
      expect(text).not.toContain('\uFFFD');
      expect(parseTable(text, [firstColumn], path).length).toBeGreaterThan(0);
    },
  );

  it.each(files)('%s holds no column for persons and no identity or mobile number', (path) => {
    const [header = '', ...lines] = read(path).split('\n');
    expect(header).not.toMatch(/legal_rep|person|phone|id_card/);
    const identity = /(?<![0-9A-Z])[1-9]\d{5}(19|20)\d{2}[01]\d[0-3]\d{4}[\dX](?![0-9A-Z])/;
    expect(lines.filter((line) => identity.test(line))).toEqual([]);
    expect(lines.filter((line) => /(?<![0-9A-Z])1[3-9]\d{9}(?![0-9A-Z])/.test(line))).toEqual([]);
  });
});

describe('the sample spot-check targets', () => {
  const targets = parseTable(
    read('samples/sample-spot-check-targets.csv'),
    ['name', 'uscc', 'reg_no_15'],
    'sample-spot-check-targets.csv',
  );

  it('are at most 300, an eighth of them with only the old 15-digit number', () => {
    const old = targets.filter((target) => target.uscc === '');
    expect(targets.length).toBeLessThanOrEqual(300);
    expect(old.length / targets.length).toBeCloseTo(0.12, 2);
    expect(old.filter((target) => !/^\d{15}$/.test(target.reg_no_15))).toEqual([]);
  });
});
