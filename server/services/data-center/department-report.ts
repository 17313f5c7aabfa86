import type { MessageInitShape } from '@bufbuild/protobuf';
import { z } from 'zod';
import type {
  GetExchangeReportRequest,
  ReceivingDepartmentDaySchema,
} from '#gen/zhengzhao/v1/data_center_pb.js';
import {
  datesOf,
  endOfDay,
  lastDayWithin,
  midnightOf,
} from '../../domain/identifiers/civil-date.js';
import { WORKING_DAYS_ALLOWED } from '../../domain/validation/timeliness.js';
import type { DaysOff } from '../../reference/holidays.js';
import { countDepartmentDays, type DepartmentDayRow } from '../../storage/department-report.js';
import type { DataCenterParts } from '../data-center.js';
import { PAGE_SIZES } from '../page-sizes.js';
import { pageSizeOf } from '../page-token.js';
import { cutPage, decodeKey } from './keyset-page.js';

const PLACE = z.tuple([z.iso.date(), z.string()]);

/** The days of a report, both included. */
export interface ReportDays {
  readonly fromDate: string;
  readonly toDate: string;
}

/** What each receiving department was given on each day, and how far it has come (R26, R33, F22). */
export async function departmentDays(
  { knex, calendar }: Pick<DataCenterParts, 'knex' | 'calendar'>,
  { receivingDeptCode: deptCode, ...request }: GetExchangeReportRequest,
  { fromDate, toDate }: ReportDays,
  nowMs: number,
) {
  const size = pageSizeOf(request.pageSize, PAGE_SIZES.GetExchangeReport);
  const list = ['departments', fromDate, toDate, deptCode];
  const after = decodeKey(list, request.pageToken, PLACE);
  const rows = await countDepartmentDays(knex, {
    span: { from: midnightOf(fromDate), until: endOfDay(toDate) },
    deptCode,
    ...(after && { after }),
    due: datesOf(fromDate, toDate).map((date) => ({ date, at: lateFrom(date, calendar) })),
    now: new Date(nowMs),
    limit: size + 1,
  });
  const page = cutPage(rows, size, list, (row) => [row.date, row.deptCode]);
  return { departments: page.rows.map(toDay), nextPageToken: page.nextPageToken };
}

/** When what was built on a day and has not left becomes late. */
function lateFrom(date: string, { isHoliday }: DaysOff): Date {
  return endOfDay(lastDayWithin(date, WORKING_DAYS_ALLOWED, isHoliday));
}

function toDay({
  date,
  deptCode,
  deptName,
  ...counts
}: DepartmentDayRow): MessageInitShape<typeof ReceivingDepartmentDaySchema> {
  return {
    date,
    receivingDeptCode: deptCode,
    receivingDeptName: deptName,
    packages: BigInt(counts.packages),
    messages: BigInt(counts.messages),
    sent: BigInt(counts.sent),
    deemedDelivered: BigInt(counts.deemedDelivered),
    received: BigInt(counts.received),
    claimed: BigInt(counts.claimed),
    returned: BigInt(counts.returned),
    reassigned: BigInt(counts.reassigned),
    terminated: BigInt(counts.terminated),
    failed: BigInt(counts.failed),
    late: BigInt(counts.late),
  };
}
