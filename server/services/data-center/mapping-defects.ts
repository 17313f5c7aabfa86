import type { Knex } from 'knex';
import type { CatalogView } from '../../domain/catalog/view.js';
import { countMappingDefects } from '../../storage/mapping-defects.js';
import type { Span } from '../../storage/exchange-report.js';

const LIMIT = 500;

/**
 * What departments, or one of them, returned in the span, with who can mend it: a return teaches
 * (F22). `deptCode` empty: all departments.
 */
export async function mappingDefects(
  knex: Knex,
  span: Span,
  deptCode: string,
  catalog: CatalogView | undefined,
) {
  const rows = await countMappingDefects(knex, span, deptCode, LIMIT);
  return rows.map((row) => {
    const item = catalog?.item(row.permitItemCode);
    return {
      permitItemCode: row.permitItemCode,
      permitItemName: item?.name ?? '',
      scopeEntryCodes: row.scopeEntryCodes,
      receivingDeptCode: row.deptCode,
      receivingDeptName: row.deptName,
      returnReason: row.reason,
      count: BigInt(row.count),
      examplePackageIds: row.packageIds,
      ownerNode: item?.ownerNode ?? '',
    };
  });
}
