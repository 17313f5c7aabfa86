import {
  SetLevel,
  type CatalogRelease,
  type PermitItem,
  type ScopeEntry,
} from '#gen/zhengzhao/v1/catalog_pb.js';
import { ReformMode, Severity } from '#gen/zhengzhao/v1/common_pb.js';
import { checkAuthorities } from './authority-check.js';
import type { FieldCheck } from './field-check.js';
import { CENTRAL_LAYER } from './layer.js';
import type { ReleaseContext } from './release-check.js';
import type { Place } from './release-findings.js';

const MAX_NOTE = 2000;

/** Checks the permit items of a release with their mapping and authorities (R3, R6, R9, R25). */
export function checkItems(
  check: FieldCheck,
  release: CatalogRelease,
  context: ReleaseContext,
  entries: ReadonlyMap<string, ScopeEntry>,
): void {
  const taken = new Set(context.central.flatMap((r) => r.items.map((item) => item.permitItemCode)));
  const codes = new Set<string>();
  release.items.forEach((item, row) => {
    const at = (column: string): Place => ({ table: 'items', row, column });
    checkFields(check, at, item);
    checkReform(check, at, item);
    checkLayer(check, at, item, release.layer);
    checkMapping(check, item, row, release.effectiveFrom, entries);
    checkAuthorities(check, item, row, release.layer, context.provinceOf);
    if (codes.has(item.permitItemCode)) duplicate(check, at, item);
    if (taken.has(item.permitItemCode)) redefines(check, at, item);
    codes.add(item.permitItemCode);
  });
}

type At = (column: string) => Place;

function checkFields(check: FieldCheck, at: At, item: PermitItem): void {
  check.code(at('permit_item_code'), item.permitItemCode, 32);
  check.text(at('name'), item.name, 200);
  check.optionalText(at('list_no'), item.listNo, 32);
  check.code(at('competent_dept_code'), item.competentDeptCode, 18);
  check.text(at('competent_dept_name'), item.competentDeptName, 200);
  check.chosen(at('default_authority_system'), item.defaultAuthoritySystem, 'D1');
  check.optionalText(at('licence_name'), item.licenceName, 200);
  check.optionalText(at('legal_basis'), item.legalBasis, MAX_NOTE);
  check.optionalText(at('provenance'), item.provenance, MAX_NOTE);
  check.date(at('effective_from'), item.effectiveFrom);
  check.period(at('effective_from'), item.effectiveFrom, at('effective_to'), item.effectiveTo);
}

function checkReform(check: FieldCheck, at: At, item: PermitItem): void {
  check.chosen(at('reform_mode'), item.reformMode, 'R3');
  if (item.reformMode === ReformMode.CANCELLED && item.effectiveTo !== '') {
    check.list.add(check.locate(at('effective_to')), {
      rule: 'R9',
      code: 'CANCELLED_ITEM_ENDS',
      zh: '直接取消审批的事项不得填写失效日期“{}”：事项须保留在对照表中，登记信息才能继续推送原主管部门。',
      en: 'A cancelled item may not end on "{}": it stays in the mapping, so that its former department keeps being told.',
      value: item.effectiveTo,
    });
  }
  if (item.publicInterestReasons.length > 0 && item.reformMode !== ReformMode.OPTIMISED) {
    check.list.add(check.locate(at('public_interest_reasons')), {
      rule: 'R14',
      code: 'REASON_WITHOUT_MODE_4',
      zh: '公共利益类别只用于优化审批服务的事项。',
      en: 'Public-interest reasons belong to items of mode 4 only.',
      severity: Severity.WARNING,
    });
  }
}

