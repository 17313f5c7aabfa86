import type { Knex } from 'knex';
import * as node from './001-node.js';
import * as reconciliations from './005-reconciliations.js';
import * as channels from './006-channels.js';
import * as share from './007-share.js';
import * as report from './008-report.js';
import * as access from './009-access.js';
import * as audit from './010-audit.js';
import * as replays from './011-replays.js';
import * as releaseHolders from './012-release-holders.js';
import * as restorations from './013-restorations.js';
import * as replayReasons from './014-replay-reasons.js';
import * as history from './015-history.js';
import * as marksFirst from './016-marks-first.js';
import * as citations from './017-citations.js';
import * as codeComments from './018-code-comments.js';
import * as hiddenLicences from './019-hidden-licences.js';
import * as awaitedSince from './020-awaited-since.js';
import * as refusedPackages from './021-refused-packages.js';
import * as givenUpPackages from './022-given-up-packages.js';
import * as dailyTasks from './023-daily-tasks.js';
import * as packagesByDay from './024-packages-by-day.js';
import * as dailyFailures from './025-daily-failures.js';
import * as defects from './026-defects.js';

/** A step forward. */
export interface Migration {
  readonly name: string;
  /** False: runs outside a transaction, for `create index concurrently` alone. Unset: in one. */
  readonly transaction?: false;
  readonly up: (knex: Knex) => Promise<void>;
  readonly down: (knex: Knex) => Promise<void>;
}

/** Append only. Names carry no file ending, so that compiled and uncompiled nodes agree. */
const migrations: readonly Migration[] = [
  { name: '001-node', up: node.up, down: node.down },
  { name: '005-reconciliations', up: reconciliations.up, down: reconciliations.down },
  { name: '006-channels', up: channels.up, down: channels.down },
  { name: '007-share', up: share.up, down: share.down },
  { name: '008-report', up: report.up, down: report.down },
  { name: '009-access', up: access.up, down: access.down },
  { name: '010-audit', up: audit.up, down: audit.down },
  { name: '011-replays', up: replays.up, down: replays.down },
  { name: '012-release-holders', up: releaseHolders.up, down: releaseHolders.down },
  { name: '013-restorations', up: restorations.up, down: restorations.down },
  { name: '014-replay-reasons', up: replayReasons.up, down: replayReasons.down },
  { name: '015-history', up: history.up, down: history.down },
  {
    name: '016-marks-first',
    transaction: marksFirst.transaction,
    up: marksFirst.up,
    down: marksFirst.down,
  },
  { name: '017-citations', up: citations.up, down: citations.down },
  { name: '018-code-comments', up: codeComments.up, down: codeComments.down },
  {
    name: '019-hidden-licences',
    transaction: hiddenLicences.transaction,
    up: hiddenLicences.up,
    down: hiddenLicences.down,
  },
  { name: '020-awaited-since', up: awaitedSince.up, down: awaitedSince.down },
  { name: '021-refused-packages', up: refusedPackages.up, down: refusedPackages.down },
  {
    name: '022-given-up-packages',
    transaction: givenUpPackages.transaction,
    up: givenUpPackages.up,
    down: givenUpPackages.down,
  },
  { name: '023-daily-tasks', up: dailyTasks.up, down: dailyTasks.down },
  {
    name: '024-packages-by-day',
    transaction: packagesByDay.transaction,
    up: packagesByDay.up,
    down: packagesByDay.down,
  },
  { name: '025-daily-failures', up: dailyFailures.up, down: dailyFailures.down },
  { name: '026-defects', up: defects.up, down: defects.down },
];

/** Gives Knex the migrations without looking at the file system. */
export const migrationSource = sourceOf(migrations);

/** The migrations up to one of them, as the version that ended with it had them. */
export function migrationsUntil(name: string): Knex.MigrationSource<Migration> {
  const last = migrations.findIndex((migration) => migration.name === name);
  if (last < 0) throw new Error(`没有该迁移 · there is no migration ${name}.`);
  return sourceOf(migrations.slice(0, last + 1));
}

/** A list of migrations, as Knex takes it. */
export function sourceOf(list: readonly Migration[]): Knex.MigrationSource<Migration> {
  return {
    getMigrations: () => Promise.resolve([...list]),
    getMigrationName: (migration) => migration.name,
    getMigration: (migration) => Promise.resolve({ up: migration.up, down: migration.down }),
  };
}
