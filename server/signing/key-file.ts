import { randomUUID } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeDir, readIfExists } from '../postgres/durable-files.js';
import { generatePrivatePem, type AlgorithmName } from './keys.js';

/** The file of a key that was not given by configuration. */
export function keyFileOf(dataDir: string, name: AlgorithmName): string {
  return join(dataDir, `signing-key-${name}.pem`);
}

/** The private key of a data directory, as PEM; undefined when none was made yet. */
export function readKeyFile(dataDir: string, name: AlgorithmName): Promise<string | undefined> {
  return readIfExists(keyFileOf(dataDir, name));
}

/**
 * Makes a key in a data directory, mode 0600, and answers it as PEM. Of processes that start at the
 * same moment one makes it, and the others answer the same one.
 */
export async function makeKeyFile(dataDir: string, name: AlgorithmName): Promise<string> {
  await makeDir(dataDir, 0o700);
  const file = keyFileOf(dataDir, name);
  // A name of its own for each: nodes may start side by side in one process, too.
  const draft = `${file}.${randomUUID()}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(generatePrivatePem(name));
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    // Unlike a rename, a link never replaces a key that is there.
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  return readFile(file, 'utf8');
}
