import type { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
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
 *   deleted there are left out here, too (D7).
 * - Stale versions are kept by both, so they count on both sides.
 * - The day is that of acceptance at the message's source, which travels with it as the first hop.
 */
const EXCHANGED = `
  select m.source_node, m.message_id, m.kind, encode(m.digest, 'hex') as digest, source.date
    from messages m
   cross join lateral (
     select to_char(coalesce(nullif(m.hops -> 0 ->> 'at', '')::timestamptz, m.accepted_at)
                    at time zone 'Asia/Shanghai', 'YYYY-MM-DD') as date) as source
    left join records r on r.kind = m.record_kind and r.owner_org = m.owner_org
                       and r.business_key = m.business_key
    left join lateral (
      select max(d.id) as withdrawn from messages w join deliveries d on d.message_seq = w.seq
       where w.record_kind <> 0 and w.record_kind = m.record_kind and w.owner_org = m.owner_org
         and w.business_key = m.business_key and d.destination = :peer
         and d.action = ${DeliveryAction.WITHDRAW}) as last on true
   where m.accepted_at >= cast(:notBefore as timestamptz)
     and source.date between :fromDate and :toDate
     and m.payload is not null and (cast(:kind as int) = 0 or m.kind = cast(:kind as int))
     and (m.record_kind = 0 or (not r.non_public and r.state <> 3))
     and ((m.origin = :peer and last.withdrawn is null)
          or exists (select 1 from deliveries c
                      where c.message_seq = m.seq and c.destination = :peer and c.state = 2
                        and c.action = ${DeliveryAction.CARRY}
                        and c.id > coalesce(last.withdrawn, 0)))`;

/** No message is here before its source had it, but for clocks that differ by less than a day. */
const CLOCK_MARGIN_MS = 86_400_000;

function bindings(range: ExchangeRange): Record<string, string | number> {
  const start = Date.parse(`${range.fromDate}T00:00:00+08:00`);
  return { ...range, notBefore: new Date(start - CLOCK_MARGIN_MS).toISOString() };
}

async function select<Row>(db: Db, sql: string, values: Record<string, string | number>) {
  const { rows }: { rows: Row[] } = await db.raw(sql, values);
  return rows;
}

/** Every day and class in the range that has a message, in their order. */
export function exchangeBuckets(db: Db, range: ExchangeRange): Promise<ExchangeBucket[]> {
  return select<ExchangeBucket>(
    db,
    `select date, kind, count(*) as count,
            encode(sha256(convert_to(string_agg(line, '' order by line collate "C"), 'UTF8')),
                   'hex') as digest
       from (select date, kind, source_node || '/' || message_id || ':' || digest || chr(10) as line
               from (${EXCHANGED}) as exchanged) as lines
      group by date, kind order by date, kind`,
    bindings(range),
  );
}

/** The messages themselves, by source and id, after the last one seen. */
export function exchangedMessages(
  db: Db,
  range: ExchangeRange,
  after: Pick<ExchangedMessage, 'sourceNode' | 'messageId'> | undefined,
  limit: number,
): Promise<ExchangedMessage[]> {
  return select<ExchangedMessage>(
    db,
    `select source_node as "sourceNode", message_id as "messageId", kind, digest
       from (${EXCHANGED}) as exchanged
      where (source_node collate "C", message_id collate "C") > (:afterNode, :afterId)
      order by source_node collate "C", message_id collate "C" limit :limit`,
    {
      ...bindings(range),
      afterNode: after?.sourceNode ?? '',
      afterId: after?.messageId ?? '',
      limit,
    },
  );
}
