import { error, warning, type FindingText } from '../finding-text.js';

/** Findings about the registration event itself (VR7, VR8, VR10, VR18, VR19). */
export const REGISTRATION_TEXTS = {
  REG_ORG_UNKNOWN: error(
    'VR7',
    '登记机关代码“{value}”不属于任何数据中心。请填写登记机关的六位代码。',
    'The registration authority "{value}" belongs to no data centre. Enter its six-digit code.',
  ),
  REG_ORG_OTHER_NODE: error(
    'VR7',
    '登记机关“{value}”属于节点{owner}，不属于本节点({node})。请报送到登记机关所在省的数据中心。',
    'The registration authority "{value}" belongs to node {owner}, not to this node ({node}). Send the event to the data centre of its province.',
  ),
  NATIONAL_REGISTRATION_ELSEWHERE: error(
    'VR7',
    '总局登记的企业按住所归属省份，住所行政区划“{value}”不在本省({node})。请报送到住所所在省。',
    'An enterprise registered by 总局 belongs to the province of its domicile; the district "{value}" is not in this one ({node}). Send it to that province.',
  ),
  DOMICILE_OUTSIDE_PROVINCE: warning(
    'VR7',
    '住所所在行政区划“{value}”不在本省({node})。请核对住所和行政区划代码。',
    'The district "{value}" of the domicile is not in this province ({node}). Check the domicile and its district code.',
  ),
  APPROVED_BEFORE_ESTABLISHED: error(
    'VR8',
    '核准日期“{later}”早于成立日期“{earlier}”。请核对两个日期。',
    'The approval date "{later}" is before the establishment date "{earlier}". Check both.',
  ),
  TERM_ORDER: error(
    'VR8',
    '经营期限至“{later}”早于经营期限自“{earlier}”。请核对经营期限。',
    'The term ends on "{later}", before it begins on "{earlier}". Check the term.',
  ),
  CANCELLED_BEFORE_ESTABLISHED: error(
    'VR8',
    '注销日期“{later}”早于成立日期“{earlier}”。请核对两个日期。',
    'The cancellation date "{later}" is before the establishment date "{earlier}". Check both.',
  ),
  REG_CAP_MISSING: warning(
    'R51',
    '公司类企业没有填写注册资本。请补填，单位为分。',
    'A company has no registered capital. Fill it in, in 分 (0.01 yuan).',
  ),
  INDUSTRY_SECTION_MISMATCH: error(
    'VR10',
    '行业代码“{value}”属于门类{section}，与所填行业门类“{phy}”不一致。请按 GB/T 4754 改正。',
    'Industry code "{value}" belongs to section {section}, not to "{phy}" as stated. Correct it according to GB/T 4754.',
  ),
  REG_STATE_INCONSISTENT: error(
    'VR18',
    '登记状态“{value}”与登记业务类型不符：设立应为1，注销应为4(吊销后注销为3)。请核对。',
    'Registration state "{value}" does not fit the event: establishment needs 1, cancellation 4 (or 3 after revocation). Check both.',
  ),
  CHANGE_IN_CANCELLED_STATE: warning(
    'VR18',
    '变更登记的登记状态为“{value}”(已注销)。注销请用注销业务报送；更正已注销企业的资料可不处理。',
    'A change states "{value}" (cancelled). Send a cancellation as such; ignore this when correcting the data of a cancelled enterprise.',
  ),
  CANCEL_REQUIRED: error(
    'VR18',
    '注销登记没有填写注销信息。请填写注销日期、类型和原因。',
    'A cancellation without its block. Give date, kind and reason of the cancellation.',
  ),
  CANCEL_NOT_EXPECTED: error(
    'VR18',
    '不是注销登记，却填写了注销信息。请删除注销信息，或将业务类型改为注销。',
    'A cancellation block in an event that does not cancel. Remove it, or make the event a cancellation.',
  ),
  CHANGES_REQUIRED: error(
    'VR19',
    '变更登记没有填写变更事项。请至少填写一项。',
    'A change event without a change. List at least one.',
  ),
  CHANGES_NOT_EXPECTED: warning(
    'VR19',
    '不是变更登记，却填写了变更事项，不会作为变更处理。请核对业务类型。',
    'Changes in an event that is no change; they are not applied. Check the event type.',
  ),
  ALT_ITEM_NOT_PADDED: warning(
    'VR10',
    '变更事项代码“{value}”应为两位，按“{padded}”处理。请由源系统改正。',
    'Change item "{value}" should have two digits and is read as "{padded}". Correct it at the source.',
  ),
  CHANGE_WITHOUT_DIFFERENCE: error(
    'VR19',
    '变更前内容与变更后内容相同。请删除该变更事项，或更正内容。',
    'Before and after are the same. Remove the change or correct it.',
  ),
  CHANGE_AFTER_MISMATCH: error(
    'VR19',
    '变更事项{item}的变更后内容与本消息{field}的内容不一致。消息应为变更后的完整状态，请核对。',
    'The content after change {item} differs from {field} of this message. The message must show the state after the change; check both.',
  ),
  CHANGE_DUPLICATE: warning(
    'VR19',
    '该变更事项与第{first}项完全相同，公示时只显示一项，上报内容不改。请去除重复。',
    'This change repeats number {first}: the public sees it once, the message goes on as it was sent. Remove the duplicate.',
  ),
} as const satisfies Record<string, FindingText>;

