import type { ReturnReason } from '#gen/zhengzhao/v1/package_pb.js';
import type { PermitItemRef } from '#gen/zhengzhao/v1/registration_event_pb.js';
import { query, type Db } from './database.js';
import type { StoredPackage } from './package-store.js';
import type { Span } from './exchange-report.js';

/** Notes the items of a package that a department returned (F22); once for each package. */
export async function insertReturnedItems(
  db: Db,
  returned: Pick<StoredPackage, 'packageId' | 'deptCode' | 'deptName'>,
  items: readonly PermitItemRef[],
  reason: ReturnReason,
  at: { readonly nowMs: number },
): Promise<void> {
  await query(
    db,
    `insert into returned_items (package_id, permit_item_code, scope_entry_codes, dept_code,
            dept_name, reason, returned_at)
     select ?, code, array(select jsonb_array_elements_text(entries)), ?, ?, ?,
            to_timestamp(?::double precision / 1000)
       from unnest(?::text[], ?::jsonb[]) as x(code, entries)
     on conflict do nothing`,
    [
      returned.packageId,
      returned.deptCode,
      returned.deptName,
      reason,
      at.nowMs,
      items.map((item) => item.permitItemCode),
      items.map((item) => JSON.stringify([...item.scopeEntryCodes].sort())),
    ],
  );
}

/** What departments sent back for the same item, ticks and reason. */
export interface MappingDefectRow {
  readonly permitItemCode: string;
  readonly scopeEntryCodes: string[];
  readonly deptCode: string;
  readonly deptName: string;
  readonly reason: ReturnReason;
  readonly count: number;
  /** The newest packages, at most five. */
  readonly packageIds: string[];
}

/**
 * Returns in the span as defects of the mapping, the most frequent first, at most `limit`.
 * `deptCode` empty: of every department.
 */
export async function countMappingDefects(
  db: Db,
  span: Span,
  deptCode: string,
  limit: number,
): Promise<MappingDefectRow[]> {
  const { rows } = await query<MappingDefectRow>(
    db,
    `select permit_item_code as "permitItemCode", scope_entry_codes as "scopeEntryCodes",
            dept_code as "deptCode", max(dept_name) as "deptName", reason, count(*) as count,
            (array_agg(package_id order by returned_at desc, package_id desc))[1:5] as "packageIds"
       from returned_items where returned_at >= ? and returned_at < ? and (? = '' or dept_code = ?)
      group by permit_item_code, scope_entry_codes, dept_code, reason
      order by count(*) desc, permit_item_code, scope_entry_codes, dept_code, reason limit ?`,
    [span.from, span.until, deptCode, deptCode, limit],
  );
  return rows;
}
