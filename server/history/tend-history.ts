import { setTimeout as pause } from 'node:timers/promises';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { administered } from '../domain/audit/administration.js';
import type { Month } from '../domain/history/months.js';
import {
  cutoffOf,
  monthsAhead,
  monthsToDetach,
  monthsToMake,
  type HistoryPolicy,
} from '../domain/history/policy.js';
import { appendAudit } from '../storage/audit.js';
import {
  countAnew,
  detachMonth,
  forgetDetached,
  HISTORIES,
  historySince,
  keepReach,
  listMonths,
  makeMonth,
  noteDetached,
  tableOf,
  whileTending,
  type History,
  type StoredMonth,
} from '../storage/history-months.js';
import { isGivingBack } from '../storage/peer-restorations.js';
import { moveRows, nextWindow, type MovedTable } from '../storage/history-moves.js';

/** What tending the history needs. */
export interface HistoryParts {
  readonly knex: Knex;
  readonly log: Logger;
  /** The node's own code. */
  readonly node: string;
  readonly policy: HistoryPolicy;
}

/** What was done. */
export interface Tended {
  /** Names of the tables. */
  readonly made: readonly string[];
  readonly moved: Readonly<Record<MovedTable, number>>;
  readonly detached: readonly string[];
  /** Nothing that is old enough is left, but what others had locked. */
  readonly complete: boolean;
}

/** Rows moved in one transaction; packages have their content with them. */
const BATCH: Readonly<Record<MovedTable, number>> = {
  deliveries: 5_000,
  refusals: 5_000,
  packages: 1_000,
};
/** Histories of which a month is needed to move rows of a table. */
const NEEDED: Readonly<Record<MovedTable, readonly History[]>> = {
  deliveries: ['deliveries'],
  refusals: ['refusals'],
  packages: ['packages', 'package_steps'],
};
const MOVED = ['deliveries', 'refusals', 'packages'] as const satisfies readonly MovedTable[];

/** The rest of a large backlog moves on the next days. */
const RUN_LIMIT_MS = 1_800_000;
/** Longest pause after a batch: as long as the batch took, so that accepts have half of the time alone. */
const PAUSE_CAP_MS = 1_000;
/**
 * Nothing moves in the first day after an upgrade: processes of the version before, which may still run,
 * do not look into the history, and would not call a record back from where it went (R55).
 */
const UPGRADE_MS = 86_400_000;

/**
 * Tends the history: makes months ahead, moves what has been settled for long, and detaches months past
 * the policy, without dropping any. What was begun and interrupted is ended. Undefined when another
 * process of the node is at it. Stops between two batches when `stopping` is aborted.
 */
export async function tendHistory(
  parts: HistoryParts,
  nowMs: number,
  stopping: AbortSignal,
): Promise<Tended | undefined> {
  const until = AbortSignal.any([stopping, AbortSignal.timeout(RUN_LIMIT_MS)]);
  const tended = await whileTending(parts.knex, () => new Run(parts, nowMs, until).run());
  if (tended) parts.log.info(tended, '历史分月已整理 / the history was tended');
  return tended;
}

class Run {
  readonly #made: string[] = [];
  readonly #detached: string[] = [];
  readonly #moved = { deliveries: 0, refusals: 0, packages: 0 };
  readonly #filled = new Set<string>();
  #months: readonly StoredMonth[] = [];

  constructor(
    private readonly parts: HistoryParts,
    private readonly nowMs: number,
    private readonly until: AbortSignal,
  ) {}

