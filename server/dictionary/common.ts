import { EnvelopeSchema, OperationSchema } from '#gen/zhengzhao/v1/common_pb.js';
import { CounterpartSchema } from '#gen/zhengzhao/v1/record_pb.js';
import type { Entry } from './entry.js';
import { choice, instant, text, whole } from './field.js';

/** 信封. */
export const ENVELOPE: Entry = {
  message: EnvelopeSchema,
  fields: [
    text('message_id', '消息编号', 36),
    text('schema_version', '数据标准版本', 16),
    text('business_key', '业务主键', 64),
    whole('record_version', '版本'),
    choice('operation', '增删改标志', OperationSchema),
    text('operation_reason', '删除原因', 500),
    text('source_node', '数据汇总单位', 6, 'S_EXT_FROMNODE'),
    text('source_org', '报送单位', 18),
    instant('source_time', '数据汇总时间', 'S_EXT_DATATIME'),
    text('data_source_org_code', '数据来源单位代码', 18, 'XK_LYDWDM', 'CF_SJLYDM'),
    text('data_source_org_name', '数据来源单位', 200, 'XK_LYDW', 'CF_SJLY'),
  ],
};

/** 行政相对人. */
export const COUNTERPART: Entry = {
  message: CounterpartSchema,
  fields: [
    text('uscc', '统一社会信用代码', 18, 'UNISCID', 'XK_XDR_SHXYM'),
    text('ent_name', '名称', 200, 'ENTNAME', 'XK_XDR_MC'),
    text('reg_no', '注册号', 30, 'REGNO', 'XK_XDR_GSZC'),
    text('reg_org', '登记机关', 6, 'REGORG'),
  ],
};
