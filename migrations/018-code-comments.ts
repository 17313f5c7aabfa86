import type { Knex } from 'knex';
import { columnCommentsSql } from '../server/dictionary/table.js';
import { REPORT_TABLES } from '../server/report/tables.js';
import { FEED, FEED_ITEMS } from '../server/share/tables.js';
import { librariesHere } from '../server/storage/library-names.js';

/** Tells in both libraries which names and codes a column takes. */
export async function up(knex: Knex): Promise<void> {
  const { share, report } = await librariesHere(knex);
  const comments = [
    ...[FEED, FEED_ITEMS].map((table) => columnCommentsSql(share, table)),
    ...REPORT_TABLES.map((table) => columnCommentsSql(report, table)),
  ];
  await knex.raw(comments.join('\n'));
}

/** Forward only: a node's data is never thrown away by a migration. */
export async function down(): Promise<void> {
  throw new Error('Migrations go forward only; restore a backup to go back.');
}
