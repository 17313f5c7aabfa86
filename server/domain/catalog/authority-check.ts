import type { LicensingAuthority, PermitItem } from '#gen/zhengzhao/v1/catalog_pb.js';
import type { FieldCheck } from './field-check.js';
import { CENTRAL_LAYER } from './layer.js';
import type { Place } from './release-findings.js';

/** Checks who receives and decides an item: at least one, well formed, inside the layer (VR15, R25). */
export function checkAuthorities(
  check: FieldCheck,
  item: PermitItem,
  row: number,
  layer: string,
  provinceOf: (regionCode: string) => string | undefined,
): void {
  if (item.licensingAuthorities.length === 0) {
    check.list.add(check.locate({ table: 'items', row, column: 'permit_item_code' }), {
      rule: 'VR15',
      code: 'ITEM_WITHOUT_AUTHORITY',
      zh: '许可事项“{}”没有许可机关，登记信息无处推送。',
      en: 'The permit item "{}" has no authority, so nobody could be told.',
      value: `${item.permitItemCode} ${item.name}`,
    });
  }
  const known = new Set<string>();
  item.licensingAuthorities.forEach((authority, sub) => {
    const at = (column: string): Place => ({ table: 'authorities', row, sub, column });
    check.code(at('org_code'), authority.orgCode, 18);
    check.text(at('org_name'), authority.orgName, 200);
    check.chosen(at('level'), authority.level);
    checkRegion(check, at, authority, layer, provinceOf);
    checkNode(check, at, authority, provinceOf);
    const key = `${authority.regionCode} ${authority.orgCode}`;
    if (known.has(key)) listedTwice(check, at, authority);
    known.add(key);
  });
}

type At = (column: string) => Place;

function checkRegion(
  check: FieldCheck,
  at: At,
  authority: LicensingAuthority,
  layer: string,
  provinceOf: (regionCode: string) => string | undefined,
): void {
  if (!/^\d{6}$/.test(authority.regionCode)) {
    check.list.add(check.locate(at('region_code')), {
      rule: 'VR15',
      code: 'REGION_FORMAT',
      zh: '行政区划“{}”应为 6 位数字；000000 表示全国。',
      en: 'The region "{}" must have six digits; 000000 is the whole country.',
      value: authority.regionCode,
    });
  } else if (layer !== CENTRAL_LAYER && provinceOf(authority.regionCode) !== layer) {
    check.list.add(check.locate(at('region_code')), {
      rule: 'R25',
      code: 'REGION_OUTSIDE_PROVINCE',
      zh: '行政区划“{}”不在本省；地方事项只在本省有效。',
      en: 'The region "{}" is outside the province; local items hold inside it only.',
      value: authority.regionCode,
    });
  }
}

/** D2: the node that serves an authority of another province, if one is stated. */
function checkNode(
  check: FieldCheck,
  at: At,
  { orgNode }: LicensingAuthority,
  provinceOf: (regionCode: string) => string | undefined,
): void {
  if (orgNode === '' || provinceOf(orgNode) === orgNode) return;
  check.list.add(check.locate(at('org_node')), {
    rule: 'R53',
    code: 'AUTHORITY_NODE_UNKNOWN',
    zh: '机关归属节点“{}”不是省级节点代码；不填表示企业所在省。',
    en: 'The node "{}" of the authority is no provincial node; leave it empty for the own province.',
    value: orgNode,
  });
}

function listedTwice(check: FieldCheck, at: At, authority: LicensingAuthority): void {
  check.list.add(check.locate(at('org_code')), {
    rule: 'VR15',
    code: 'DUPLICATE_AUTHORITY',
    zh: '机关“{}”在同一行政区划重复。',
    en: 'The authority "{}" occurs twice for the same region.',
    value: authority.orgCode,
  });
}
