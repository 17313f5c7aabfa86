import type { Knex } from 'knex';
import { reportSql } from '../server/report/tables.js';
import { librariesHere } from '../server/storage/library-names.js';

/** 上报库 (R50), in a schema of its own. */
export async function up(knex: Knex): Promise<void> {
  const { report } = await librariesHere(knex);
  await knex.raw(reportSql(report));
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
