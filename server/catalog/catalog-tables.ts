import {
  AuthorityLevel,
  AuthoritySystem,
  PublicInterest,
  ScopeCategory,
  SetLevel,
} from '#gen/zhengzhao/v1/catalog_pb.js';
import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';

/** The administrator's tables, by the name of their file or sheet; English or Chinese. */
export const TABLES = {
  release: '发布版本',
  'scope-entries': '经营范围条目',
  'permit-items': '许可事项',
  mapping: '对应关系',
  authorities: '许可机关',
} as const;

export type TableName = keyof typeof TABLES;

/** Columns of each table with their Chinese heading; either may stand in the first row. */
export const COLUMNS = {
  release: { key: '项目', value: '内容' },
  'scope-entries': {
    scope_entry_code: '经营范围条目代码',
    name: '规范表述',
    category: '经营项目类别',
    industry_codes: '行业代码',
    keywords: '关键词',
    description: '说明',
    include_note: '包括',
    exclude_note: '不包括',
    parent_code: '上级条目代码',
    effective_from: '生效日期',
    effective_to: '失效日期',
    provisional: '暂用',
    provenance: '出处',
  },
  'permit-items': {
    permit_item_code: '许可事项代码',
    name: '许可事项',
    list_no: '清单序号',
    set_level: '设定层级',
    owner_node: '归属节点',
    reform_mode: '改革方式',
    reform_mode_basis: '改革方式依据',
    public_interest_reasons: '公共利益类别',
    competent_dept_code: '主管部门代码',
    competent_dept_name: '主管部门',
    default_authority_system: '许可机关体系',
    licence_name: '许可证件名称',
    legal_basis: '设定依据',
    effective_from: '生效日期',
    effective_to: '失效日期',
    provisional: '暂用',
    provenance: '出处',
  },
  mapping: {
    permit_item_code: '许可事项代码',
    scope_entry_code: '经营范围条目代码',
    provenance: '出处',
  },
  authorities: {
    permit_item_code: '许可事项代码',
    region_code: '行政区划',
    org_code: '机关代码',
    org_name: '机关名称',
    level: '机关层级',
    decides: '是否决定机关',
    org_node: '机关归属节点',
  },
} as const satisfies Record<TableName, Readonly<Record<string, string>>>;

export type Column<T extends TableName> = Extract<keyof (typeof COLUMNS)[T], string>;

/** Columns that a table may leave out; every other one must have its heading. */
export const OPTIONAL_COLUMNS: ReadonlySet<string> = new Set([
  'industry_codes',
  'keywords',
  'description',
  'include_note',
  'exclude_note',
  'parent_code',
  'list_no',
  'reform_mode_basis',
  'public_interest_reasons',
  'licence_name',
  'legal_basis',
  'org_node',
  'effective_to',
  'provisional',
  'provenance',
]);

/** The rows of the `release` table. */
export const RELEASE_KEYS = {
  version: '目录版本',
  layer: '层',
  effective_from: '生效日期',
  title_zh: '中文标题',
  title_en: '英文标题',
  provisional: '暂用',
  provenance: '出处',
} as const;

export type ReleaseKey = keyof typeof RELEASE_KEYS;

/** Ways to write the values of a code list. */
export type Choices = Readonly<Record<string, number>>;

export const CATEGORY_CHOICES: Choices = {
  GENERAL: ScopeCategory.GENERAL,
  一般: ScopeCategory.GENERAL,
  一般项目: ScopeCategory.GENERAL,
  一般经营项目: ScopeCategory.GENERAL,
  PERMIT: ScopeCategory.PERMIT,
  许可: ScopeCategory.PERMIT,
  许可项目: ScopeCategory.PERMIT,
  许可经营项目: ScopeCategory.PERMIT,
};

export const SET_LEVEL_CHOICES: Choices = {
  CENTRAL: SetLevel.CENTRAL,
  中央: SetLevel.CENTRAL,
  中央层面设定: SetLevel.CENTRAL,
  LOCAL: SetLevel.LOCAL,
  地方: SetLevel.LOCAL,
  地方设定: SetLevel.LOCAL,
};

export const REFORM_MODE_CHOICES: Choices = {
  '1': ReformMode.CANCELLED,
  直接取消审批: ReformMode.CANCELLED,
  '2': ReformMode.FILING,
  审批改为备案: ReformMode.FILING,
  '3': ReformMode.COMMITMENT,
  实行告知承诺: ReformMode.COMMITMENT,
  '4': ReformMode.OPTIMISED,
  优化审批服务: ReformMode.OPTIMISED,
  // The older name of the same mode (R3).
  优化准入服务: ReformMode.OPTIMISED,
};

export const BASIS_CHOICES: Choices = { STATED: 1, 原文载明: 1, ASSUMED: 2, 推定: 2 };

export const PUBLIC_INTEREST_CHOICES: Choices = {
  '1': PublicInterest.NATIONAL_SECURITY,
  国家安全: PublicInterest.NATIONAL_SECURITY,
  '2': PublicInterest.PUBLIC_SAFETY,
  公共安全: PublicInterest.PUBLIC_SAFETY,
  '3': PublicInterest.FINANCIAL_SECURITY,
  金融安全: PublicInterest.FINANCIAL_SECURITY,
  '4': PublicInterest.ECOLOGICAL_SECURITY,
  生态安全: PublicInterest.ECOLOGICAL_SECURITY,
  '5': PublicInterest.PUBLIC_HEALTH,
  公众健康: PublicInterest.PUBLIC_HEALTH,
};

export const SYSTEM_CHOICES: Choices = {
  SAMR_HQ: AuthoritySystem.SAMR_HQ,
  总局许可事项: AuthoritySystem.SAMR_HQ,
  OTHER_CENTRAL: AuthoritySystem.OTHER_CENTRAL,
  其他中央部门许可事项: AuthoritySystem.OTHER_CENTRAL,
  PROVINCIAL_OR_BELOW: AuthoritySystem.PROVINCIAL_OR_BELOW,
  省级及以下许可事项: AuthoritySystem.PROVINCIAL_OR_BELOW,
};

export const LEVEL_CHOICES: Choices = {
  NATIONAL: AuthorityLevel.NATIONAL,
  国家级: AuthorityLevel.NATIONAL,
  PROVINCE: AuthorityLevel.PROVINCE,
  省级: AuthorityLevel.PROVINCE,
  CITY: AuthorityLevel.CITY,
  市级: AuthorityLevel.CITY,
  COUNTY: AuthorityLevel.COUNTY,
  县级: AuthorityLevel.COUNTY,
};

export const FLAG_CHOICES: Choices = { TRUE: 1, 是: 1, '1': 1, FALSE: 2, 否: 2, '0': 2 };
