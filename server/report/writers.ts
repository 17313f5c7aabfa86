import type { Knex } from 'knex';
import pg from 'pg';
import {
  dropLogin,
  ensureLogin,
  grantRights,
  type Credentials,
  type LetGo,
} from '../storage/library-roles.js';
import { closeWriter, saveWriter, writerRole } from '../storage/report-writers.js';
import { REPORT_TABLES } from './tables.js';

/**
 * It inserts and reads, its own rows only, and changes nothing: a correction is a new row with a
 * higher version. Who wrote a row is not its to say, so the hub's own columns are left out.
 */
function rights(): { right: string; table: string }[] {
  const tables = REPORT_TABLES.flatMap(({ name, columns }) => [
    { right: 'select', table: name },
    {
      right: `insert (${columns.map((column) => pg.escapeIdentifier(column.name)).join(', ')})`,
      table: name,
    },
  ]);
  return [...tables, { right: 'select', table: 'receipts' }];
}

/**
 * Takes on an organisation that writes into the 上报库 (R50), by its code; one that was taken on
 * before keeps its password unless a new one is asked for.
 */
export function onboardWriter(
  knex: Knex,
  library: string,
  code: string,
  renewPassword = false,
): Promise<Credentials> {
  return knex.transaction(async (trx) => {
    const noted = await writerRole(trx, library, code);
    const login = await ensureLogin(trx, library, code, noted, renewPassword);
    await grantRights(trx, login.role, { library, grants: rights() });
    await saveWriter(trx, library, { code, role: login.role });
    return login;
  });
}

/** Lets an organisation go; rows that wait are still taken, as its own. */
export function offboardWriter(knex: Knex, library: string, code: string): Promise<LetGo> {
  return knex.transaction(async (trx) => {
    const role = await writerRole(trx, library, code);
    await closeWriter(trx, library, code);
    return dropLogin(trx, role, library);
  });
}
