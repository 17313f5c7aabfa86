import type { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { query, type Db } from './database.js';
import type { Span } from './exchange-report.js';
import { isWaiting } from './work-list.js';

/** What one sender sent of one class on one day. */
export interface SenderDayRow {
  readonly date: string;
  readonly sourceOrg: string;
  readonly kind: MessageKind;
  readonly accepted: number;
  readonly refused: number;
  readonly waiting: number;
  readonly late: number;
}

const DAY = (instant: string): string =>
  `to_char(${instant} at time zone 'Asia/Shanghai', 'YYYY-MM-DD')`;

/** Per sender, class and day: what systems of the node's own level sent. */
export async function countSenderDays(db: Db, span: Span): Promise<SenderDayRow[]> {
  const { rows } = await query<SenderDayRow>(
    db,
    `select date, source_org as "sourceOrg", kind, sum(accepted) as accepted,
            sum(refused) as refused, sum(waiting) as waiting, sum(late) as late
       from (
         select ${DAY('m.accepted_at')} as date, m.source_org, m.kind, 1 as accepted, 0 as refused,
                (${isWaiting('r')})::int as waiting,
                (m.warnings @> '[{"code": "LATE"}]')::int as late
           from messages m
           left join records r on r.kind = m.record_kind and r.owner_org = m.owner_org
                              and r.business_key = m.business_key and r.message_seq = m.seq
          where m.origin = 'client' and m.accepted_at >= ? and m.accepted_at < ?
         union all
         select ${DAY('at')}, source_org, kind, 0, 1, 0, 0 from all_refusals
          where origin = 'client' and at >= ? and at < ?) as sent
      group by 1, 2, 3 order by 1, 2, 3`,
    [span.from, span.until, span.from, span.until],
  );
  return rows.map((row) => ({
    ...row,
    accepted: Number(row.accepted),
    refused: Number(row.refused),
    waiting: Number(row.waiting ?? 0),
    late: Number(row.late),
  }));
}

/** Messages of a sender, class and day with a finding of one dimension. */
export interface QualityRow {
  readonly date: string;
  readonly sourceOrg: string;
  readonly kind: MessageKind;
  readonly dimension: string;
  readonly refused: number;
  readonly warned: number;
}

/** Counts findings by the dimensions that a table of codes gives them; a message counts once each. */
export async function countQuality(
  db: Db,
  span: Span,
  table: readonly { readonly code: string; readonly dimension: string }[],
): Promise<QualityRow[]> {
  const { rows } = await query<QualityRow>(
    db,
    `with classed as (select * from unnest(?::text[], ?::text[]) as x(code, dimension)),
     found as (
       select distinct ${DAY('m.accepted_at')} as date, m.source_org, m.kind, c.dimension,
              'm' || m.seq as one, 0 as refused, 1 as warned
         from messages m cross join lateral jsonb_to_recordset(m.warnings) as f(code text)
         join classed c on c.code = f.code
        where m.origin = 'client' and m.accepted_at >= ? and m.accepted_at < ?
       union all
       select distinct ${DAY('r.at')}, r.source_org, r.kind, c.dimension, 'r' || r.id, 1, 0
         from all_refusals r cross join lateral unnest(r.codes) as code
         join classed c on c.code = code.code
        where r.origin = 'client' and r.at >= ? and r.at < ?)
     select date, source_org as "sourceOrg", kind, dimension, sum(refused)::int as refused,
            sum(warned)::int as warned
       from found group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
    [
      table.map((one) => one.code),
      table.map((one) => one.dimension),
      span.from,
      span.until,
      span.from,
      span.until,
    ],
  );
  return rows;
}

/** A sender that has fallen silent. */
export interface SilentSenderRow {
  readonly sourceOrg: string;
  readonly lastSeenAt: Date;
  readonly silentDays: number;
  readonly usualPerDay: number;
}

/**
 * Senders silent for at least three days and three times as long as they usually pause, judged by
 * the thirty days before their last message. Those that sent on fewer than three days have no habit.
 */
export async function silentSenders(db: Db, now: Date): Promise<SilentSenderRow[]> {
  const { rows } = await query<SilentSenderRow>(
    db,
    `with last as (
       select source_org, max(accepted_at) as at from messages
        where origin = 'client' and source_org <> '' group by source_org),
     habit as (
       select l.source_org, l.at, count(*) as messages,
              count(distinct (m.accepted_at at time zone 'Asia/Shanghai')::date) as days
         from last l join messages m on m.source_org = l.source_org and m.origin = 'client'
                                    and m.accepted_at > l.at - interval '30 days'
        group by l.source_org, l.at)
     select source_org as "sourceOrg", at as "lastSeenAt",
            extract(day from ?::timestamptz - at)::int as "silentDays",
            messages / 30.0::float8 as "usualPerDay"
       from habit
      where days >= 3
        and ?::timestamptz - at >= greatest(interval '3 days', 3 * interval '30 days' / days)
      order by at`,
    [now, now],
  );
  return rows;
}

/** Enterprises whose licence for an item has not come back. */
export interface AwaitedRow {
  readonly permitItemCode: string;
  readonly count: number;
  readonly over30Days: number;
  readonly over90Days: number;
  readonly oldestDate: string;
}

/**
 * Counts them for the items given, of the enterprises that this node keeps (R12, R15): by the age of the
 * event since which an enterprise states the item, whatever it changed after that.
 */
export async function countAwaited(
  db: Db,
  node: string,
  items: readonly string[],
  today: string,
): Promise<AwaitedRow[]> {
  const { rows } = await query<AwaitedRow>(
    db,
    `select item as "permitItemCode", count(*) as count,
            count(*) filter (where ?::date - since::date > 30) as "over30Days",
            count(*) filter (where ?::date - since::date > 90) as "over90Days",
            min(since) as "oldestDate"
       from enterprises e
      cross join lateral unnest(e.permit_items) as item
      cross join lateral coalesce(
        case when e.items_since_seq = e.message_seq then e.items_since ->> item end,
        e.effective_date) as since
      where e.home_node = ? and not e.cancelled and e.permit_items && ?::text[]
        and item = any(?::text[])
        and not exists (select 1 from records r
                         where r.uscc = e.uscc and r.kind = 2 and r.state = 1
                           and r.permit_item_code = item)
      group by item order by item`,
    [today, today, node, items, items],
  );
  return rows;
}
