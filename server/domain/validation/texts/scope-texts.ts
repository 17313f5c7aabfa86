import { error, warning, type FindingText } from '../finding-text.js';

/** Findings about scope entries and permit items (R1, R23, R24, VR12–VR15, VR30). */
export const SCOPE_TEXTS = {
  SCOPE_NOT_CODED: error(
    'R24',
    '自贸区企业的经营范围须勾选规范条目，不能只填文字。请从经营范围目录勾选条目后报送条目代码。',
    'The scope of a free trade zone enterprise must be chosen from the catalogue, not written as text. Choose entries and send their codes.',
  ),
  UNCODED_SCOPE: warning(
    'R1',
    '没有经营范围条目代码，除以前通知过的部门外，不会推送给任何许可部门。请尽量从目录勾选条目。',
    'No scope entry codes: no licensing department will be told, except those told before. Choose entries from the catalogue where possible.',
  ),
  SCOPE_ENTRY_UNKNOWN: error(
    'VR10',
    '经营范围条目“{value}”不在核准日期有效的目录中。请从目录重新勾选。',
    'Scope entry "{value}" is not in the catalogue in force on the approval date. Choose it again from the catalogue.',
  ),
  SCOPE_ENTRY_NOT_IN_FORCE: warning(
    'VR10',
    '经营范围条目“{value}”不在核准日期有效的目录中；因是注销登记，予以接收。',
    'Scope entry "{value}" is not in the catalogue in force on the approval date; accepted because the event cancels.',
  ),
  SCOPE_ENTRY_DUPLICATE: warning(
    'VR10',
    '经营范围条目“{value}”重复。请只保留一个。',
    'Scope entry "{value}" occurs twice. Keep one.',
  ),
  CATALOGUE_VERSION_UNKNOWN: error(
    'VR10',
    '目录版本“{value}”不是本节点持有的中央目录版本。请先更新目录再勾选条目。',
    'No central catalogue of version "{value}" is held here. Update the catalogue and choose the entries from it.',
  ),
  CATALOGUE_VERSION_OTHER: warning(
    'R23',
    '目录版本“{value}”不是核准日期有效的版本(“{expected}”)，按有效版本校验。请更新目录。',
    'Catalogue version "{value}" is not the one in force on the approval date ("{expected}"), which was used for checking. Update the catalogue.',
  ),
  NO_CATALOGUE_IN_FORCE: error(
    'R23',
    '核准日期没有有效的经营范围目录，条目和许可事项无法校验。试点自2019-12-01起：请核对核准日期；此前核准的登记，不填条目代码和目录版本，只填经营范围文字。',
    'No catalogue was in force on the approval date, so entries and items cannot be checked. The pilot began on 2019-12-01: check the approval date; a registration approved before states its scope as text, without codes and version.',
  ),
  SCOPE_TEXT_MISMATCH: warning(
    'VR30',
    '经营范围文字与所勾选的条目不一致。以条目代码为准；请用目录解析接口返回的规范文字。',
    'The scope text differs from the chosen entries. The codes count; use the canonical text that ResolveScope returns.',
  ),
  FLAG_WITHOUT_ITEMS: error(
    'VR12',
    '已标记“证照分离”，但没有填写许可事项。请填写全部涉及的许可事项(含直接取消审批的)。',
    'Marked for 证照分离 without any permit item. List all items concerned, cancelled ones included.',
  ),
  ITEMS_WITHOUT_FLAG: error(
    'VR12',
    '填写了许可事项，但没有标记“证照分离”。请加注标记，或删除许可事项。',
    'Permit items without the mark for 证照分离. Set the mark, or remove the items.',
  ),
  FLAG_OUTSIDE_ZONE: error(
    'R21',
    '自贸区外的企业不能标记“证照分离”：本省没有扩大试点(HUB_PILOT_EVERYWHERE)。请取消标记和许可事项，或核对自贸区标记。',
    'An enterprise outside the free trade zones carries the mark for 证照分离, and this province has not extended the pilot (HUB_PILOT_EVERYWHERE). Remove the mark and the items, or check the zone mark.',
  ),
  PERMIT_ITEM_UNKNOWN: error(
    'VR13',
    '许可事项代码“{value}”不在当日有效的目录中。请按目录改正代码。',
    'Permit item "{value}" is not in the catalogue in force that day. Correct the code according to the catalogue.',
  ),
  PERMIT_ITEM_NOT_IN_FORCE: warning(
    'VR13',
    '许可事项“{value}”不在核准日期有效的目录中；因是注销登记，予以接收。',
    'Permit item "{value}" is not in the catalogue in force on the approval date; accepted because the event cancels.',
  ),
  PERMIT_ITEM_NAME_MISMATCH: error(
    'VR13',
    '许可事项名称与代码“{value}”不符，应为“{expected}”。请核对代码和名称。',
    'The name of permit item "{value}" should be "{expected}". Check code and name.',
  ),
  PERMIT_ITEM_NAME_AT_CANCELLATION: warning(
    'VR13',
    '许可事项名称与代码“{value}”不符，目录现为“{expected}”；因是注销登记，予以接收。',
    'The catalogue now calls permit item "{value}" "{expected}"; accepted because the event cancels.',
  ),
  PERMIT_ITEM_OTHER_LAYER: error(
    'VR13',
    '许可事项“{value}”是节点{owner}的地方事项，在本省无效。请改用中央层面或本省的事项。',
    'Permit item "{value}" is a local item of node {owner} and not valid here. Use a central item or one of this province.',
  ),
  PERMIT_ITEM_DUPLICATE: warning(
    'VR13',
    '该许可事项和接收部门与第{first}项重复。请去除重复。',
    'Item and receiving department repeat number {first}. Remove the duplicate.',
  ),
  ITEM_SCOPE_NOT_OF_EVENT: error(
    'VR13',
    '条目“{value}”不在本企业勾选的经营范围条目中。请补勾选，或从许可事项中删除。',
    'Entry "{value}" is not among the chosen scope entries of the enterprise. Choose it there, or remove it here.',
  ),
  ITEM_NOT_MAPPED: error(
    'VR13',
    '许可事项“{value}”与所列经营范围条目都没有对应关系。请按对应关系对照表改正条目或事项。',
    'None of the listed scope entries maps to permit item "{value}". Correct entries or item according to the mapping table.',
  ),
  ITEM_NOT_MAPPED_AT_CANCELLATION: warning(
    'VR13',
    '许可事项“{value}”与所列经营范围条目在目录中都没有对应关系；因是注销登记，予以接收。',
    'None of the listed scope entries maps to permit item "{value}" in the catalogue; accepted because the event cancels.',
  ),
  SCOPE_ENTRY_NOT_OF_ITEM: warning(
    'VR13',
    '条目“{value}”与该许可事项没有对应关系。请从该事项中删除。',
    'Entry "{value}" does not map to this permit item. Remove it from the item.',
  ),
  PERMIT_ITEM_MISSING: error(
    'VR14',
    '勾选的条目“{entry}”涉及许可事项“{value}”({name})，但没有填写，许可部门将得不到通知。请补填。',
    'The chosen entry "{entry}" implies permit item "{value}" ({name}), which is missing, so its department would not be told. Add it.',
  ),
  PERMIT_ITEM_MISSING_LOCAL: warning(
    'VR14',
    '勾选的条目“{entry}”涉及地方许可事项“{value}”({name})，但没有填写。请核对。',
    'The chosen entry "{entry}" implies the local permit item "{value}" ({name}), which is missing. Check it.',
  ),
  PERMIT_ITEM_MISSING_AT_CANCELLATION: warning(
    'VR14',
    '条目“{entry}”涉及许可事项“{value}”({name})，注销登记没有填写。以前通知过的部门仍会得到通知。',
    'Entry "{entry}" implies permit item "{value}" ({name}), which this cancellation lacks. Departments told before are told again.',
  ),
  RECEIVING_DEPT_UNKNOWN: error(
    'VR15',
    '接收部门“{value}”不是许可事项“{item}”在该地区的部门。目录所列为：{expected}。请改正。',
    'Department "{value}" is not one of permit item "{item}" in this region. The catalogue lists: {expected}. Correct it.',
  ),
  RECEIVING_DEPT_AT_CANCELLATION: warning(
    'VR15',
    '接收部门“{value}”不是许可事项“{item}”在该地区的部门，目录现为：{expected}；因是注销登记，予以接收。',
    'Department "{value}" is not one of permit item "{item}" in this region; the catalogue now lists: {expected}. Accepted because the event cancels.',
  ),
  RECEIVING_DEPT_NAME_MISMATCH: error(
    'VR15',
    '接收部门名称与代码“{value}”不符，应为“{expected}”。请核对代码和名称。',
    'The name of department "{value}" should be "{expected}". Check code and name.',
  ),
  RECEIVING_DEPT_NAME_AT_CANCELLATION: warning(
    'VR15',
    '接收部门名称与代码“{value}”不符，目录现为“{expected}”；因是注销登记，予以接收。',
    'The catalogue now calls department "{value}" "{expected}"; accepted because the event cancels.',
  ),
  RECEIVING_DEPT_MISSING: warning(
    'VR14',
    '许可事项“{value}”在该地区还有接收部门：{expected}，没有填写，将得不到通知。请为每个部门各填一项该许可事项。',
    'Permit item "{value}" has further departments in this region, which would not be told: {expected}. List the item once for each of them.',
  ),
  RECEIVING_DEPT_UNVERIFIED: warning(
    'VR15',
    '目录没有许可事项“{item}”在该地区的接收部门，无法核对。请向目录维护方反映。',
    'The catalogue has no department of permit item "{item}" for this region, so it cannot be checked. Tell the keeper of the catalogue.',
  ),
} as const satisfies Record<string, FindingText>;
