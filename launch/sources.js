// Plain JavaScript, as all that has to run before there is anything compiled.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the program. */
export const PROJECT = fileURLToPath(new URL('..', import.meta.url));

/** What is shipped. The rooms of tests, demo and measurements are not compiled. */
const ROOMS = [
  'cli',
  'clients',
  'conformance',
  'launch',
  'migrations',
  'proto/gen',
  'server',
  'trial',
];
const SETTINGS = ['package.json', 'tsconfig.json'];

/**
 * Names what a build is made from: another content, another name. Contents and not times, so that a
 * copied or unpacked checkout keeps its build and an edit within one tick of the clock is still seen.
 */
export function fingerprint() {
  const hash = createHash('sha256');
  for (const file of [...SETTINGS, ...ROOMS.flatMap(sourcesIn)].sort())
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(PROJECT, file)))
      .update('\0');
  return hash.digest('hex').slice(0, 16);
}

function sourcesIn(room) {
  // Not `recursive: true`, which takes ten times as long.
  return readdirSync(join(PROJECT, room), { withFileTypes: true }).flatMap((entry) => {
    const path = `${room}/${entry.name}`;
    // What was built of a room is no source of it.
    if (entry.isDirectory()) return entry.name === 'dist' ? [] : sourcesIn(path);
    return /\.[jt]s$/.test(path) ? [path] : [];
  });
}
