import type { Knex } from 'knex';
import * as node from './001-node.js';

interface Migration {
  readonly name: string;
  readonly up: (knex: Knex) => Promise<void>;
  readonly down: (knex: Knex) => Promise<void>;
}

/** Append only. Names carry no file ending, so that compiled and uncompiled nodes agree. */
const migrations: readonly Migration[] = [{ name: '001-node', up: node.up, down: node.down }];

/** Gives Knex the migrations without looking at the file system. */
export const migrationSource: Knex.MigrationSource<Migration> = {
  getMigrations: () => Promise.resolve([...migrations]),
  getMigrationName: (migration) => migration.name,
  getMigration: (migration) => Promise.resolve({ up: migration.up, down: migration.down }),
};
