import { PackageStatus } from '#gen/zhengzhao/v1/package_pb.js';
import { midnightOf } from '../domain/identifiers/civil-date.js';
import { query, type Db } from './database.js';
import type { Span } from './exchange-report.js';

/** What one receiving department was given on one day, and how far it has come by now. */
export interface DepartmentDayRow {
  readonly date: string;
  readonly deptCode: string;
  readonly deptName: string;
  readonly packages: number;
  readonly messages: number;
  readonly sent: number;
  readonly deemedDelivered: number;
  readonly received: number;
  readonly claimed: number;
  readonly returned: number;
  readonly reassigned: number;
  readonly terminated: number;
  readonly failed: number;
  readonly late: number;
}

/** A page of department days. */
export interface DepartmentDayChoice {
  readonly span: Span;
  /** Empty: every department. */
  readonly deptCode: string;
  /** Day and department that the page comes after. Unset: the first page. */
  readonly after?: readonly [date: string, deptCode: string];
  /** For each day of the span, the moment from which what has not left is late. */
  readonly due: readonly { readonly date: string; readonly at: Date }[];
  readonly now: Date;
  readonly limit: number;
}

const { BUILT, SENT, DEEMED_DELIVERED, FAILED, RECEIVED, CLAIMED, RETURNED } = PackageStatus;
const { REASSIGNED, TERMINATED } = PackageStatus;
const LEFT = [SENT, DEEMED_DELIVERED, RECEIVED, CLAIMED, RETURNED].join(', ');
const STILL_HERE = [BUILT, FAILED].join(', ');

/** Counts packages per department and day of building, in that order, with the steps they took. */
export async function countDepartmentDays(
  db: Db,
  { span, deptCode, after, due, now, limit }: DepartmentDayChoice,
): Promise<DepartmentDayRow[]> {
  const from = after ? startOf(after[0], span) : span.from;
  const took = (status: PackageStatus): string => `bool_or(s.status = ${status})`;
  const { rows } = await query<DepartmentDayRow>(
    db,
    `with one as (
       select to_char(p.created_at at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as date,
              p.dept_code, p.dept_name, p.record_count, p.status,
              bool_or(s.status in (${LEFT})) as sent,
              ${took(DEEMED_DELIVERED)} as deemed, ${took(RECEIVED)} as received,
              ${took(CLAIMED)} as claimed, ${took(RETURNED)} as returned,
              ${took(REASSIGNED)} as reassigned, ${took(TERMINATED)} as terminated,
              min(s.at) filter (where s.status not in (${STILL_HERE})) as left_at
         from all_packages p join all_package_steps s using (package_id)
        where p.created_at >= ? and p.created_at < ? and (? = '' or p.dept_code = ?)
          -- No package ends before it was built: older months of the history are not even opened.
          and (p.ended_at is null or p.ended_at >= ?) and (s.ended_at is null or s.ended_at >= ?)
        group by p.seq, p.created_at, p.dept_code, p.dept_name, p.record_count, p.status)
     select date, dept_code as "deptCode", max(dept_name) as "deptName", count(*) as packages,
            sum(record_count) as messages, count(*) filter (where sent) as sent,
            count(*) filter (where deemed) as "deemedDelivered",
            count(*) filter (where received) as received,
            count(*) filter (where claimed) as claimed,
            count(*) filter (where returned) as returned,
            count(*) filter (where reassigned) as reassigned,
            count(*) filter (where terminated) as terminated,
            count(*) filter (where status = ${FAILED}) as failed,
            count(*) filter (where coalesce(left_at, ?::timestamptz) >= due.at) as late
       from one join unnest(?::text[], ?::timestamptz[]) as due(date, at) using (date)
      where (date, dept_code) > (?, ?)
      group by date, dept_code order by date, dept_code limit ?`,
    [
      from,
      span.until,
      deptCode,
      deptCode,
      from,
      from,
      now,
      due.map((one) => one.date),
      due.map((one) => one.at),
      ...(after ?? ['', '']),
      limit,
    ],
  );
  return rows;
}

/** Days before the place of a page need not be read again. */
function startOf(date: string, { from }: Span): Date {
  const start = midnightOf(date);
  return start > from ? start : from;
}
