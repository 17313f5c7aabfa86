import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { flows, requirements } from '../../plan/requirements.js';

const TEST_ROOM = join(import.meta.dirname, '..');

/** Ids that the titles in a test file begin with, such as `'R28 R41 what the province decides …'`. */
function idsIn(source: string): string[] {
  const titles = source.matchAll(/['"`]((?:(?:R|VR|D|F)\d+\s+)+)[^'"`\s]/g);
  return [...titles].flatMap(([, leading = '']) => leading.trim().split(/\s+/));
}

const titledIds = readTitles();

function readTitles(): ReadonlySet<string> {
  const files = readdirSync(TEST_ROOM, { recursive: true, encoding: 'utf8' });
  const tests = files.filter((file) => file.endsWith('.test.ts'));
  return new Set(tests.flatMap((file) => idsIn(readFileSync(join(TEST_ROOM, file), 'utf8'))));
}

describe('every sentence of the plan', () => {
  it('is in the list', () => {
    const ids = (letter: string, length: number): string[] =>
      Array.from({ length }, (_, index) => `${letter}${index + 1}`).sort();
    expect(requirements.map((row) => row.id).sort()).toEqual(ids('R', 55));
    expect(flows.map((row) => row.id).sort()).toEqual(ids('F', 22));
  });

  it.each([...requirements, ...flows])('has a test: $id $zh', ({ id }) => {
    expect(titledIds).toContain(id);
  });

  it('reads the ids a title begins with, and no others', () => {
    expect(idsIn("it('R9 F5 an approval of R10', () => {})")).toEqual(['R9', 'F5']);
    expect(idsIn("it('see R9')")).toEqual([]);
    expect(idsIn("['R12 a commitment', 103]")).toEqual(['R12']);
  });
});
