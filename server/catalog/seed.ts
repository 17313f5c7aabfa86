import { readdir, readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { CENTRAL_LAYER } from '../domain/catalog/layer.js';
import { importRelease } from './import.js';
import type { CatalogShelf } from './shelf.js';

const DEFAULT_DIR = new URL('../../reference/', import.meta.url);

/** A catalogue that comes with the program and can't be published: a defect of the installation. */
class SeedError extends Error {
  override readonly name = 'SeedError';
}

/**
 * Gives a node that holds no central release the one that comes with the program, and its own
 * provincial one where there is one, by the way an administrator would take. What is there already
 * is left alone. `dir` unset: the program's own `reference/`, else a directory URL that ends in `/`.
 * @throws SeedError when a file is missing or breaks a law of the catalogue.
 */
export async function seedShelf(
  shelf: CatalogShelf,
  node: string,
  log: Logger,
  dir: URL = DEFAULT_DIR,
): Promise<void> {
  const names = await readdir(dir);
  const wanted = [
    { layer: CENTRAL_LAYER, name: 'catalogue' },
    { layer: node, name: `catalogue-${node}` },
  ];
  for (const { layer, name } of wanted) {
    if (!names.includes(name) || shelf.current().releasesOf(layer).length > 0) continue;
    await publishSeed(shelf, new URL(`${name}/`, dir), log);
  }
}

async function publishSeed(shelf: CatalogShelf, dir: URL, log: Logger): Promise<void> {
  const names = (await readdir(dir)).filter((name) => /\.(?:csv|xlsx)$/.test(name)).sort();
  const files = await Promise.all(
    names.map(async (name) => ({ name, content: await readFile(new URL(name, dir)) })),
  );
  const { release, findings, locate } = await importRelease(files);
  const publication = release && (await shelf.publish({ release, findings, locate }, false));
  if (!publication?.published) {
    const first = findings.findings.find((finding) => finding.field !== '');
    throw new SeedError(
      `${dir.pathname}: ${first?.field ?? ''} ${first?.messageZh ?? ''} ${first?.messageEn ?? ''}`,
    );
  }
  log.info(
    { layer: release?.layer, version: release?.version, provisional: release?.provisional },
    '已载入随程序提供的目录 / loaded the catalogue that comes with the program',
  );
}
