import { AUTHORITY_COLUMNS, departmentOf } from './authorities.js';
import { MAPPING_COLUMNS } from './mapping.js';
import { PERMIT_ITEM_COLUMNS } from './permit-items.js';
import { SCOPE_ENTRY_COLUMNS, toScopeRows, type ScopeSource } from './scope-entries.js';
import { PILOT_START, readTable, renderTable, required, type OutputRow } from './tables.js';

const PROVINCE = '330000';
const DIRECTORY = 'catalogue-330000';

/**
 * The example of a provincial layer (R25): items that the province sets itself, worded from real
 * registrations there. A local item may also be mapped to an entry of the central catalogue.
 */
export function renderLocalLayer(central: readonly ScopeSource[]): [string, string][] {
  const links = readTable('raw/local-330000-items.csv', [
    'code',
    'name',
    'scope_code',
    'scope_name',
    'line',
    'note',
  ]);
  const centralCodes = new Map(central.map((source) => [source.name, source.code]));
  const mapping = links.map((link) => ({
    permit_item_code: link.code,
    scope_entry_code:
      link.scope_code || required(centralCodes.get(link.scope_name), link.scope_name),
    provenance: link.note || '由表述与事项名称对应，暂定',
  }));
  const sources = links.filter((link) => link.scope_code !== '').map(toLocalSource);
  const mapped = new Set(mapping.map((row) => row.scope_entry_code));
  const items = [...new Map(links.map((link) => [link.code, link])).values()];
  return [
    [
      `${DIRECTORY}/scope-entries.csv`,
      renderTable(SCOPE_ENTRY_COLUMNS, toScopeRows(sources, mapped)),
    ],
    [`${DIRECTORY}/permit-items.csv`, renderTable(PERMIT_ITEM_COLUMNS, items.map(toLocalItem))],
    [`${DIRECTORY}/mapping.csv`, renderTable(MAPPING_COLUMNS, mapping)],
    [`${DIRECTORY}/authorities.csv`, renderTable(AUTHORITY_COLUMNS, items.map(toLocalAuthority))],
  ];
}

interface LocalLink {
  readonly code: string;
  readonly name: string;
  readonly scope_code: string;
  readonly scope_name: string;
  readonly line: string;
}

function toLocalSource(link: LocalLink): ScopeSource {
  return {
    code: link.scope_code,
    name: link.scope_name,
    category: 'PERMIT',
    industryCodes: '',
    keywords: '',
    provenance: '浙江（宁波）真实登记经营范围中的表述，原列一般项目；代码为暂定',
  };
}

function toLocalItem(link: LocalLink): OutputRow {
  const department = departmentOf(link.line, PROVINCE);
  return {
    permit_item_code: link.code,
    name: link.name,
    set_level: 'LOCAL',
    owner_node: PROVINCE,
    reform_mode: '4',
    reform_mode_basis: 'ASSUMED',
    competent_dept_code: department.code,
    competent_dept_name: department.name,
    default_authority_system: 'PROVINCIAL_OR_BELOW',
    effective_from: PILOT_START,
    provisional: 'true',
    provenance:
      '示例：事项名称由当地登记表述拟定，地方规定原文没有查到；改革方式未见原文，暂定；代码为暂定',
  };
}

function toLocalAuthority(link: LocalLink): OutputRow {
  const department = departmentOf(link.line, PROVINCE);
  return {
    permit_item_code: link.code,
    region_code: PROVINCE,
    org_code: department.code,
    org_name: department.name,
    level: 'PROVINCE',
    decides: 'true',
  };
}
