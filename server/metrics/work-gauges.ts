import { Gauge, type Registry } from 'prom-client';
import type { Db } from '../storage/database.js';
import { listDailyTasks } from '../storage/daily-tasks.js';
import { countBehind } from '../storage/release-holders.js';
import { waitingWork } from '../storage/waiting-work.js';
import { countWaiting } from '../storage/work-list.js';

/** Milliseconds that an answer of the database is kept, however many ask. */
const KEPT_MS = 10_000;

/**
 * What waits in the database, asked when somebody looks. All processes of a node show the same, so
 * that a dashboard takes the maximum. When the database is away the last values stay, and
 * `hub_database_up` is 0.
 */
export class WorkGauges {
  readonly #open: Gauge<'destination'>;
  readonly #dead: Gauge<'destination'>;
  readonly #oldest: Gauge<'destination'>;
  readonly #deadMarks: Gauge<'destination'>;
  readonly #oldestMark: Gauge<'destination'>;
  readonly #unnamed: Gauge;
  readonly #behind: Gauge<'province'>;
  readonly #daily: Gauge<'task'>;
  readonly #dailyFailure: Gauge<'task'>;
  readonly #up: Gauge;
  #asked = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  constructor(
    registry: Registry,
    private readonly db: Db,
  ) {
    const registers = [registry];
    const perDestination = (name: string, help: string): Gauge<'destination'> =>
      new Gauge({ registers, name, help, labelNames: ['destination'] });
    this.#open = perDestination('hub_backlog', '待投递 · deliveries that are open');
    this.#dead = perDestination('hub_dead_letters', '死信 · deliveries that a person must look at');
    this.#oldest = perDestination(
      'hub_backlog_age_seconds',
      '最久待投递时间 · age of the oldest open delivery',
    );
    this.#deadMarks = perDestination(
      'hub_dead_marks',
      '被拒绝的不公示标记 · withdrawals and changes of the mark that were refused (F20)',
    );
    this.#oldestMark = perDestination(
      'hub_mark_age_seconds',
      '最久未确认的不公示标记 · age of the oldest withdrawal or change of the mark that is not confirmed (F20)',
    );
    const single = (name: string, help: string): Gauge => new Gauge({ registers, name, help });
    this.#unnamed = single('hub_unattributed', '待记名 · records that wait for a person (R29)');
    this.#behind = new Gauge({
      registers,
      name: 'hub_releases_behind',
      help: '目录落后 · catalogue releases that a province has not yet, at the national node (F2)',
      labelNames: ['province'],
    });
    this.#daily = new Gauge({
      registers,
      name: 'hub_daily_success_timestamp_seconds',
      help: '每日任务最近成功 · when a daily task last went well; before that, since when the node has it (F21)',
      labelNames: ['task'],
    });
    this.#dailyFailure = new Gauge({
      registers,
      name: 'hub_daily_failure_timestamp_seconds',
      help: '每日任务最近失败 · when a daily task last failed; none of a task that never did (F21)',
      labelNames: ['task'],
    });
    this.#up = single('hub_database_up', '数据库可用 · 1 when PostgreSQL answered');
  }

  /**
   * Asks the database, unless it was asked a moment ago. `now`: milliseconds of a clock that nobody
   * sets, as one set back would leave the last values standing for as long. Never throws.
   */
  refresh(now: number): Promise<void> {
    if (now - this.#asked < KEPT_MS) return Promise.resolve();
    this.#asking ??= this.#ask()
      .then(
        () => this.#up.set(1),
        () => this.#up.set(0),
      )
      .finally(() => {
        this.#asked = now;
        this.#asking = undefined;
      });
    return this.#asking;
  }

  async #ask(): Promise<void> {
    const work = await waitingWork(this.db);
    const unnamed = await countWaiting(this.db);
    const provinces = await countBehind(this.db);
    const tasks = await listDailyTasks(this.db);
    const gauges = [this.#open, this.#dead, this.#oldest, this.#deadMarks, this.#oldestMark];
    for (const gauge of gauges) gauge.reset();
    for (const { destination, open, dead, oldestSeconds, ...marks } of work) {
      this.#deadMarks.set({ destination }, marks.deadMarks);
      this.#oldestMark.set({ destination }, marks.oldestMarkSeconds);
      this.#open.set({ destination }, open);
      this.#dead.set({ destination }, dead);
      this.#oldest.set({ destination }, oldestSeconds);
    }
    this.#unnamed.set(unnamed);
    this.#behind.reset();
    this.#daily.reset();
    this.#dailyFailure.reset();
    for (const { name, since, succeededAt, failedAt } of tasks) {
      this.#daily.set({ task: name }, (succeededAt ?? since).getTime() / 1000);
      if (failedAt) this.#dailyFailure.set({ task: name }, failedAt.getTime() / 1000);
    }
    for (const { node, behind } of provinces) this.#behind.set({ province: node }, behind);
  }
}
