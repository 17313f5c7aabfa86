import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UsageError } from './answer.js';

/** Bytes of a file that a node takes. */
const MAX_FILE_BYTES = 8 * 1024 * 1024;
const TABLE = /\.(csv|xlsx)$/i;

/**
 * The tables of a release, as PublishCatalog takes them: the files named, and of a directory every
 * `.csv` and `.xlsx` in it. Throws UsageError when there is none, or one is too large.
 */
export async function readCatalogueFiles(
  paths: readonly string[],
): Promise<{ name: string; content: Uint8Array }[]> {
  const files = (await Promise.all(paths.map(tablesAt))).flat();
  if (files.length === 0)
    throw new UsageError('没有找到 .csv 或 .xlsx 表格。', 'There is no .csv or .xlsx table.');
  return Promise.all(files.map(readTable));
}

async function tablesAt(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => TABLE.test(name)).sort();
  return names.map((name) => join(path, name));
}

async function readTable(path: string): Promise<{ name: string; content: Uint8Array }> {
  if ((await stat(path)).size > MAX_FILE_BYTES)
    throw new UsageError(`${path} 超过 8 MiB。`, `${path} is larger than 8 MiB.`);
  return { name: basename(path), content: await readFile(path) };
}
