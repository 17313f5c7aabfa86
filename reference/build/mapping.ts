import type { PermitItemSource } from './permit-items.js';
import type { ScopeSource } from './scope-entries.js';
import { readTable, required, type OutputRow } from './tables.js';

export const MAPPING_COLUMNS = ['permit_item_code', 'scope_entry_code', 'provenance'];

const BASES: Readonly<Record<string, string>> = {
  EVIDENT: '由表述与事项名称对应，暂定',
  CUMULATIVE: '同一表述须同时具备多个许可，暂定',
  ITEM: '表述由本事项名称拟定，暂定',
  COMPOUND: '由表述与事项名称对应，暂定',
};

/** Links permit items to scope entries, from the hand-made table and from the made wordings. */
export function buildMapping(
  items: readonly PermitItemSource[],
  scopes: readonly ScopeSource[],
): OutputRow[] {
  const itemCodes = new Map(items.map((item) => [item.seq, item.code]));
  const scopeCodes = new Map(scopes.map((scope) => [scope.name, scope.code]));
  const links = [
    ...readTable('raw/item-scope-links.csv', ['seq', 'scope_name', 'basis']),
    ...readTable('raw/scope-additions.csv', ['seq', 'name', 'basis']).map((row) => ({
      seq: row.seq,
      scope_name: row.name,
      basis: row.basis,
    })),
  ];
  return links
    .map((link) => ({
      permit_item_code: required(itemCodes.get(link.seq), `item ${link.seq}`),
      scope_entry_code: required(scopeCodes.get(link.scope_name), link.scope_name),
      provenance: required(BASES[link.basis], `basis ${link.basis}`),
    }))
    .toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
}

function orderOf(row: { permit_item_code: string; scope_entry_code: string }): string {
  return `${row.permit_item_code} ${row.scope_entry_code}`;
}