  async run(): Promise<Tended> {
    this.#months = await listMonths(this.parts.knex);
    await this.#takeNote();
    for (const history of HISTORIES) await this.#make(history, monthsAhead(this.nowMs));
    const complete = await this.#moveAll();
    for (const table of this.#filled) await countAnew(this.parts.knex, table);
    // What is left of a month would have nowhere to go; and a restored neighbour may be owed its rows.
    if (complete && !(await isGivingBack(this.parts.knex))) await this.#detachAll();
    return { made: this.#made, moved: this.#moved, detached: this.#detached, complete };
  }

  /** What was interrupted before, or done by hand. */
  async #takeNote(): Promise<void> {
    for (const month of this.#months) {
      if (month.state === 'detaching') await this.#detach(month);
      if (month.state === 'detached' && !month.noted) {
        if (month.history === 'deliveries') await keepReach(this.parts.knex, month.table);
        await this.#note(month);
      }
      if (month.state === 'attached' && month.noted) await forgetDetached(this.parts.knex, month);
    }
    this.#months = await listMonths(this.parts.knex);
  }

  async #make(history: History, wanted: readonly Month[]): Promise<void> {
    const known = this.#months.filter((one) => one.history === history);
    const missing = monthsToMake(
      wanted,
      known.map(({ month }) => month),
    );
    for (const month of missing) {
      await makeMonth(this.parts.knex, history, month);
      this.#made.push(tableOf(history, month));
    }
    if (missing.length > 0) this.#months = await listMonths(this.parts.knex);
  }

  async #moveAll(): Promise<boolean> {
    const since = await historySince(this.parts.knex);
    if (!since || this.nowMs < since.getTime() + UPGRADE_MS) return false;
    for (const table of MOVED) if (!(await this.#moveTable(table))) return false;
    return true;
  }

  /** False: it was stopped before everything had moved. */
  async #moveTable(table: MovedTable): Promise<boolean> {
    const cutoff = cutoffOf(this.nowMs, this.parts.policy);
    const limit = BATCH[table];
    for (let after = 0; !this.until.aborted;) {
      const begun = performance.now();
      const window = await nextWindow(this.parts.knex, table, after, { cutoff, limit });
      const months = await this.#ready(table, window.months);
      if (months.length > 0) {
        const choice = { after, last: window.last, cutoff, months };
        this.#moved[table] += await moveRows(this.parts.knex, table, choice);
      }
      if (!window.old || window.rows < limit) return true;
      after = window.last;
      await pause(Math.min(performance.now() - begun, PAUSE_CAP_MS));
    }
    return false;
  }

  /** Those of the months that can take rows; made when they are not there. Rows of detached ones stay. */
  async #ready(table: MovedTable, wanted: readonly Month[]): Promise<Month[]> {
    for (const history of NEEDED[table]) await this.#make(history, wanted);
    const ready = wanted.filter((month) =>
      NEEDED[table].every((history) => this.#attached(history).includes(month)),
    );
    for (const history of NEEDED[table])
      for (const month of ready) this.#filled.add(tableOf(history, month));
    return ready;
  }

  #attached(history: History): Month[] {
    return this.#months
      .filter((one) => one.history === history && one.state === 'attached')
      .map(({ month }) => month);
  }

  async #detachAll(): Promise<void> {
    for (const history of HISTORIES) {
      const old = monthsToDetach(this.#attached(history), this.nowMs, this.parts.policy);
      for (const one of this.#months)
        if (one.history === history && old.includes(one.month) && !this.until.aborted)
          await this.#detach(one);
    }
  }

  /** The audit entry comes last: a run that was killed before it finds the month detached, and notes it. */
  async #detach(one: StoredMonth): Promise<void> {
    if (one.history === 'deliveries') await keepReach(this.parts.knex, one.table);
    await detachMonth(this.parts.knex, one);
    await this.#note(one);
  }

  async #note(one: StoredMonth): Promise<void> {
    const { knex, node, log } = this.parts;
    const { table, rows, bytes } = one;
    await knex.transaction(async (trx) => {
      await noteDetached(trx, one);
      await appendAudit(trx, node, [
        administered('history.detach', `node:${node}`, Date.now(), {
          subject: table,
          outcome: `rows=${rows ?? '?'} bytes=${bytes}`,
        }),
      ]);
    });
    this.#detached.push(table);
    log.info(
      { table, rows, bytes },
      '历史月份已分离,数据表仍在 / a month of history was detached; its table stays',
    );
  }
}
