import { ReferenceFileError, type TableRow } from './csv-table.js';

/** The code lists a node cannot work without; their values are in `reference/code-lists.csv`. */
export const CODE_LIST_NAMES = [
  'reform_mode',
  'event_type',
  'public_interest_reason',
  'change_item',
  'penalty_type',
  'penalty_state',
  'inspection_result',
  'inspection_type',
  'inspection_way',
  'inspection_disposal',
  'licence_category',
  'counterpart_type',
  'licence_state',
  'end_kind',
  'reg_state',
  'cancel_kind',
  'cancel_reason',
  'package_return_reason',
] as const;

export type CodeListName = (typeof CODE_LIST_NAMES)[number];

/** One value of a code list. */
export interface CodeValue {
  readonly code: string;
  readonly nameZh: string;
  readonly nameEn: string;
  /** Whether code and text were both read in a public source; false = provisional. */
  readonly verified: boolean;
  readonly source: string;
}

export type CodeLists = ReadonlyMap<CodeListName, ReadonlyMap<string, CodeValue>>;

export const CODE_LIST_COLUMNS = [
  'list',
  'code',
  'name_zh',
  'name_en',
  'verified',
  'source',
] as const;

/**
 * Groups the rows of `code-lists.csv` by list (VR10). Lists the program does not know are ignored.
 * @throws ReferenceFileError when a list is missing or a code occurs twice in one.
 */
export function groupCodeLists(
  rows: readonly TableRow<(typeof CODE_LIST_COLUMNS)[number]>[],
  file: string,
): CodeLists {
  const lists = new Map(CODE_LIST_NAMES.map((name) => [name, new Map<string, CodeValue>()]));
  const listOf: ReadonlyMap<string, Map<string, CodeValue>> = lists;
  for (const row of rows) {
    const list = listOf.get(row.list);
    if (list?.has(row.code)) {
      const place = `${row.list} ${row.code}`;
      throw new ReferenceFileError(file, `代码重复 ${place}`, `duplicate code ${place}`);
    }
    list?.set(row.code, toCodeValue(row));
  }
  for (const [name, values] of lists) {
    if (values.size === 0) {
      throw new ReferenceFileError(file, `缺少代码表 ${name}`, `code list ${name} is missing`);
    }
  }
  return lists;
}

function toCodeValue(row: TableRow<(typeof CODE_LIST_COLUMNS)[number]>): CodeValue {
  return Object.freeze({
    code: row.code,
    nameZh: row.name_zh,
    nameEn: row.name_en,
    verified: row.verified === 'true',
    source: row.source,
  });
}
