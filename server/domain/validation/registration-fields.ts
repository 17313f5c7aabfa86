import {
  CancelKindSchema,
  EventTypeSchema,
  type Cancellation,
  type PermitItemRef,
  type RegistrationChange,
  type RegistrationEvent,
} from '#gen/zhengzhao/v1/registration_event_pb.js';
import {
  choice,
  code,
  date,
  FOUR_DIGITS,
  inList,
  INDUSTRY,
  ITEM_CODE,
  LIST_VALUE,
  ORGANISATION,
  RELEASE_VERSION,
  SECTION,
  SIX_DIGITS,
  text,
  THREE_DIGITS,
  type FieldSpec,
} from './field-specs.js';

/** Entries of each list that a message may hold. */
export const REGISTRATION_LIMITS = {
  scope_entry_codes: 200,
  permit_items: 500,
  changes: 100,
} as const;

/** Field table of the registration event (R22, R34, R51); cross-field rules stand elsewhere. */
export const REGISTRATION_FIELDS: readonly FieldSpec<RegistrationEvent>[] = [
  choice(['event_type', '登记业务类型', 'event type'], (e) => e.eventType, EventTypeSchema),
  text(['pripid', '主体身份代码', 'entity id'], (e) => e.pripid, 50, { required: true }),
  text(['reg_no', '注册号', 'registration number'], (e) => e.regNo, 30),
  text(['ent_name', '企业名称', 'enterprise name'], (e) => e.entName, 200, { required: true }),
  code(['ent_type', '市场主体类型', 'enterprise type'], (e) => e.entType, FOUR_DIGITS, {
    required: true,
    known: (value, facts) => facts.isEnterpriseType(value),
  }),
  text(['lerep', '法定代表人', 'legal representative'], (e) => e.lerep, 100, { required: true }),
  code(['reg_cap_cur', '注册资本币种', 'capital currency'], (e) => e.regCapCur, THREE_DIGITS, {
    known: (value, facts) => facts.isCurrency(value),
  }),
  date(['est_date', '成立日期', 'establishment date'], (e) => e.estDate, {
    required: true,
    past: true,
  }),
  date(['appr_date', '核准日期', 'approval date'], (e) => e.apprDate, {
    required: true,
    past: true,
  }),
  date(['op_from', '经营期限自', 'begin of the term'], (e) => e.opFrom),
  date(['op_to', '经营期限至', 'end of the term'], (e) => e.opTo, { isEnd: true }),
  code(['reg_org', '登记机关', 'registration authority'], (e) => e.regOrg, SIX_DIGITS, {
    required: true,
    rule: 'VR7',
  }),
  text(['reg_org_name', '登记机关名称', 'authority name'], (e) => e.regOrgName, 100, {
    required: true,
  }),
  text(['dom', '住所', 'domicile'], (e) => e.dom, 500, { required: true }),
  code(
    ['dom_district', '住所所在行政区划', 'domicile district'],
    (e) => e.domDistrict,
    SIX_DIGITS,
    {
      required: true,
      known: (value, facts) => facts.isRegion(value),
      // Districts are renamed and renumbered every year, before any table knows.
      plausible: (value, facts) => facts.provinceOf(value) !== undefined,
    },
  ),
  code(['industry_phy', '行业门类', 'industry section'], (e) => e.industryPhy, SECTION, {
    required: true,
  }),
  code(['industry_co', '行业代码', 'industry code'], (e) => e.industryCo, INDUSTRY, {
    required: true,
    known: (value, facts) => facts.industrySection(value) !== undefined,
  }),
  text(['op_scope', '经营范围', 'business scope'], (e) => e.opScope, 3000, {
    required: true,
    multiline: true,
  }),
  code(
    ['catalog_version', '目录版本', 'catalogue version'],
    (e) => e.catalogVersion,
    RELEASE_VERSION,
  ),
  text(['ftz_judged_by', '自贸区判断人', 'zone judge'], (e) => e.ftzJudgedBy, 100),
  // Of what form an official code would be is not known, only how long (4.1).
  text(['ftz_code', '自贸区代码', 'zone code'], (e) => e.ftzCode, 8),
  text(['ftz_name', '自贸区名称', 'zone name'], (e) => e.ftzName, 100),
  text(['ftz_area_code', '自贸区片区代码', 'zone area code'], (e) => e.ftzAreaCode, 10),
  text(['ftz_area_name', '自贸区片区名称', 'zone area name'], (e) => e.ftzAreaName, 100),
  code(['reg_state', '登记状态', 'registration state'], (e) => e.regState, LIST_VALUE, {
    required: true,
    known: inList('reg_state'),
  }),
  text(['tel', '联系电话', 'telephone'], (e) => e.tel, 30, { personal: false }),
  code(['postal_code', '邮政编码', 'postal code'], (e) => e.postalCode, SIX_DIGITS, {
    rule: 'R51',
  }),
];

/** Field table of one permit item of an enterprise (R22). */
export const PERMIT_ITEM_FIELDS: readonly FieldSpec<PermitItemRef>[] = [
  code(['permit_item_code', '许可事项代码', 'item code'], (i) => i.permitItemCode, ITEM_CODE, {
    required: true,
    rule: 'VR13',
  }),
  text(['permit_item_name', '许可事项', 'item name'], (i) => i.permitItemName, 200, {
    required: true,
    rule: 'VR13',
  }),
  code(
    ['receiving_dept_code', '共享数据接收部门代码', 'department code'],
    (i) => i.receivingDeptCode,
    ORGANISATION,
    { required: true, rule: 'VR15' },
  ),
  text(
    ['receiving_dept_name', '共享数据接收部门', 'department name'],
    (i) => i.receivingDeptName,
    200,
    { required: true, rule: 'VR15' },
  ),
];

/** Field table of one change (VR19). The codes of `alt_item` have a rule of their own. */
export const CHANGE_FIELDS: readonly FieldSpec<RegistrationChange>[] = [
  text(['alt_item_name', '变更事项名称', 'name of the change item'], (c) => c.altItemName, 100),
  text(['alt_be', '变更前内容', 'content before'], (c) => c.altBe, 4000, { multiline: true }),
  text(['alt_af', '变更后内容', 'content after'], (c) => c.altAf, 4000, {
    required: true,
    rule: 'VR19',
    multiline: true,
  }),
  date(['alt_date', '变更日期', 'date of the change'], (c) => c.altDate, {
    required: true,
    past: true,
  }),
];

/** Field table of the cancellation block (VR18). */
export const CANCELLATION_FIELDS: readonly FieldSpec<Cancellation>[] = [
  date(['cancel_date', '注销日期', 'cancellation date'], (c) => c.cancelDate, {
    required: true,
    past: true,
  }),
  choice(
    ['cancel_kind', '注销类型', 'kind of cancellation'],
    (c) => c.cancelKind,
    CancelKindSchema,
  ),
  text(['cancel_reason', '注销原因', 'reason of the cancellation'], (c) => c.cancelReason, 500, {
    required: true,
    multiline: true,
  }),
  text(['approval_org', '批准机关', 'approving authority'], (c) => c.approvalOrg, 200),
];
