import type { Bilingual } from '../domain/errors.js';
import { query, type Db } from './database.js';

/** What the node does once a day. */
export interface DailyTaskRow {
  readonly name: string;
  /** Since when the node does it. */
  readonly since: Date;
  /** When it last went well; null: not yet. */
  readonly succeededAt: Date | null;
  /** When it last failed; null: never. */
  readonly failedAt: Date | null;
  /** Why it last failed; empty: it never did. */
  readonly failureZh: string;
  readonly failureEn: string;
}

/** Keeps what the node does once a day from now on, and forgets what it does no more. */
export async function keepDailyTasks(db: Db, names: readonly string[]): Promise<void> {
  await query(
    db,
    `with gone as (delete from daily_tasks where name <> all (?::text[]))
     insert into daily_tasks (name) select unnest(?::text[]) on conflict do nothing`,
    [names, names],
  );
}

/** Notes that a task went well just now. */
export async function noteDailySuccess(db: Db, name: string): Promise<void> {
  await query(db, 'update daily_tasks set succeeded_at = now() where name = ?', [name]);
}

/** Notes that a task failed just now, and why, in words without content. */
export async function noteDailyFailure(db: Db, name: string, why: Bilingual): Promise<void> {
  await query(
    db,
    'update daily_tasks set failed_at = now(), failure_zh = ?, failure_en = ? where name = ?',
    [why.zh, why.en, name],
  );
}

/** Every task, by name. */
export async function listDailyTasks(db: Db): Promise<DailyTaskRow[]> {
  const { rows } = await query<DailyTaskRow>(
    db,
    `select name, since, succeeded_at as "succeededAt", failed_at as "failedAt",
            failure_zh as "failureZh", failure_en as "failureEn"
       from daily_tasks order by name`,
  );
  return rows;
}
