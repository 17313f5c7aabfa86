import type { Knex } from 'knex';
import pg from 'pg';
import { libraryNames, type LibraryNames } from '../../server/storage/library-names.js';
import { freshDatabase } from './database.js';

/** A migrated schema of its own, with its libraries. */
export interface TestLibraries extends LibraryNames {
  readonly knex: Knex;
  readonly url: string;
  readonly schema: string;
  /** Closes the pool, drops the schemas and the roles of the libraries. */
  drop(): Promise<void>;
}

/** A node's tables and libraries without a node. */
export async function freshLibraries(): Promise<TestLibraries> {
  const database = await freshDatabase();
  const names = libraryNames(database.schema);
  return {
    ...names,
    knex: database.knex,
    url: database.url,
    schema: database.schema,
    drop: async () => {
      await dropLibraries(database.knex, names);
      await database.drop();
    },
  };
}

/** Drops the libraries with the roles that were given rights in them; roles belong to the server. */
export async function dropLibraries(knex: Knex, { share, report }: LibraryNames): Promise<void> {
  const { rows } = await knex.raw<{ rows: { role: string }[] }>(
    'select role from ??.subscribers union select role from ??.writers where offboarded_at is null',
    [share, report],
  );
  for (const { role } of rows) {
    await knex.raw('drop owned by ??', [role]);
    await knex.raw('drop role ??', [role]);
  }
  await knex.raw('drop schema ?? cascade', [share]);
  await knex.raw('drop schema ?? cascade', [report]);
}

/** A connection with a login of its own, as a business system has it. */
export async function loginAs(
  url: string,
  { role, password }: { readonly role: string; readonly password: string | undefined },
): Promise<pg.Client> {
  const address = new URL(url);
  address.username = role;
  address.password = password ?? '';
  const client = new pg.Client({ connectionString: address.href });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}
