import type { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import type { Knex } from 'knex';
import { midnightOf } from '../domain/identifiers/civil-date.js';
import type { Db } from './database.js';

/** What is compared with the peer. */
export interface ExchangeRange {
  readonly peer: string;
  /** Civil dates in Asia/Shanghai, both included. */
  readonly fromDate: string;
  readonly toDate: string;
  /** 0: all classes. */
  readonly kind: MessageKind;
}

/** A day and class, or slices of it; no slices: all. */
export interface ExchangePart {
  readonly date: string;
  readonly kind: MessageKind;
  readonly slices: readonly number[];
}

/** Slices of a day and class: by the first byte of the SHA-256 of `source/id`. */
const SLICES = 256;

/** Count and digest of one slice of a day and class. */
export interface ExchangeSlice extends ExchangeBucket {
  readonly slice: number;
}

/** Count and digest of one day and class. */
export interface ExchangeBucket {
  readonly date: string;
  readonly kind: MessageKind;
  readonly count: number;
  /** SHA-256 over the sorted lines `source/id:digest`, lower-case hex. */
  readonly digest: string;
}

/** One message that both nodes should hold. */
export interface ExchangedMessage {
  readonly sourceNode: string;
  readonly messageId: string;
  readonly kind: MessageKind;
  readonly digest: string;
}

/**
 * What this node and a peer exchanged and both still hold (F21), so that either side computes the
 * same set from its own tables:
 *
 * - A message crossed the link when the peer acknowledged it (a delivery of ours), or when the peer
 *   brought it (origin). A province finds what it reported by the first and what came down by the
 *   second; the national node finds the same messages the other way round. What came down and went
 *   up again named is one message, and one of the two holds on each side.
 * - Nothing of a record that is not public, and nothing whose content was deleted.
 * - After a withdrawal the peer holds only what was carried to it since: older versions that were
 *   deleted there are left out here, too (D7). What was reported at the peer it keeps.
 * - Stale versions are kept by both, so they count on both sides.
 * - A message of which the peer was given a rewritten copy counts by the digest that it was sent with (D5).
 * - The day is that of acceptance at the message's source, which travels with it as the first hop.
 *
 * Of history only the months are read since which the messages can have been acknowledged: what a daily
 * comparison costs does not grow with it. Messages of months that were detached are not found.
 */
const EXCHANGED = `
  with withdrawals as (
    select record_kind, owner_org, business_key, max(id) as withdrawn from (
      select w.record_kind, w.owner_org, w.business_key, d.id
        from all_deliveries d join messages w on w.seq = d.message_seq
       where d.destination = :peer and d.action = ${DeliveryAction.WITHDRAW} and w.record_kind <> 0
       union all
      select record_kind, owner_org, business_key, withdrawn from record_reach
       where destination = :peer and withdrawn is not null) as told
     group by 1, 2, 3),
  exchanged as (
    select m.source_node, m.message_id, m.kind,
           encode(coalesce(copy.digest, m.digest), 'hex') as digest, source.date
      from messages m
     cross join lateral (
       select to_char(coalesce(nullif(m.hops -> 0 ->> 'at', '')::timestamptz, m.accepted_at)
                      at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as date offset 0) as source
      left join records r on r.kind = m.record_kind and r.owner_org = m.owner_org
                         and r.business_key = m.business_key
      left join sent_copies copy on copy.message_seq = m.seq and copy.destination = :peer
      left join withdrawals last on last.record_kind = m.record_kind
                                and last.owner_org = m.owner_org
                                and last.business_key = m.business_key
     where m.accepted_at >= cast(:notBefore as timestamptz)
       and source.date between :fromDate and :toDate
       and m.payload is not null and (cast(:kind as int) = 0 or m.kind = cast(:kind as int))
       and (m.record_kind = 0 or (not r.non_public and r.state <> 3))
       and ((m.origin = :peer and (last.withdrawn is null or m.source_node = :peer))
            or exists (select 1 from all_deliveries c
                        where c.message_seq = m.seq and c.destination = :peer and c.state = 2
                          and (c.settled_at is null
                               or c.settled_at >= cast(:settledSince as timestamptz))
                          and c.action = ${DeliveryAction.CARRY}
                          and c.id > coalesce(last.withdrawn, 0))))`;

/** The slice of a message, and what its digest is made of. */
const SLICE = `get_byte(sha256(convert_to(source_node || '/' || message_id, 'UTF8')), 0)`;
const LINE = `source_node || '/' || message_id || ':' || digest || chr(10)`;
const DIGEST = `encode(sha256(convert_to(string_agg(line, '' order by line collate "C"), 'UTF8')),
                       'hex')`;

/** No message is here before its source had it, but for clocks that differ by less than a day. */
const CLOCK_MARGIN_MS = 86_400_000;

type Bindings = Readonly<Record<string, string | number | readonly (string | number)[]>>;

function bindings(range: ExchangeRange): Bindings {
  const start = midnightOf(range.fromDate).getTime();
  return {
    ...range,
    notBefore: new Date(start - CLOCK_MARGIN_MS).toISOString(),
    settledSince: new Date(start - 2 * CLOCK_MARGIN_MS).toISOString(),
  };
}

async function select<Row>(db: Db, sql: string, values: Bindings): Promise<Row[]> {
  const { rows }: { rows: Row[] } = await db.raw(sql, values as Knex.ValueDict);
  return rows;
}

/** For sorting what a busy week exchanged without going to the disk. */
const SORT_MEMORY = '128MB';

async function sums<Row>(db: Knex, sql: string, values: Bindings): Promise<Row[]> {
  return db.transaction(async (trx) => {
    await trx.raw(`set local work_mem = '${SORT_MEMORY}'`);
    return select<Row>(trx, sql, values);
  });
}

/** Every day and class in the range that has a message, in their order. */
export function exchangeBuckets(db: Knex, range: ExchangeRange): Promise<ExchangeBucket[]> {
  return sums<ExchangeBucket>(
    db,
    `${EXCHANGED}
     select date, kind, count(*) as count, ${DIGEST} as digest
       from (select date, kind, ${LINE} as line from exchanged) as lines
      group by date, kind order by date, kind`,
    bindings(range),
  );
}

/** Every slice of these days and classes that has a message; all slices, whichever they name. */
export function exchangeSlices(
  db: Knex,
  range: ExchangeRange,
  parts: readonly ExchangePart[],
): Promise<ExchangeSlice[]> {
  return sums<ExchangeSlice>(
    db,
    `${EXCHANGED}
     select date, kind, slice, count(*) as count, ${DIGEST} as digest
       from (select date, kind, ${SLICE} as slice, ${LINE} as line from exchanged
              where (date, kind) in (select * from unnest(cast(:dates as text[]),
                                                          cast(:kinds as int[])))) as lines
      group by date, kind, slice order by date, kind, slice`,
    {
      ...bindings(range),
      dates: parts.map((one) => one.date),
      kinds: parts.map((one) => one.kind),
    },
  );
}

/** The messages themselves, by source and id, after the last one seen; of these parts, when given. */
export function exchangedMessages(
  db: Db,
  range: ExchangeRange,
  parts: readonly ExchangePart[],
  after: Pick<ExchangedMessage, 'sourceNode' | 'messageId'> | undefined,
  limit: number,
): Promise<ExchangedMessage[]> {
  const named = parts.flatMap(({ date, kind, slices }) =>
    (slices.length > 0 ? slices : Array.from({ length: SLICES }, (_, slice) => slice)).map(
      (slice) => ({ date, kind, slice }),
    ),
  );
  const inParts = `(date, kind, ${SLICE}) in (
    select * from unnest(cast(:dates as text[]), cast(:kinds as int[]), cast(:slices as int[])))`;
  return select<ExchangedMessage>(
    db,
    `${EXCHANGED}
     select source_node as "sourceNode", message_id as "messageId", kind, digest
       from exchanged
      where (source_node collate "C", message_id collate "C") > (:afterNode, :afterId)
        ${named.length > 0 ? `and ${inParts}` : ''}
      order by source_node collate "C", message_id collate "C" limit :limit`,
    {
      ...bindings(range),
      afterNode: after?.sourceNode ?? '',
      afterId: after?.messageId ?? '',
      limit,
      ...(named.length > 0 && {
        dates: named.map((one) => one.date),
        kinds: named.map((one) => one.kind),
        slices: named.map((one) => one.slice),
      }),
    },
  );
}