/** CENTRAL items only in the national layer, LOCAL ones only in their own province's (R25). */
function checkLayer(check: FieldCheck, at: At, item: PermitItem, layer: string): void {
  if (!check.chosen(at('set_level'), item.setLevel, 'D1')) return;
  const expected = layer === CENTRAL_LAYER ? SetLevel.CENTRAL : SetLevel.LOCAL;
  if (item.setLevel !== expected) {
    check.list.add(check.locate(at('set_level')), {
      rule: 'R25',
      code: 'WRONG_LAYER',
      zh: '中央层面设定的事项只能由总局发布，地方设定的事项只能由本省发布。',
      en: 'Items set at central level are published by the national node only, local ones by their province only.',
    });
  }
  if (item.ownerNode !== layer) {
    check.list.add(check.locate(at('owner_node')), {
      rule: 'R25',
      code: 'WRONG_OWNER',
      zh: `归属节点“{}”应为本层 ${layer}。`,
      en: `The owner node "{}" must be this layer, ${layer}.`,
      value: item.ownerNode,
    });
  }
}

/** Every item maps to at least one entry that exists, cancelled items too (R6, R9). */
function checkMapping(
  check: FieldCheck,
  item: PermitItem,
  row: number,
  from: string,
  entries: ReadonlyMap<string, ScopeEntry>,
): void {
  const codes = new Set<string>();
  item.scopeEntryCodes.forEach((code, sub) => {
    const place: Place = { table: 'mapping', row, sub, column: 'scope_entry_code' };
    if (!entries.has(code)) unknownEntry(check, place, item, code);
    if (codes.has(code)) mappedTwice(check, place, code);
    codes.add(code);
  });
  const mapped = [...codes].flatMap((code) => entries.get(code) ?? []);
  const usable = mapped.some((entry) => entry.effectiveTo === '' || entry.effectiveTo >= from);
  if (usable || (codes.size > 0 && mapped.length === 0)) return;
  check.list.add(check.locate({ table: 'items', row, column: 'permit_item_code' }), {
    rule: 'R6',
    code: mapped.length === 0 ? 'ITEM_WITHOUT_ENTRY' : 'ITEM_ENTRIES_EXPIRED',
    zh: '许可事项“{}”没有对应的有效经营范围条目；每个事项（包括取消的事项）至少对应一条。',
    en: 'The permit item "{}" maps to no valid scope entry; every item, cancelled ones too, needs at least one.',
    value: `${item.permitItemCode} ${item.name}`,
  });
}

function unknownEntry(check: FieldCheck, place: Place, item: PermitItem, code: string): void {
  check.list.add(check.locate(place), {
    rule: 'R6',
    code: 'ENTRY_UNKNOWN',
    zh: `许可事项 ${item.permitItemCode.slice(0, 32)} 对应的条目代码“{}”不存在。`,
    en: `The entry code "{}" that permit item ${item.permitItemCode.slice(0, 32)} maps to does not exist.`,
    value: code,
  });
}

function mappedTwice(check: FieldCheck, place: Place, code: string): void {
  check.list.add(check.locate(place), {
    rule: 'R6',
    code: 'DUPLICATE_MAPPING',
    zh: '与条目“{}”的对应关系重复。',
    en: 'The mapping to entry "{}" occurs twice.',
    value: code,
    severity: Severity.WARNING,
  });
}

function duplicate(check: FieldCheck, at: At, item: PermitItem): void {
  check.list.add(check.locate(at('permit_item_code')), {
    rule: 'R4',
    code: 'DUPLICATE_CODE',
    zh: '许可事项代码“{}”重复。',
    en: 'The permit item code "{}" occurs twice.',
    value: item.permitItemCode,
  });
}

function redefines(check: FieldCheck, at: At, item: PermitItem): void {
  check.list.add(check.locate(at('permit_item_code')), {
    rule: 'R25',
    code: 'REDEFINES_CENTRAL',
    zh: '许可事项代码“{}”已在总局对照表中，省级层不得改动。',
    en: 'The permit item code "{}" is in the central mapping table; a provincial layer may not change it.',
    value: item.permitItemCode,
  });
}
