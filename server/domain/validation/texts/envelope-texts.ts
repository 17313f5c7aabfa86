import { error, warning, type FindingText } from '../finding-text.js';

/** Findings about the message as a whole, its envelope and who sends it (R45, R51, R55, VR4, VR7, VR8, VR23). */
export const ENVELOPE_TEXTS = {
  UNKNOWN_FIELD: error(
    'R51',
    '含有本节点没有的字段(编号{numbers})，其内容无法校验，不予接收。本节点版本可能低于报送系统：请将本节点升级，或去掉这些字段后重新报送。',
    'Fields that this node does not know (numbers {numbers}) cannot be checked and are not taken. The node may be older than the schema of the sender: upgrade the node, or leave the fields out and send again.',
  ),
  MESSAGE_ID_FORMAT: error(
    'R51',
    '消息编号不是 UUID 或 ULID。请由报送系统为每条消息生成唯一的编号，重发时保持不变。',
    'The message id is neither a UUID nor a ULID. Let the sending system make a unique id per message and keep it when sending again.',
  ),
  SCHEMA_VERSION_UNKNOWN: error(
    'R51',
    '数据标准版本“{value}”不受支持，当前支持：{known}。请按支持的版本组织数据。',
    'Version "{value}" of the data standard is not supported; supported: {known}. Send the data in a supported version.',
  ),
  RECORD_VERSION_RANGE: error(
    'R51',
    '版本应为 1 或更大的整数。请从 1 开始，每次修改加 1。',
    'The record version must be 1 or more. Begin with 1 and add 1 with each change.',
  ),
  RECORD_VERSION_TOO_HIGH: error(
    'R51',
    '版本超过上限 {max}，无法与相邻版本区分。请从 1 开始，每次修改加 1。',
    'The record version is above {max} and could not be told from the next. Begin with 1 and add 1 with each change.',
  ),
  DELETE_WITHOUT_REASON: error(
    'R51',
    '删除操作没有填写删除原因。请填写。',
    'A deletion needs a reason. State it in operation_reason.',
  ),
  OPERATION_NOT_APPLICABLE: error(
    'VR10',
    '不公示标记变更不能用删除操作。取消标记请报送 non_public=false。',
    'A change of the not-public mark cannot be a deletion. To clear the mark, send non_public=false.',
  ),
  REGISTRATION_NOT_DELETABLE: error(
    'VR10',
    '登记事项不能用删除操作。更正请用原业务主键和更高版本号报送；撤销登记的，请按变更报送相应的登记状态。',
    'A registration cannot be deleted. To correct it, send its business key with a higher version; if it was revoked, send a change with that state.',
  ),
  WRONG_NODE: error(
    'VR7',
    '数据汇总单位“{value}”不是本节点({node})。请改为本节点代码，或报送到对应的数据中心。',
    'The source node "{value}" is not this node ({node}). Use this node\'s code, or send the message to the data centre it belongs to.',
  ),
  SOURCE_TIME_INVALID: error(
    'VR8',
    '数据汇总时间不是有效时间。请按 RFC 3339 填写。',
    'The source time is not a valid instant. Write it as RFC 3339.',
  ),
  SOURCE_TIME_AHEAD: error(
    'VR8',
    '数据汇总时间比本节点时钟快{minutes}分钟以上。请校准报送系统的时钟后重新报送。',
    'The source time is more than {minutes} minutes ahead of this node. Set the clock of the sending system right and send again.',
  ),
  BUSINESS_KEY_MISMATCH: error(
    'R51',
    '业务主键与{label}不一致。两处请填写同一编号。',
    'The business key differs from {label}. Both must be the same number.',
  ),
  BODY_REQUIRED: error(
    'VR10',
    '消息没有内容，或内容类别不受支持。请填写许可、备案、检查、处罚之一。',
    'The message has no content, or content of an unsupported class. Fill in one of licence, filing, inspection or penalty.',
  ),
  KIND_MISMATCH: error(
    'VR10',
    '消息类别与消息内容不一致。请由报送节点更正后重发。',
    'The message kind does not fit its content. The sending node must correct it and send again.',
  ),
  NOT_THE_AUTHORITY: error(
    'VR23',
    '报送单位既不是作出决定的机关，也不是所载明的数据来源单位。请由决定机关或其数据来源单位报送。',
    'The sending organisation is neither the deciding authority nor the data source unit stated. Let the authority or its data source unit send it.',
  ),
  NON_PUBLIC_WITHOUT_BASIS: error(
    'R55',
    '已标记不公示，但没有填写不公示依据。请填写依据。',
    'Marked as not public without a basis. State it in non_public_basis.',
  ),
  BASIS_WITHOUT_MARK: error(
    'R55',
    '填写了不公示依据，但没有标记不公示，无法判断能否公示和上报。不公示的请将 non_public 设为 true；可以公示的请清空 non_public_basis。',
    'A basis for not being public is stated, but the record is not marked, so it can not be told whether it may be public. Set non_public, or leave non_public_basis empty.',
  ),
  AUTHORITY_CODE_CHECK_DIGIT: warning(
    'VR2',
    '{label}“{value}”形似统一社会信用代码，但校验码不符。请核对机关代码。',
    '{label} "{value}" looks like a unified social credit code but its check digit is wrong. Check the code of the authority.',
  ),
  AUTHORITY_CODE_KIND: warning(
    'VR4',
    '{label}“{value}”不以 1 开头，通常不是机关的统一社会信用代码。请核对。',
    '{label} "{value}" does not begin with 1, as the code of an authority usually does. Check it.',
  ),
} as const satisfies Record<string, FindingText>;

