import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Ids that the titles in a test file begin with, such as `'R28 R41 what the province decides …'`. */
export function idsIn(source: string): string[] {
  const titles = source.matchAll(/['"`]((?:(?:R|VR|D|F)\d+\s+)+)[^'"`\s]/g);
  return [...titles].flatMap(([, leading = '']) => leading.trim().split(/\s+/));
}

/** The test files below a directory by the ids that titles in them begin with, in order. */
export function testFilesById(room: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  const files = readdirSync(room, { recursive: true, encoding: 'utf8' });
  for (const file of files.filter((name) => name.endsWith('.test.ts')).sort())
    for (const id of new Set(idsIn(readFileSync(join(room, file), 'utf8'))))
      found.set(id, [...(found.get(id) ?? []), join(room, file)]);
  return found;
}
