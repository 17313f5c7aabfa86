import { AUTHORITY_COLUMNS, buildAuthorities } from './authorities.js';
import { renderLocalLayer } from './local-layer.js';
import { buildMapping, MAPPING_COLUMNS } from './mapping.js';
import { collectPermitItems, PERMIT_ITEM_COLUMNS } from './permit-items.js';
import { collectScopeSources, SCOPE_ENTRY_COLUMNS, toScopeRows } from './scope-entries.js';
import { renderTable } from './tables.js';

/** The files of the first catalogue and of the provincial example: path under `reference/` → text. */
export function renderCatalogue(): ReadonlyMap<string, string> {
  const items = collectPermitItems();
  const scopes = collectScopeSources();
  const mapping = buildMapping(items, scopes);
  const mapped = new Set(mapping.map((row) => row['scope_entry_code'] ?? ''));
  const itemRows = items.map((item) => item.row);
  return new Map([
    ['catalogue/scope-entries.csv', renderTable(SCOPE_ENTRY_COLUMNS, toScopeRows(scopes, mapped))],
    ['catalogue/permit-items.csv', renderTable(PERMIT_ITEM_COLUMNS, itemRows)],
    ['catalogue/mapping.csv', renderTable(MAPPING_COLUMNS, mapping)],
    ['catalogue/authorities.csv', renderTable(AUTHORITY_COLUMNS, buildAuthorities(items))],
    ...renderLocalLayer(scopes),
  ]);
}
