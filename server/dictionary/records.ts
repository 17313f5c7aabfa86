import {
  CounterpartTypeSchema,
  FilingSchema,
  InspectionSchema,
  LicenceCategorySchema,
  LicenceChangeSchema,
  LicenceEndKindSchema,
  LicenceSchema,
  LicenceStateSchema,
  PenaltySchema,
  PenaltyStateSchema,
  RecordSchema,
} from '#gen/zhengzhao/v1/record_pb.js';
import { COUNTERPART, ENVELOPE } from './common.js';
import type { Entry } from './entry.js';
import { choice, date, fen, flag, list, part, text, texts } from './field.js';

/** 许可变更. */
export const LICENCE_CHANGE: Entry = {
  message: LicenceChangeSchema,
  fields: [
    text('alt_item', '变更事项', 100, 'ALTITEM'),
    text('alt_be', '变更前内容', 4000, 'ALTBE'),
    text('alt_af', '变更后内容', 4000, 'ALTAF'),
    date('alt_date', '变更日期', 'ALTDATE'),
  ],
};

/** 行政许可. */
export const LICENCE: Entry = {
  message: LicenceSchema,
  fields: [
    text('lic_id', '许可ID', 64, 'LICID'),
    part('counterpart', '行政相对人', COUNTERPART),
    choice('counterpart_type', '行政相对人类别', CounterpartTypeSchema, 'XK_XDR_LB'),
    text('permit_item_code', '许可事项代码', 32),
    text('permit_item_name', '许可事项', 200),
    text('lic_doc_name', '许可决定文书名称', 64, 'XK_XKWS'),
    text('lic_doc_no', '许可决定文书号', 64, 'XK_WSH'),
    choice('lic_category', '许可类别', LicenceCategorySchema, 'XK_XKLB'),
    text('lic_category_note', '许可类别说明', 100),
    text('lic_name', '许可证书名称', 100, 'LICNAME', 'XK_XKZS'),
    text('lic_no', '许可编号', 64, 'LICNO', 'XK_XKBH'),
    text('lic_item', '许可内容', 4000, 'LICITEM', 'XK_NR'),
    date('decision_date', '许可决定日期', 'XK_JDRQ'),
    date('val_from', '有效期自', 'VALFROM', 'XK_YXQZ'),
    date('val_to', '有效期至', 'VALTO', 'XK_YXQZI'),
    flag('long_term', '长期有效'),
    text('lic_authority_name', '许可机关', 200, 'LICANTH', 'XK_XKJG'),
    text('lic_authority_code', '许可机关代码', 18, 'XK_XKJGDM'),
    choice('lic_state', '当前状态', LicenceStateSchema, 'XK_ZT'),
    choice('end_kind', '失效方式', LicenceEndKindSchema),
    date('end_date', '失效日期', 'CANDATE', 'REVDATE', 'INVALIDDATE'),
    text('end_reason', '失效原因', 500),
    flag('commitment_flag', '告知承诺标记'),
    text('related_reg_event_id', '对应登记事件', 64),
    list('changes', '许可变更', LICENCE_CHANGE),
  ],
};

/** 备案: references only (R44). */
export const FILING: Entry = {
  message: FilingSchema,
  fields: [
    text('filing_id', '备案ID', 64),
    text('uscc', '统一社会信用代码', 18),
    text('permit_item_code', '许可事项代码', 32),
    text('registration_event_id', '登记事件', 64),
    date('filing_date', '备案日期'),
    text('filing_authority_code', '备案机关代码', 18),
    text('filing_authority_name', '备案机关', 200),
    text('filing_no', '备案编号', 64),
    flag('derived', '由登记派生'),
  ],
};

/** 抽查检查. */
export const INSPECTION: Entry = {
  message: InspectionSchema,
  fields: [
    text('insp_id', '检查ID', 64),
    part('counterpart', '检查对象', COUNTERPART),
    text('insp_authority_name', '检查实施机关', 200, 'INSAUTH'),
    text('insp_authority_code', '检查实施机关代码', 18, 'INSPORG'),
    text('insp_type', '检查类型', 2, 'INSTYPE'),
    text('insp_way', '检查方式', 2),
    text('task_no', '任务编号', 64),
    text('task_name', '任务名称', 200),
    date('insp_date', '检查日期', 'INSDATE'),
    texts('result_codes', '检查结果代码', 2, 'INSRES'),
    text('result_text', '检查结果说明', 500),
    texts('disposal_codes', '后续处置代码', 2),
    text('permit_item_code', '许可事项代码', 32),
    text('related_licence_no', '相关许可编号', 64),
  ],
};

/** 行政处罚. */
export const PENALTY: Entry = {
  message: PenaltySchema,
  fields: [
    text('case_id', '处罚ID', 64, 'CASENO', 'CASEID'),
    part('counterpart', '行政相对人', COUNTERPART),
    text('lerep', '法定代表人', 100, 'CF_FRDB'),
    text('pen_dec_no', '行政处罚决定书文号', 64, 'PENDECNO', 'CF_WSH'),
    text('illegal_act_type', '违法行为类型', 2000, 'ILLEGACTTYPE', 'CF_WFXW'),
    text('illegal_fact', '违法事实', 5000, 'CF_SY'),
    text('basis', '处罚依据', 2000, 'CF_YJ'),
    texts('pen_types', '处罚种类', 2, 'PENTYPE', 'CF_CFLB'),
    text('pen_content', '处罚内容', 4000, 'PENCONTENT', 'CF_NR'),
    fen('fine_fen', '罚款金额', 'PENAM', 'CF_NR_FK'),
    fen('forfeit_fen', '没收金额', 'FORFAM', 'CF_NR_WFFF'),
    text('forfeit_goods', '没收非法财物', 500),
    text('licence_name_no', '暂扣或吊销证照名称及编号', 200, 'CF_NR_ZKDX'),
    date('dec_date', '处罚决定日期', 'PENDECISSDATE', 'CF_JDRQ'),
    date('valid_to', '处罚有效期', 'CF_YXQ'),
    date('publicity_to', '公示截止期', 'CF_GSJZQ'),
    text('authority_name', '处罚机关', 200, 'PENAUTH', 'CF_CFJG'),
    text('authority_code', '处罚机关代码', 18, 'CF_CFJGDM'),
    choice('state', '处罚状态', PenaltyStateSchema),
    text('related_licence_no', '相关许可编号', 64),
  ],
};

/** 涉企记录: envelope, mark, and one of the four classes. */
export const RECORD: Entry = {
  message: RecordSchema,
  fields: [
    part('envelope', '信封', ENVELOPE),
    flag('non_public', '不公示标记'),
    text('non_public_basis', '不公示依据', 500),
    part('licence', '行政许可', LICENCE),
    part('filing', '备案', FILING),
    part('inspection', '抽查检查', INSPECTION),
    part('penalty', '行政处罚', PENALTY),
  ],
};
