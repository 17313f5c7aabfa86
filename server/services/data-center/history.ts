import { HistoryMonthState, type DataCenter } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { ServiceMethods } from '../../doors/service.js';
import { cutoffOf, detachDateOf, type HistoryPolicy } from '../../domain/history/policy.js';
import { civilDateIn } from '../../domain/identifiers/civil-date.js';
import {
  listHotTables,
  listMonths,
  type MonthState,
  type StoredMonth,
} from '../../storage/history-months.js';
import type { DataCenterParts } from '../data-center.js';

/** One whose detaching was interrupted is not seen by anybody either. */
const STATES: Readonly<Record<MonthState, HistoryMonthState>> = {
  attached: HistoryMonthState.ATTACHED,
  detaching: HistoryMonthState.DETACHED,
  detached: HistoryMonthState.DETACHED,
  gone: HistoryMonthState.GONE,
};

/** 历史分月: what an operator plans disks and dumps by. */
export function historyMethods({
  knex,
  history: policy,
  context,
}: DataCenterParts): Pick<ServiceMethods<typeof DataCenter>, 'getHistory'> {
  return {
    async getHistory() {
      const hot = await listHotTables(knex);
      const months = await listMonths(knex);
      return {
        afterDays: policy.afterDays,
        keptMonths: policy.keptMonths ?? 0,
        movesBefore: civilDateIn(cutoffOf(context().nowMs, policy).getTime()),
        histories: hot.map(({ history, rows, bytes }) => ({
          table: history,
          rows: BigInt(rows ?? -1),
          bytes: BigInt(bytes),
          months: months
            .filter((one) => one.history === history)
            .map((one) => describe(one, policy)),
        })),
      };
    },
  };
}

function describe({ month, table, state, rows, bytes }: StoredMonth, policy: HistoryPolicy) {
  return {
    month,
    table,
    state: STATES[state],
    rows: BigInt(rows ?? -1),
    bytes: BigInt(bytes),
    detachesOn: state === 'attached' ? (detachDateOf(month, policy) ?? '') : '',
  };
}
