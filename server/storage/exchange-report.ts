import { Effect, MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { DeliveryAction } from '#gen/zhengzhao/v1/exchange_pb.js';
import { query, type Db } from './database.js';
import { isWaiting } from './work-list.js';

/** A span of time, the end not included. */
export interface Span {
  readonly from: Date;
  readonly until: Date;
}

/** What one source sent of one class. */
export interface IntakeRow {
  readonly kind: MessageKind;
  readonly origin: string;
  readonly accepted: number;
  readonly stale: number;
  readonly named: number;
  readonly waiting: number;
  readonly published: number;
  readonly nonPublic: number;
}

/**
 * Messages accepted in the span. Naming and publication are as they stand now, of the message
 * that is the record's, or the enterprise's, current version. `publisher`: the province whose
 * enterprises the node publishes; empty: all.
 */
export async function countIntake(db: Db, span: Span, publisher: string): Promise<IntakeRow[]> {
  const { rows } = await query<IntakeRow>(
    db,
    `select m.kind, m.origin, count(*) as accepted,
            count(*) filter (where m.effect = ${Effect.STALE}) as stale,
            count(*) filter (where r.naming = 2) as named,
            count(*) filter (where ${isWaiting('r')}) as waiting,
            count(*) filter (where (r.state = 1 and not r.non_public
                                    and r.published_at is not null)
                                or e.uscc is not null) as published,
            count(*) filter (where r.non_public) as "nonPublic"
       from messages m
       left join records r on r.kind = m.record_kind and r.owner_org = m.owner_org
                          and r.business_key = m.business_key and r.message_seq = m.seq
                          and r.state <> 3
       left join enterprises e on m.kind = ${MessageKind.REGISTRATION} and e.uscc = m.entity
                              and e.message_seq = m.seq and (? = '' or e.home_node = ?)
      where m.accepted_at >= ? and m.accepted_at < ?
      group by m.kind, m.origin order by m.kind, m.origin`,
    [publisher, publisher, span.from, span.until],
  );
  return rows;
}

/** Deliveries opened in the span, by all that describes them. */
export interface DeliveryCountRow {
  readonly destination: string;
  readonly kind: MessageKind;
  readonly action: DeliveryAction;
  readonly state: number;
  readonly rule: string;
  readonly count: number;
}

/** Deliveries opened in the span, counted. */
export async function countDeliveries(db: Db, span: Span): Promise<DeliveryCountRow[]> {
  const { rows } = await query<DeliveryCountRow>(
    db,
    `select destination, kind, action, state, rule, count(*) as count from all_deliveries
      where created_at >= ? and created_at < ?
      group by destination, kind, action, state, rule
      order by destination, kind, action, state, rule`,
    [span.from, span.until],
  );
  return rows;
}

/** Packages built in the span, by status and the rules that chose the department. */
export interface PackageCountRow {
  readonly status: number;
  readonly rules: string[];
  readonly count: number;
}

/** Packages built in the span, counted. */
export async function countPackages(db: Db, span: Span): Promise<PackageCountRow[]> {
  const { rows } = await query<PackageCountRow>(
    db,
    `select status, rules, count(*) as count from all_packages
      where created_at >= ? and created_at < ? group by status, rules order by status, rules`,
    [span.from, span.until],
  );
  return rows;
}

/** How often a rule refused. */
export interface RefusalCountRow {
  readonly reason: ErrorReason;
  /** Empty when the reason is not a validation rule. */
  readonly rule: string;
  readonly count: number;
}

/** Refusals in the span; one that broke several rules counts for each of them. */
export async function countRefusals(db: Db, span: Span): Promise<RefusalCountRow[]> {
  const { rows } = await query<RefusalCountRow>(
    db,
    `select reason, coalesce(rule, '') as rule, count(*) as count
       from all_refusals left join lateral unnest(rules) as rule on true
      where at >= ? and at < ? group by 1, 2 order by 1, 2`,
    [span.from, span.until],
  );
  return rows;
}

/**
 * Records that are not public and that the national node has nevertheless (R55): it acknowledged
 * them and has not acknowledged a withdrawal since. A record that came from the national node
 * counts only if a withdrawal of it is under way: otherwise the mark is the national node's own.
 */
export async function countGoneUp(db: Db, nationalNode: string): Promise<number> {
  const ofRecord = (alias: string): string =>
    `${alias}.record_kind <> 0 and ${alias}.record_kind = r.kind
       and ${alias}.owner_org = r.owner_org and ${alias}.business_key = r.business_key`;
  const { rows } = await query<{ n: number }>(
    db,
    `select count(*) as n from records r
      cross join lateral (
        select max(d.id) filter (where d.action = ${DeliveryAction.CARRY} and d.state = 2) as carried,
               max(d.id) filter (where d.action = ${DeliveryAction.WITHDRAW}
                                   and d.state = 2) as withdrawn,
               max(d.id) filter (where d.action = ${DeliveryAction.WITHDRAW}
                                   and d.state in (1, 3)) as withdrawing
          from messages m join all_deliveries d on d.message_seq = m.seq
         where ${ofRecord('m')} and d.destination = ?) as up
       left join record_reach old on old.record_kind = r.kind and old.owner_org = r.owner_org
                                 and old.business_key = r.business_key and old.destination = ?
      cross join lateral (
        select greatest(up.carried, old.carried) as carried,
               greatest(up.withdrawn, old.withdrawn, 0) as withdrawn) as ever
      where r.non_public and r.state <> 3 and ever.carried > ever.withdrawn
        and (r.origin <> ? or up.withdrawing > ever.withdrawn)`,
    [nationalNode, nationalNode, nationalNode],
  );
  return rows[0]?.n ?? 0;
}
