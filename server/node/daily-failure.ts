import { inBoth, type Bilingual } from '../domain/errors.js';
import { isOutage } from '../storage/outage.js';
import { sqlStateOf } from '../storage/sql-state.js';

/** A daily task that did not do all it should, told in words that operators may read. */
export class DailyFailure extends Error {
  constructor(readonly text: Bilingual) {
    super(inBoth(text));
    this.name = 'DailyFailure';
  }
}

/**
 * Why a daily task failed, as the status shows it. Of what was not thrown on purpose the kind and the
 * SQLSTATE alone: the message of a driver may quote a row, and stays in the log.
 */
export function failureOf(error: unknown): Bilingual {
  if (error instanceof DailyFailure) return error.text;
  if (isOutage(error))
    return {
      zh: '数据库不可用或正在切换。',
      en: 'The database was away or going.',
    };
  const kind = error instanceof Error ? error.name : typeof error;
  const what = [kind, sqlStateOf(error)].filter(Boolean).join(' ');
  return {
    zh: `意外错误(${what}),详见日志“定时任务失败”。`,
    en: `An unexpected error (${what}); the log has it, as "a daily task failed".`,
  };
}
