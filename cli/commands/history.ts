import { toJson } from '@bufbuild/protobuf';
import {
  DataCenter,
  GetHistoryResponseSchema,
  HistoryMonthState,
  type GetHistoryResponse,
  type History,
  type HistoryMonth,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import type { Answer } from '../answer.js';
import { addCommand, type Call, type Group } from '../command.js';
import { factsOf, listOf, tableOf } from '../table.js';

/** `history`: which months of settled work are in history tables, and what becomes of them. */
export const history: Group = (program) => {
  addCommand<object>(program, {
    name: 'history',
    zh: '历史分月:各表各月的行数、大小、是否在用,以及下一步',
    en: 'months of settled work: rows, size, attached or detached, and what happens next',
    run: showHistory,
  });
};

async function showHistory({ hub }: Call<object>): Promise<Answer> {
  const answer = await hub.client(DataCenter).getHistory({});
  return {
    json: toJson(GetHistoryResponseSchema, answer, { alwaysEmitImplicit: true }),
    text: [policyOf(answer), tablesOf(answer), ...answer.histories.map(monthsOf)].join('\n\n'),
  };
}

function policyOf({ afterDays, keptMonths, movesBefore }: GetHistoryResponse): string {
  return factsOf([
    ['归档天数 moves after', `${afterDays} 天 days`],
    ['归档界限 moves what was settled before', movesBefore],
    [
      '保留月数 stays attached for',
      keptMonths === 0 ? '一直 for ever' : `${keptMonths} 个月 months before this one`,
    ],
  ]);
}

function tablesOf({ histories }: GetHistoryResponse): string {
  return tableOf(
    ['数据表 table', '行数 rows', '大小 size'],
    histories.map(({ table, rows, bytes }) => [table, countOf(rows), sizeOf(bytes)]),
  );
}

function monthsOf({ table, months }: History): string {
  const rows = months.map((month) => [
    month.month,
    month.table,
    stateOf(month),
    countOf(month.rows),
    sizeOf(month.bytes),
    nextOf(month),
  ]);
  const head = [
    '月份 month',
    '数据表 table',
    '状态 state',
    '行数 rows',
    '大小 size',
    '下一步 next',
  ];
  return `${table}\n${listOf(head, rows)}`;
}

const STATES: Readonly<Record<HistoryMonthState, string>> = {
  [HistoryMonthState.UNSPECIFIED]: '',
  [HistoryMonthState.ATTACHED]: '在用 attached',
  [HistoryMonthState.DETACHED]: '已分离 detached',
  [HistoryMonthState.GONE]: '已移走 gone',
};

function stateOf({ state }: HistoryMonth): string {
  return STATES[state];
}

function nextOf({ state, detachesOn }: HistoryMonth): string {
  if (state === HistoryMonthState.DETACHED) return '可导出后删除 dump it, then drop it';
  return detachesOn === '' ? '' : `${detachesOn} 分离 detached`;
}

function countOf(rows: bigint): string {
  return rows < 0n ? '?' : String(rows);
}

const MIB = 1024 * 1024;

function sizeOf(bytes: bigint): string {
  return `${(Number(bytes) / MIB).toFixed(1)} MiB`;
}
