import type { Knex } from 'knex';
import { shareSql } from '../server/share/tables.js';
import { librariesHere } from '../server/storage/library-names.js';
import { qualified } from '../server/dictionary/table.js';

/** 共享库 (R47), in a schema of its own; the node asks for its subscribers by a name in its own. */
export async function up(knex: Knex): Promise<void> {
  const { share } = await librariesHere(knex);
  await knex.raw(shareSql(share));
  await knex.raw(
    `create view share_subscribers as select * from ${qualified(share, 'subscribers')}`,
  );
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
