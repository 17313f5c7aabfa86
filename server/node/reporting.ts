import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { Intake } from '../intake/intake.js';
import { FOREIGN_SCHEMA } from '../report/foreign.js';
import { startExtractor, type ExtractorParts } from '../report/extractor.js';
import { FrontDesk } from '../services/front-desk.js';
import { actsForOf } from '../storage/access.js';
import { openDatabase } from '../storage/database.js';
import { libraryNames } from '../storage/library-names.js';
import type { Closers } from './closers.js';
import type { Delivering } from './delivering.js';
import type { Judging } from './judging.js';
import type { Store } from './store.js';

interface Desks {
  readonly intake: Intake;
  readonly judge: Judging;
  readonly delivering: Delivering;
}

/** Takes what business systems write into the node's 上报库, and into theirs (R50, HUB_REPORT_URLS). */
export function openReporting(
  config: Config,
  store: Store,
  { intake, judge, delivering }: Desks,
  log: Logger,
  closers: Closers,
): void {
  if (config.process === 'api') return;
  const desk = new FrontDesk({
    node: config.node,
    intake,
    validation: judge.validation,
    backlog: delivering.backlog,
  });
  const shared = {
    log,
    validation: judge.validation,
    actsFor: (writers: readonly string[]) => actsForOf(store.knex, writers),
    intervalMs: config.sweepMs,
    takeEach: desk.takeEach.bind(desk),
  };
  const start = (parts: ExtractorParts): void => {
    const extractor = startExtractor(parts);
    closers.add(() => extractor.stop());
  };
  const { report } = libraryNames(config.databaseSchema);
  start({ ...shared, ...store, library: report, source: report });
  for (const url of config.reportUrls) {
    // A pool opens nothing by itself: a database that is away delays no start.
    const knex = openDatabase({ url, schema: FOREIGN_SCHEMA, poolSize: 2 });
    closers.add(() => knex.destroy());
    start({ ...shared, knex, url, library: FOREIGN_SCHEMA, source: placeOf(url) });
  }
}

/** Host and database of an address, without user and password. */
function placeOf(url: string): string {
  const { host, pathname } = new URL(url);
  return host + pathname;
}
