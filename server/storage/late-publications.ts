import { MessageKind, type Finding } from '#gen/zhengzhao/v1/common_pb.js';
import { Columns } from './columns.js';
import { query, type Db } from './database.js';
import type { Span } from './exchange-report.js';

const IS_LATE = `m.warnings @> '[{"code": "PUBLISHED_LATE"}]'`;

/** A stored message with the warning that its record was published late (VR31). */
export interface LateMessage {
  readonly seq: number;
  readonly finding: Finding;
}

/**
 * Keeps the warning with messages that were stored before they could be published, as those are that
 * another province attributed. With what has it, or has lost its content since, nothing is done.
 */
export async function keepLateWarnings(db: Db, late: readonly LateMessage[]): Promise<void> {
  if (late.length === 0) return;
  const column = new Columns(late);
  await query(
    db,
    `update messages m set warnings = m.warnings || jsonb_build_array(k.finding)
       from unnest(?::bigint[], ?::jsonb[]) as k(seq, finding)
      where m.seq = k.seq and m.payload is not null and not ${IS_LATE}`,
    [column.int8((one) => one.seq), column.jsonb((one) => one.finding)],
  );
}

/** What was published late of one class, of the province that attributed it; a registration's that reported it. */
export interface LatePublicationRow {
  readonly province: string;
  readonly kind: MessageKind;
  readonly count: number;
}

/** Of the messages accepted in the span; records that are not public now are left out (R55). A registration always is. */
export async function countLatePublications(db: Db, span: Span): Promise<LatePublicationRow[]> {
  const { rows } = await query<LatePublicationRow>(
    db,
    `select coalesce(r.named_by, m.source_node) as province, m.kind, count(*) as count
       from messages m
       left join records r on r.kind = m.record_kind and r.owner_org = m.owner_org
                          and r.business_key = m.business_key
      where m.accepted_at >= ? and m.accepted_at < ? and ${IS_LATE}
        and (m.kind = ${MessageKind.REGISTRATION} or r.state <> 3 and not r.non_public)
      group by 1, 2 order by 1, 2`,
    [span.from, span.until],
  );
  return rows;
}