/** Findings about the identity of an enterprise (VR1–VR6, VR25). The code itself is not quoted. */
export const IDENTITY_TEXTS = {
  USCC_FORMAT: error(
    'VR1',
    '统一社会信用代码格式不符：应为18位，只用数字和大写字母(不含I、O、S、V、Z)，第3至8位为数字。请核对营业执照。',
    'The unified social credit code has the wrong form: 18 characters, digits and capital letters without I, O, S, V, Z, digits at 3 to 8. Check the business licence.',
  ),
  USCC_NOT_NORMALISED: warning(
    'VR1',
    '统一社会信用代码含小写、全角字符或空格，已按规范形式识别。请由源系统改正。',
    'The unified social credit code holds lower case, full-width characters or spaces and was read in its proper form. Correct it at the source.',
  ),
  USCC_CHECK_DIGIT: error(
    'VR2',
    '统一社会信用代码校验码不符：按前17位计算，末位应为“{expected}”。请逐位核对营业执照。',
    'The check digit of the unified social credit code is wrong: by the first 17 characters it should be "{expected}". Compare it with the business licence.',
  ),
  USCC_ORG_CODE: warning(
    'VR3',
    '统一社会信用代码第9至17位的主体标识码校验位不符，早期代码可能如此。请核对营业执照。',
    'Characters 9 to 17 of the unified social credit code fail their own check, as some early codes do. Compare them with the business licence.',
  ),
  USCC_ORG_CODE_STRICT: error(
    'VR3',
    '统一社会信用代码第9至17位的主体标识码校验位不符，本节点不予接收。请核对营业执照。',
    'Characters 9 to 17 of the unified social credit code fail their own check; this node refuses such codes. Compare them with the business licence.',
  ),
  USCC_NOT_MARKET_REGULATION: error(
    'VR4',
    '统一社会信用代码首位不是9，不是市场监管部门登记的主体。请核对，或向其登记管理部门报送。',
    'The unified social credit code does not begin with 9: market regulation did not register this entity. Check it.',
  ),
  USCC_ENTITY_KIND: warning(
    'VR4',
    '统一社会信用代码第2位不是1、2、3、9。请核对主体类别。',
    'The second character of the unified social credit code is none of 1, 2, 3, 9. Check the kind of entity.',
  ),
  USCC_REGION_UNKNOWN: warning(
    'VR5',
    '统一社会信用代码第3至8位不属于任何省份。请核对营业执照。',
    'Characters 3 to 8 of the unified social credit code lie in no province. Compare them with the business licence.',
  ),
  MIGRATED_OR_MISMATCH: warning(
    'VR5',
    '统一社会信用代码的登记地与登记机关不在同一省份。企业迁移的可不处理，否则请核对。',
    'The unified social credit code names another province than the registration authority. Right if the enterprise moved, else check both.',
  ),
  USCC_PLACEHOLDER: error(
    'VR6',
    '统一社会信用代码是占位内容。请填写真实代码；没有代码的对象请填写注册号。',
    'The unified social credit code is a placeholder. Enter the real code; for an entity without one give its registration number.',
  ),
  REG_NO_FORMAT: warning(
    'VR25',
    '注册号不是15位数字，可能无法记名。请核对。',
    'The registration number is not 15 digits and may fail attribution. Check it.',
  ),
  REG_NO_CHECK_DIGIT: warning(
    'VR25',
    '注册号校验位不符，早期和外资注册号可能如此。请核对。',
    'The check digit of the registration number is wrong, as in some early and foreign-invested numbers. Check it.',
  ),
  REG_NO_PLACEHOLDER: error(
    'VR6',
    '注册号是占位内容。没有注册号的请留空，并填写统一社会信用代码。',
    'The registration number is a placeholder. Leave it empty and give the unified social credit code.',
  ),
  COUNTERPART_UNIDENTIFIED: error(
    'VR25',
    '统一社会信用代码和注册号都没有填写，无法记于企业名下。请至少填写一项。',
    'Neither the unified social credit code nor the registration number is given, so the record cannot be attributed. Give at least one.',
  ),
} as const satisfies Record<string, FindingText>;
