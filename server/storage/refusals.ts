import { MessageKind } from '#gen/zhengzhao/v1/common_pb.js';
import type { ErrorReason } from '#gen/zhengzhao/v1/error_reason_pb.js';
import { Columns } from './columns.js';
import { query, type Db } from './database.js';

/** A refusal, without any content of the message (F3). */
export interface NewRefusal {
  readonly atMs: number;
  /** `client`, or the node that delivered it. */
  readonly origin: string;
  readonly sourceOrg: string;
  readonly kind: MessageKind;
  readonly reason: ErrorReason;
  /** Ids of the rules that refused it; empty when none did. */
  readonly rules: readonly string[];
  /** Codes of the findings that were errors. */
  readonly codes: readonly string[];
}

/** Writes a batch of refusals. What their senders made up must not keep the others from being written. */
export async function insertRefusals(db: Db, refusals: readonly NewRefusal[]): Promise<void> {
  if (refusals.length === 0) return;
  const column = new Columns(refusals);
  await query(
    db,
    `insert into refusals (at, origin, source_org, kind, reason, rules, codes)
     select to_timestamp(at / 1000.0), origin, source_org, kind, reason,
            array(select jsonb_array_elements_text(rules)),
            array(select jsonb_array_elements_text(codes))
       from unnest(?::double precision[], ?::text[], ?::text[], ?::smallint[], ?::smallint[], ?::jsonb[], ?::jsonb[])
         as x(at, origin, source_org, kind, reason, rules, codes)`,
    [
      column.float8((r) => r.atMs),
      column.text((r) => r.origin),
      column.text((r) => r.sourceOrg.slice(0, 18).replaceAll('\0', '')),
      column.int2((r) => (r.kind in MessageKind ? r.kind : MessageKind.UNSPECIFIED)),
      column.int2((r) => r.reason),
      column.jsonb((r) => r.rules),
      column.jsonb((r) => r.codes),
    ],
  );
}
