import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import type { Knex } from 'knex';
import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import { QualityDimension } from '#gen/zhengzhao/v1/data_center_pb.js';
import type { CatalogView } from '../../domain/catalog/view.js';
import { grouped } from '../../domain/grouped.js';
import { qualityTable, type QualityDimension as Dimension } from '../../domain/quality.js';
import { listReconciliations } from '../../storage/reconciliations.js';
import type { Span } from '../../storage/exchange-report.js';
import {
  countAwaited,
  countQuality,
  countSenderDays,
  silentSenders,
} from '../../storage/sender-report.js';

const dimensions: Readonly<Record<Dimension, QualityDimension>> = {
  completeness: QualityDimension.COMPLETENESS,
  conformity: QualityDimension.CONFORMITY,
  redundancy: QualityDimension.REDUNDANCY,
  relation: QualityDimension.RELATION,
  accuracy: QualityDimension.ACCURACY,
  timeliness: QualityDimension.TIMELINESS,
  coverage: QualityDimension.COVERAGE,
};

/** Comparisons shown. */
const RECONCILIATIONS = 20;

/** Per sender and day, with the seven words. */
export async function senderDays(knex: Knex, span: Span) {
  const days = await countSenderDays(knex, span);
  const quality = await countQuality(knex, span, qualityTable());
  const name = (row: { date: string; sourceOrg: string; kind: number }): string =>
    `${row.date}/${row.sourceOrg}/${row.kind}`;
  const byDay = grouped(quality.map((row) => [name(row), row]));
  return days.map((day) => ({
    date: day.date,
    sourceOrg: day.sourceOrg,
    kind: day.kind,
    accepted: BigInt(day.accepted),
    refused: BigInt(day.refused),
    waiting: BigInt(day.waiting),
    late: BigInt(day.late),
    quality: (byDay.get(name(day)) ?? []).map((row) => ({
      dimension: dimensions[row.dimension as Dimension],
      refused: BigInt(row.refused),
      warned: BigInt(row.warned),
    })),
  }));
}

/** Senders that have fallen silent. */
export async function silence(knex: Knex, nowMs: number) {
  const rows = await silentSenders(knex, new Date(nowMs));
  return rows.map((row) => ({ ...row, lastSeenAt: timestampFromDate(row.lastSeenAt) }));
}

/** Licences that have not come back, for the items that need one (R12, R15). */
export async function awaited(
  knex: Knex,
  node: string,
  catalog: CatalogView | undefined,
  today: string,
) {
  const items = (catalog?.items ?? []).filter(
    ({ reformMode }) => reformMode === ReformMode.COMMITMENT || reformMode === ReformMode.OPTIMISED,
  );
  const rows = await countAwaited(
    knex,
    node,
    items.map((item) => item.permitItemCode),
    today,
  );
  return rows.map((row) => {
    const item = catalog?.item(row.permitItemCode);
    return {
      permitItemCode: row.permitItemCode,
      permitItemName: item?.name ?? '',
      reformMode: item?.reformMode ?? ReformMode.UNSPECIFIED,
      count: BigInt(row.count),
      over30Days: BigInt(row.over30Days),
      over90Days: BigInt(row.over90Days),
      oldestDate: row.oldestDate,
    };
  });
}

/** The newest comparisons with other nodes (F21). */
export async function reconciliations(knex: Knex) {
  const rows = await listReconciliations(knex, RECONCILIATIONS);
  return rows.map((row) => ({
    at: timestampFromDate(row.at),
    peerNode: row.peer,
    fromDate: row.fromDate,
    toDate: row.toDate,
    compared: BigInt(row.compared),
    missingThere: BigInt(row.missingThere),
    missingHere: BigInt(row.missingHere),
    different: BigInt(row.different),
    resent: BigInt(row.resent),
  }));
}
