import { query, type Db } from './database.js';

/** Schemas of a node's libraries. */
export interface LibraryNames {
  /** 共享库 (R47). */
  readonly share: string;
  /** 上报库 (R50). */
  readonly report: string;
}

/**
 * Where the libraries of a node are: `share` and `report` beside the schema `hub`; for nodes that
 * live in another schema, of which one database may have several, `<schema>_share` and
 * `<schema>_report`.
 */
export function libraryNames(schema: string): LibraryNames {
  return schema === 'hub'
    ? { share: 'share', report: 'report' }
    : { share: `${schema}_share`, report: `${schema}_report` };
}

/** The libraries beside the schema that a connection works in. */
export async function librariesHere(db: Db): Promise<LibraryNames> {
  const { rows } = await query<{ schema: string }>(db, 'select current_schema() as schema');
  return libraryNames(rows[0]?.schema ?? '');
}
