import type { Knex } from 'knex';
import type { Logger } from 'pino';
import type { DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { CatalogShelf } from '../catalog/shelf.js';
import type { ServiceMethods } from '../doors/service.js';
import type { NodeContext } from '../domain/decision/decision.js';
import type { Bilingual } from '../domain/errors.js';
import type { HistoryPolicy } from '../domain/history/policy.js';
import type { Lane } from '../domain/lane.js';
import type { DaysOff } from '../reference/holidays.js';
import { auditMethods } from './data-center/audit.js';
import { callerMethods } from './data-center/caller.js';
import { disclosureMethods } from './data-center/disclosure.js';
import { searchMethods } from './data-center/enterprise-search.js';
import { historyMethods } from './data-center/history.js';
import { acknowledgementMethods } from './data-center/package-acknowledgement.js';
import { packageMethods } from './data-center/packages.js';
import { reconcileMethods } from './data-center/reconcile.js';
import { reportMethods } from './data-center/report.js';
import { feedMethods } from './data-center/shared-feed.js';
import { statusMethods } from './data-center/status.js';
import { workListMethods } from './data-center/work-list.js';

/** How what anybody may read is kept from taking the database from those who report. */
export interface PublicReads {
  /** Batches of disclosures at once, of up to two connections each, and searches of the public at once. */
  readonly atOnce: number;
  /** Of either, how many may wait; more are refused (BACKLOG_FULL). */
  readonly waiting: number;
}

/** Half of a pool of so many connections is for what anybody may read; three, where there are fewer than six. */
export function publicReadsOf(connections: number): PublicReads {
  return { atOnce: Math.max(1, Math.floor(connections / 6)), waiting: 1_000 };
}

/** What the service needs. */
export interface DataCenterParts {
  readonly knex: Knex;
  /** The node's own code, name and level. */
  readonly node: string;
  readonly nodeName: Bilingual;
  readonly level: 'national' | 'provincial';
  /** Version of the program. */
  readonly version: string;
  readonly startedAt: Date;
  readonly queueBackend: 'redis' | 'postgres';
  /** The node as it is now: clock and catalogue move on. */
  readonly context: () => NodeContext;
  /** Told after a commit which lanes have work. */
  readonly wake: (wakes: readonly Lane[]) => void;
  readonly log: Logger;
  readonly shelf: CatalogShelf;
  /** Releases that the national node has and this one not yet; -1: not known. */
  readonly catalogLag: () => number;
  /** When the national node's list of releases was last seen; undefined: not yet, or never asked. */
  readonly catalogCheckedAt: () => Date | undefined;
  /** When what the node does once a day comes next; undefined: there is no such task here. */
  readonly nextDailyRun: (task: string) => Date | undefined;
  /** Open deliveries at the last look, and the limit past which submissions are refused. */
  readonly backlog: () => number;
  readonly backlogLimit: number;
  readonly calendar: DaysOff;
  readonly history: HistoryPolicy;
  readonly publicReads: PublicReads;
  /** Nodes this one sends to; `push` false when the other side pulls. */
  readonly destinations: readonly { readonly code: string; readonly push: boolean }[];
}

/** The data-centre service of a node: publicity, sharing, packages, attribution, reconciliation. */
export function createDataCenter(parts: DataCenterParts): ServiceMethods<typeof DataCenter> {
  return {
    ...disclosureMethods(parts),
    ...searchMethods(parts),
    ...feedMethods(parts),
    ...packageMethods(parts),
    ...acknowledgementMethods(parts),
    ...workListMethods(parts),
    ...reconcileMethods(parts),
    ...reportMethods(parts),
    ...statusMethods(parts),
    ...historyMethods(parts),
    ...auditMethods(parts),
    ...callerMethods(parts),
  };
}
