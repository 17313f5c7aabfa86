import {
  CounterpartTypeSchema,
  LicenceCategorySchema,
  LicenceEndKindSchema,
  LicenceStateSchema,
  type Licence,
  type LicenceChange,
} from '#gen/zhengzhao/v1/record_pb.js';
import {
  choice,
  code,
  date,
  ITEM_CODE,
  MESSAGE_REFERENCE,
  ORGANISATION,
  text,
  type FieldSpec,
} from './field-specs.js';

/** Changes that a licence may list. */
export const MAX_LICENCE_CHANGES = 100;

/** Field table of a licence (R13). */
export const LICENCE_FIELDS: readonly FieldSpec<Licence>[] = [
  text(['lic_id', '许可ID', 'licence id'], (l) => l.licId, 64, { required: true, isNumber: true }),
  choice(
    ['counterpart_type', '行政相对人类别', 'counterpart type'],
    (l) => l.counterpartType,
    CounterpartTypeSchema,
  ),
  code(['permit_item_code', '许可事项代码', 'item code'], (l) => l.permitItemCode, ITEM_CODE, {
    required: true,
    rule: 'VR22',
  }),
  text(['permit_item_name', '许可事项', 'item name'], (l) => l.permitItemName, 200, {
    required: true,
  }),
  text(['lic_doc_name', '许可决定文书名称', 'name of the decision'], (l) => l.licDocName, 64, {
    required: true,
    isNumber: true,
  }),
  text(['lic_doc_no', '许可决定文书号', 'number of the decision'], (l) => l.licDocNo, 64, {
    required: true,
    isNumber: true,
  }),
  choice(
    ['lic_category', '许可类别', 'licence category'],
    (l) => l.licCategory,
    LicenceCategorySchema,
  ),
  text(['lic_category_note', '许可类别说明', 'category note'], (l) => l.licCategoryNote, 100),
  text(['lic_name', '许可证书名称', 'name of the certificate'], (l) => l.licName, 100),
  text(['lic_no', '许可编号', 'licence number'], (l) => l.licNo, 64, { isNumber: true }),
  text(['lic_item', '许可内容', 'licence content'], (l) => l.licItem, 4000, {
    required: true,
    multiline: true,
  }),
  date(['decision_date', '许可决定日期', 'decision date'], (l) => l.decisionDate, {
    required: true,
    past: true,
  }),
  date(['val_from', '有效期自', 'begin of the validity'], (l) => l.valFrom, { required: true }),
  date(['val_to', '有效期至', 'end of the validity'], (l) => l.valTo, { isEnd: true }),
  text(['lic_authority_name', '许可机关', 'licensing authority'], (l) => l.licAuthorityName, 200, {
    required: true,
  }),
  code(
    ['lic_authority_code', '许可机关代码', 'authority code'],
    (l) => l.licAuthorityCode,
    ORGANISATION,
    { required: true, rule: 'VR23' },
  ),
  choice(['lic_state', '当前状态', 'licence state'], (l) => l.licState, LicenceStateSchema),
  choice(['end_kind', '失效方式', 'end kind'], (l) => l.endKind, LicenceEndKindSchema, {}),
  date(['end_date', '失效日期', 'end date'], (l) => l.endDate),
  text(['end_reason', '失效原因', 'reason of the end'], (l) => l.endReason, 500, {
    multiline: true,
  }),
  code(
    ['related_reg_event_id', '对应登记事件', 'related registration'],
    (l) => l.relatedRegEventId,
    MESSAGE_REFERENCE,
    { rule: 'R51' },
  ),
];

/** Field table of a licence change. */
export const LICENCE_CHANGE_FIELDS: readonly FieldSpec<LicenceChange>[] = [
  text(['alt_item', '变更事项', 'changed item'], (c) => c.altItem, 100, { required: true }),
  text(['alt_be', '变更前内容', 'content before'], (c) => c.altBe, 4000, { multiline: true }),
  text(['alt_af', '变更后内容', 'content after'], (c) => c.altAf, 4000, {
    required: true,
    multiline: true,
  }),
  date(['alt_date', '变更日期', 'date of the change'], (c) => c.altDate, {
    required: true,
    past: true,
  }),
];
