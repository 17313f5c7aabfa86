import type { Knex } from 'knex';
import { reportSql } from './tables.js';

/** Schema of the report library in a database that is not the node's. */
export const FOREIGN_SCHEMA = 'report';

/**
 * Makes the report library in a business system's own PostgreSQL, 14 or newer, or brings it up to
 * date; safe to run again. Rows that are there already wait to be taken, once.
 */
export async function prepareForeign(knex: Knex): Promise<void> {
  await knex.transaction((trx) => trx.raw(reportSql(FOREIGN_SCHEMA)));
}
