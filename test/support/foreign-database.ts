import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import { inject } from 'vitest';
import { openDatabase } from '../../server/storage/database.js';

/** A database that is not the node's. */
export interface ForeignDatabase {
  readonly knex: Knex;
  readonly url: string;
  /** Closes the pool and drops the database. */
  drop(): Promise<void>;
}

/** An empty database of its own on the run's server. */
export async function foreignDatabase(): Promise<ForeignDatabase> {
  const url = inject('databaseUrl');
  const name = `foreign_${randomBytes(6).toString('hex')}`;
  const server = openDatabase({ url, schema: 'public', poolSize: 1 });
  await server.raw('create database ??', [name]);
  const address = new URL(url);
  address.pathname = `/${name}`;
  const knex = openDatabase({ url: address.href, schema: 'report', poolSize: 3 });
  return {
    knex,
    url: address.href,
    drop: async () => {
      await knex.destroy();
      await server.raw('drop database ?? with (force)', [name]);
      await server.destroy();
    },
  };
}
