import { describe, expect, it } from 'vitest';
import { flows, requirements } from '../../plan/requirements.js';
import { idsIn, testFilesById } from '../../plan/titled-ids.js';

const tested = testFilesById('test');

describe('every sentence of the plan', () => {
  it('is in the list', () => {
    const ids = (letter: string, length: number): string[] =>
      Array.from({ length }, (_, index) => `${letter}${index + 1}`).sort();
    expect(requirements.map((row) => row.id).sort()).toEqual(ids('R', 55));
    expect(flows.map((row) => row.id).sort()).toEqual(ids('F', 22));
  });

  it.each([...requirements, ...flows])('has a test: $id $zh', ({ id }) => {
    expect([...tested.keys()]).toContain(id);
  });

  it('reads the ids a title begins with, and no others', () => {
    expect(idsIn("it('R9 F5 an approval of R10', () => {})")).toEqual(['R9', 'F5']);
    expect(idsIn("it('see R9')")).toEqual([]);
    expect(idsIn("['R12 a commitment', 103]")).toEqual(['R12']);
  });
});
