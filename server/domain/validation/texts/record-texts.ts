import { error, warning, type FindingText } from '../finding-text.js';

/** Findings about licences, filings, inspections and penalties (R9, R19, R44, VR8, VR18, VR21, VR22, VR26, VR31). */
export const RECORD_TEXTS = {
  ITEM_NOT_IN_CATALOGUE: warning(
    'VR22',
    '许可事项代码“{value}”不在目录中；本节点的目录为暂定，予以接收。请核对代码。',
    'Permit item "{value}" is not in the catalogue; accepted because the catalogue held here is provisional. Check the code.',
  ),
  ITEM_NOT_JUDGED: warning(
    'VR22',
    '本节点没有可用的目录，许可事项“{value}”没有校验。请联系本级数据中心更新目录。',
    'No catalogue is in force here, so permit item "{value}" was not checked. Ask the data centre to update its catalogue.',
  ),
  LICENCE_FOR_CANCELLED_ITEM: error(
    'VR22',
    '许可事项“{value}”自{since}起在自贸试验区已直接取消审批，不予接收对区内主体于“{date}”作出的许可。请核对事项代码、决定日期和主体。',
    'Permit item "{value}" was abolished in the free trade zones as of {since}; a licence decided on "{date}" for an enterprise of a zone is refused. Check the item code, the date and the enterprise.',
  ),
  RECORD_AFTER_CANCELLATION: error(
    'VR18',
    '该主体已于{since}注销，注销后(“{date}”)作出的许可、备案和检查不予接收；已受理记录的更正和删除、许可的失效和行政处罚除外。请核对统一社会信用代码和日期；如注销有误，请登记机关先更正注销登记。',
    'The enterprise was cancelled on {since}; a licence, filing or inspection of a later day ("{date}") is refused. Corrections and deletions of known records, ends of licences and penalties are taken. Check the credit code and the date; if the cancellation is wrong, its registration authority corrects it first.',
  ),
  FILING_SENT_AS_LICENCE: warning(
    'VR22',
    '许可事项“{value}”已改为备案，应按备案报送；过渡期内按许可接收。',
    'Permit item "{value}" was changed to a filing and should be sent as one; accepted as a licence during the transition.',
  ),
  COMMITMENT_FLAG_MODE: error(
    'VR22',
    '许可事项“{value}”不实行告知承诺，不能标记告知承诺。请删除标记或核对事项代码。',
    'Permit item "{value}" is not granted by commitment, so commitment_flag must not be set. Clear it or check the item code.',
  ),
  FILING_ITEM_MODE: error(
    'VR21',
    '许可事项“{value}”不是审批改为备案的事项，不能报送备案。请核对事项代码，或按许可报送。',
    'Permit item "{value}" is not one that became a filing. Check the item code, or send a licence.',
  ),
  FILING_AT_NATIONAL_NODE: warning(
    'R19',
    '方案列明总局接收的是其他中央部门的行政许可、抽查检查和行政处罚，未列备案；予以接收，同样下发企业所在省记名。请核对是否应报送至省级节点。',
    'The plan has the national node take licences, inspections and penalties of central departments, and no filings; accepted, and sent down like them to the province of the enterprise. Check whether it belongs at the provincial node.',
  ),
  FILING_EVENT_OF_ANOTHER: error(
    'VR21',
    '登记事件“{value}”是另一主体的登记。请填写办理该备案的本主体登记事件的消息编号，或核对统一社会信用代码。',
    'The registration "{value}" is one of another enterprise. Give the message id of the registration with which the filing was made, or check the credit code.',
  ),
  FILING_EVENT_UNKNOWN: warning(
    'VR21',
    '本节点没有该主体编号为“{value}”的登记事件；备案予以接收。请核对编号；登记信息尚未报送的，请登记机关补报。',
    'No registration "{value}" of this enterprise is held here; the filing is accepted. Check the id; a registration that has not been reported has to be.',
  ),
  EXTRA_DATA_NOT_ALLOWED: error(
    'VR21',
    '备案不得额外采集共享其他信息，收到数据标准以外的字段(编号{numbers})。请删除后重新报送。',
    'A filing must not carry further data; fields outside the data standard were found (numbers {numbers}). Remove them and send again.',
  ),
  VALID_BEFORE_DECISION: warning(
    'VR8',
    '有效期自“{earlier}”早于许可决定日期“{later}”。请核对。',
    'The licence is valid from "{earlier}", before it was decided on "{later}". Check both.',
  ),
  VALIDITY_ORDER: error(
    'VR8',
    '有效期至“{later}”早于有效期自“{earlier}”。请核对有效期。',
    'The validity ends on "{later}", before it begins on "{earlier}". Check the validity.',
  ),
  EXPIRED_BEFORE_DECISION: error(
    'VR8',
    '有效期至“{later}”早于许可决定日期“{earlier}”。请核对两个日期。',
    'The validity ends on "{later}", before the decision of "{earlier}". Check both.',
  ),
  ENDED_BEFORE_DECISION: error(
    'VR8',
    '失效日期“{later}”早于许可决定日期“{earlier}”。请核对两个日期。',
    'The licence ended on "{later}", before it was decided on "{earlier}". Check both.',
  ),
  END_KIND_REQUIRED: error(
    'R51',
    '许可状态为无效，但没有填写失效方式。请填写失效方式和失效日期。',
    'The licence is invalid without an end kind. Give the kind and the date of its end.',
  ),
  END_KIND_WHILE_VALID: error(
    'R51',
    '许可状态为有效，却填写了失效方式。请核对状态，或删除失效信息。',
    'The licence is valid and yet has an end kind. Check the state, or remove the end.',
  ),
  LATE: warning(
    'VR31',
    '作出决定(“{date}”)后超过{days}个工作日才报送。请在决定之日起{days}个工作日内报送。',
    'Sent more than {days} working days after the decision of "{date}". Send within {days} working days.',
  ),
  PUBLISHED_LATE: warning(
    'VR31',
    '信息形成(“{date}”)后超过{days}个工作日，总局才得以公示。请核查报送、记名、上报各环节的用时。',
    'The national node could publish it only more than {days} working days after it was formed on "{date}". See where the time went: reporting, attribution or the way up.',
  ),
  RESULT_NOT_EXCLUSIVE: error(
    'VR26',
    '检查结果“1”(未发现问题)不能与其他结果同时填写。请只保留实际结果。',
    'Inspection result "1" (no problem found) excludes all others. Keep the actual result only.',
  ),
  FINE_REQUIRED: error(
    'VR26',
    '处罚种类含罚款(2)，罚款金额应大于0。请填写金额(单位为分)，或更正处罚种类。',
    'The penalty includes a fine (2), so the amount must be above 0. Enter it in 分 (0.01 yuan), or correct the penalty types.',
  ),
  FORFEIT_REQUIRED: error(
    'VR26',
    '处罚种类含没收(3)，没收金额应大于0，或写明没收的财物。请补填，或更正处罚种类。',
    'The penalty includes confiscation (3): the amount must be above 0, or the goods must be named. Fill one in, or correct the penalty types.',
  ),
  FINE_WITHOUT_TYPE: warning(
    'VR26',
    '填写了罚款金额，但处罚种类不含罚款(2)。请核对。',
    'A fine is stated, but the penalty types lack the fine (2). Check both.',
  ),
  FORFEIT_WITHOUT_TYPE: warning(
    'VR26',
    '填写了没收金额或财物，但处罚种类不含没收(3)。请核对。',
    'A confiscation is stated, but the penalty types lack it (3). Check both.',
  ),
  LICENCE_NAMED_REQUIRED: error(
    'VR26',
    '处罚种类含暂扣或吊销证照(5至8)，应填写证照名称及编号。请补填。',
    'The penalty suspends or revokes a licence (5 to 8): give the name and number of the licence.',
  ),
  PENALTY_ENDS_BEFORE_DECISION: error(
    'VR8',
    '处罚有效期“{later}”早于处罚决定日期“{earlier}”。请核对两个日期。',
    'The penalty is valid to "{later}", before its decision of "{earlier}". Check both.',
  ),
  PUBLICITY_ENDS_BEFORE_DECISION: error(
    'VR8',
    '公示截止期“{later}”早于处罚决定日期“{earlier}”。请核对两个日期。',
    'The publicity ends on "{later}", before the decision of "{earlier}". Check both.',
  ),
} as const satisfies Record<string, FindingText>;
