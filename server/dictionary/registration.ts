import {
  CancellationSchema,
  CancelKindSchema,
  EventTypeSchema,
  PermitItemRefSchema,
  RegistrationChangeSchema,
  RegistrationEventSchema,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import { ENVELOPE } from './common.js';
import type { Entry } from './entry.js';
import { choice, date, fen, flag, list, part, text, texts } from './field.js';

/** 许可事项 of an enterprise. */
export const PERMIT_ITEM: Entry = {
  message: PermitItemRefSchema,
  fields: [
    text('permit_item_code', '许可事项代码', 32),
    text('permit_item_name', '许可事项', 200),
    text('receiving_dept_code', '共享数据接收部门代码', 18),
    text('receiving_dept_name', '共享数据接收部门', 200),
    texts('scope_entry_codes', '经营范围条目代码', 10),
  ],
};

/** 变更事项. */
export const REGISTRATION_CHANGE: Entry = {
  message: RegistrationChangeSchema,
  fields: [
    text('alt_item', '变更事项代码', 2, 'ALTITEM'),
    text('alt_item_name', '变更事项', 100, 'ALTITEM_CN'),
    text('alt_be', '变更前内容', 4000, 'ALTBE'),
    text('alt_af', '变更后内容', 4000, 'ALTAF'),
    date('alt_date', '变更日期', 'ALTDATE'),
  ],
};

/** 注销信息. */
export const CANCELLATION: Entry = {
  message: CancellationSchema,
  fields: [
    date('cancel_date', '注销日期', 'CANDATE'),
    choice('cancel_kind', '注销类型', CancelKindSchema),
    text('cancel_reason', '注销原因', 500, 'CANREA'),
    text('approval_org', '批准机关', 200, 'SANORG'),
  ],
};

/** 企业登记注册信息. */
export const REGISTRATION: Entry = {
  message: RegistrationEventSchema,
  fields: [
    part('envelope', '信封', ENVELOPE),
    choice('event_type', '登记业务类型', EventTypeSchema),
    text('pripid', '主体身份代码', 50, 'PRIPID'),
    text('uscc', '统一社会信用代码', 18, 'UNISCID'),
    text('reg_no', '注册号', 30, 'REGNO'),
    text('ent_name', '企业(机构)名称', 200, 'ENTNAME'),
    text('ent_type', '市场主体类型', 4, 'ENTTYPE'),
    text('lerep', '法定代表人/负责人', 100, 'LEREP'),
    fen('reg_cap_fen', '注册资本', 'REGCAP'),
    text('reg_cap_cur', '注册资本币种', 3, 'REGCAPCUR'),
    date('est_date', '成立日期', 'ESTDATE'),
    date('appr_date', '核准日期', 'APPRDATE'),
    date('op_from', '经营期限自', 'OPFROM'),
    date('op_to', '经营期限至', 'OPTO'),
    flag('op_long_term', '长期'),
    text('reg_org', '登记机关', 6, 'REGORG'),
    text('reg_org_name', '登记机关名称', 100, 'REGORG_CN'),
    text('dom', '住所', 500, 'DOM'),
    text('dom_district', '住所所在行政区划', 6, 'DOMDISTRICT'),
    text('industry_phy', '行业门类', 1, 'INDUSTRYPHY'),
    text('industry_co', '行业代码', 4, 'INDUSTRYCO'),
    text('op_scope', '经营范围', 3000, 'OPSCOPE'),
    texts('scope_entry_codes', '经营范围条目代码', 10),
    text('catalog_version', '目录版本', 16),
    flag('license_separation_flag', '“证照分离”企业标记'),
    flag('ftz_flag', '自贸区企业标记'),
    text('ftz_judged_by', '自贸区判断人', 100),
    text('ftz_code', '自贸区代码', 8),
    text('ftz_name', '自贸区名称', 100),
    text('ftz_area_code', '自贸区片区代码', 10),
    text('ftz_area_name', '自贸区片区名称', 100),
    list('permit_items', '许可事项', PERMIT_ITEM),
    text('reg_state', '登记状态', 2, 'REGSTATE'),
    list('changes', '变更事项', REGISTRATION_CHANGE),
    part('cancel', '注销信息', CANCELLATION),
    text('tel', '联系电话', 30, 'TEL'),
    text('postal_code', '邮政编码', 6, 'POSTALCODE'),
  ],
};