/** Findings about the free trade zone (R43, VR11). */
export const FREE_TRADE_ZONE_TEXTS = {
  FTZ_NAME_REQUIRED: error(
    'VR11',
    '已标记为自贸区企业，但没有填写自贸区名称。请填写。',
    'Marked as a free trade zone enterprise without the name of the zone. Fill it in.',
  ),
  FTZ_AREA_REQUIRED: error(
    'VR11',
    '已标记为自贸区企业，但没有填写自贸区片区名称。请填写。',
    'Marked as a free trade zone enterprise without the name of the area. Fill it in.',
  ),
  FTZ_DATA_WITHOUT_FLAG: error(
    'VR11',
    '没有标记为自贸区企业，却填写了自贸区信息。请由登记人员核对标记，或删除该信息。',
    'Free trade zone data without the mark. Let the registrar check the mark, or remove the data.',
  ),
  FTZ_UNKNOWN: error(
    'VR11',
    '自贸区不在自由贸易试验区名录中。请填写规范名称，如“中国（浙江）自由贸易试验区”。',
    'No such pilot free trade zone. Use the official name, such as 中国（浙江）自由贸易试验区.',
  ),
  FTZ_OTHER_PROVINCE: error(
    'VR11',
    '{zone}不在本省。请核对自贸区名称。',
    '{zone} is not in this province. Check the name of the zone.',
  ),
  FTZ_AREA_UNKNOWN: error(
    'VR11',
    '所填片区不属于{zone}。请填写该自贸区的片区名称。',
    'The area does not belong to {zone}. Use the name of one of its areas.',
  ),
  FTZ_CODE_MISMATCH: warning(
    'VR11',
    '代码“{value}”与名称不符，以名称为准(应为“{expected}”)。请核对。',
    'Code "{value}" does not fit the name; the name counts (its code is "{expected}"). Check both.',
  ),
  FTZ_DOMICILE_MISMATCH: warning(
    'R43',
    '自贸区标记与住所文字或行政区划不一致。标记以登记人员判断为准，请登记人员复核。',
    "The free trade zone mark does not fit the text or district of the domicile. The registrar's judgement stands; let the registrar look again.",
  ),
  FTZ_JUDGEMENT_NOT_RENEWED: warning(
    'R43',
    '住所已变更，但没有填写自贸区判断人。请确认登记人员已按新住所重新判断。',
    'The domicile changed, and nobody is named who judged the free trade zone. Make sure the registrar judged the new domicile.',
  ),
} as const satisfies Record<string, FindingText>;
