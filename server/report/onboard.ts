import { auditedIn } from '../audit/commands.js';
import { configOfProcess } from '../config.js';
import { libraryLogin, withLoginStore, type LibraryLogin } from '../node/command-store.js';
import { StartError } from '../node/patience.js';
import { whyNot } from '../start-error.js';
import { openDatabase } from '../storage/database.js';
import type { LetGo } from '../storage/library-roles.js';
import { FOREIGN_SCHEMA, prepareForeign } from './foreign.js';
import { REPORT_TABLES, reportSql } from './tables.js';
import { offboardWriter, onboardWriter } from './writers.js';

/** The login of a writer, and the tables that it writes into. */
export interface WriterLogin extends LibraryLogin {
  /** With their schema. */
  readonly tables: readonly string[];
}

/**
 * Takes an organisation on as writer of the 上报库 (R50), in the database of the node that the HUB_*
 * variables describe and with an entry in its audit. One that was taken on before gets a new password
 * with `renewPassword`. Throws StartError.
 */
export function onboardReporter(code: string, renewPassword: boolean): Promise<WriterLogin> {
  const config = configOfProcess();
  return withLoginStore(config, async (store) => {
    const { report } = store.libraries;
    const login = await auditedIn(
      store.knex,
      config.node,
      code,
    )('report.onboard', (trx) => onboardWriter(trx, report, code, renewPassword));
    const tables = REPORT_TABLES.map(({ name }) => `${report}.${name}`);
    return { ...(await libraryLogin(store, report, login)), tables };
  });
}

/** Lets an organisation go: role, rights and sessions. Throws StartError. */
export function removeReporter(code: string): Promise<LetGo> {
  const config = configOfProcess();
  return withLoginStore(config, ({ knex, libraries: { report } }) =>
    auditedIn(knex, config.node, code)('report.remove', (trx) => offboardWriter(trx, report, code)),
  );
}

/**
 * Makes the 上报库 in a business system's own PostgreSQL, which the node then reads by HUB_REPORT_URLS.
 * Throws StartError when that database can't be used.
 */
export async function prepareLibrary(url: string): Promise<void> {
  try {
    const knex = openDatabase({ url, schema: FOREIGN_SCHEMA, poolSize: 1 });
    await prepareForeign(knex).finally(() => knex.destroy());
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartError(
      `该地址的数据库中无法建立上报库 · the library can not be made in the database at that address: ${why}`,
      whyNot(error),
    );
  }
}

/** The statements that {@link prepareLibrary} would run. */
export function libraryStatements(): string {
  return reportSql(FOREIGN_SCHEMA);
}
