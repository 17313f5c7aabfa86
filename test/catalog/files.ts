import { readFileSync } from 'node:fs';
import { create } from '@bufbuild/protobuf';
import type { CatalogRelease } from '#gen/zhengzhao/v1/catalog_pb.js';
import { CatalogFileSchema, type CatalogFile } from '#gen/zhengzhao/v1/scope_catalog_pb.js';
import { importRelease } from '../../server/catalog/import.js';

const TABLES = ['release', 'scope-entries', 'permit-items', 'mapping', 'authorities'] as const;

/** A file of an import. */
export function catalogFile(name: string, content: string | Uint8Array): CatalogFile {
  return create(CatalogFileSchema, {
    name,
    content: typeof content === 'string' ? new TextEncoder().encode(content) : content,
  });
}

/** The catalogue that comes with the program, `catalogue` or `catalogue-330000`, as CSV files. */
export function referenceFiles(directory: 'catalogue' | 'catalogue-330000'): CatalogFile[] {
  return TABLES.map((table) =>
    catalogFile(
      `${table}.csv`,
      readFileSync(new URL(`../../reference/${directory}/${table}.csv`, import.meta.url)),
    ),
  );
}

/** The release in it. */
export async function referenceRelease(
  directory: 'catalogue' | 'catalogue-330000',
): Promise<CatalogRelease> {
  const { release } = await importRelease(referenceFiles(directory));
  if (!release) throw new Error(`${directory} can't be read`);
  return release;
}

/** A workbook under `test/fixtures/catalog`. */
export function workbook(name: string): Uint8Array {
  return readFileSync(new URL(`../fixtures/catalog/${name}`, import.meta.url));
}
