import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';
import {
  AuthorityLevel,
  AuthoritySystem,
  CatalogReleaseSchema,
  PermitItemSchema,
  ScopeCategory,
  ScopeEntrySchema,
  SetLevel,
  type PermitItem,
  type ScopeEntry,
} from '#gen/zhengzhao/v1/catalog_pb.js';
import { createCatalogLibrary, type ReleaseLibrary } from '../../server/domain/catalog/library.js';
import { regionLineage } from '../../server/reference/region-codes.js';

/** Version of the central release in `testCatalog`. */
export const TEST_CATALOGUE_VERSION = '2019.12-test';

/** 浙江省市场监督管理局: receives and decides every item of `testCatalog` in 330000. */
export const ZHEJIANG_MARKET_REGULATION = {
  code: '330000000M660',
  name: '浙江省市场监督管理局',
} as const;

function entry(scopeEntryCode: string, name: string, category: ScopeCategory): ScopeEntry {
  return create(ScopeEntrySchema, { scopeEntryCode, name, category, effectiveFrom: '2019-12-01' });
}

/** An item of the catalogue, by default a central one of mode 4 decided in Zhejiang. */
export function testItem(init: MessageInitShape<typeof PermitItemSchema>): PermitItem {
  return create(PermitItemSchema, {
    setLevel: SetLevel.CENTRAL,
    ownerNode: '100000',
    reformMode: ReformMode.OPTIMISED,
    competentDeptCode: '11100000MB0143028R',
    competentDeptName: '国家市场监督管理总局',
    defaultAuthoritySystem: AuthoritySystem.PROVINCIAL_OR_BELOW,
    effectiveFrom: '2019-12-01',
    licensingAuthorities: [
      {
        regionCode: '330000',
        orgCode: ZHEJIANG_MARKET_REGULATION.code,
        orgName: ZHEJIANG_MARKET_REGULATION.name,
        level: AuthorityLevel.PROVINCE,
        decides: true,
      },
    ],
    ...init,
  });
}

const ENTRIES: readonly ScopeEntry[] = [
  entry('PA0001', '会议及展览服务', ScopeCategory.GENERAL),
  entry('PA0002', '广告设计、代理', ScopeCategory.GENERAL),
  entry('PA0015', '餐饮服务', ScopeCategory.PERMIT),
  entry('PA0196', '食品经营（销售预包装食品）', ScopeCategory.PERMIT),
  entry('PB0034', '法定计量检定', ScopeCategory.PERMIT),
  entry('PB0036', '食品生产（低风险食品）', ScopeCategory.PERMIT),
];

/** One item for each reform mode, with codes and names of the first catalogue. */
const ITEMS: readonly PermitItem[] = [
  testItem({
    permitItemCode: 'PX-0034',
    name: '承担国家法定计量检定机构任务授权',
    reformMode: ReformMode.CANCELLED,
    scopeEntryCodes: ['PB0034'],
  }),
  testItem({
    permitItemCode: 'PX-0035',
    name: '食品经营许可(除仅销售预包装食品外)',
    scopeEntryCodes: ['PA0015'],
  }),
  testItem({
    permitItemCode: 'PX-0041',
    name: '食品经营许可(仅销售预包装食品)',
    reformMode: ReformMode.FILING,
    scopeEntryCodes: ['PA0196'],
  }),
  testItem({
    permitItemCode: 'PX-0049',
    name: '食品生产许可(低风险食品)',
    reformMode: ReformMode.COMMITMENT,
    scopeEntryCodes: ['PB0036'],
  }),
];

const LOCAL_ENTRY = entry('P330001', '小餐饮店（三小行业）', ScopeCategory.PERMIT);
const LOCAL_ITEM = testItem({
  permitItemCode: 'PX-33-0001',
  name: '小餐饮店登记',
  setLevel: SetLevel.LOCAL,
  ownerNode: '330000',
  scopeEntryCodes: ['P330001'],
});

/** What a test may change about `testCatalog`. */
export interface TestCatalogOptions {
  /** Unset: 330000. */
  readonly node?: string;
  /** Unset: provisional, as the first catalogue is. */
  readonly official?: boolean;
  /** Further central items. */
  readonly items?: readonly PermitItem[];
}

/** A catalogue of seven entries and five items, two releases: central and Zhejiang. */
export function testCatalog(options: TestCatalogOptions = {}): ReleaseLibrary {
  const provisional = !options.official;
  const common = { effectiveFrom: '2019-12-01', titleZh: '测试目录', provenance: '测试' };
  const central = create(CatalogReleaseSchema, {
    ...common,
    version: TEST_CATALOGUE_VERSION,
    layer: '100000',
    provisional,
    entries: [...ENTRIES],
    items: [...ITEMS, ...(options.items ?? [])],
  });
  const local = create(CatalogReleaseSchema, {
    ...common,
    version: `${TEST_CATALOGUE_VERSION}-33`,
    layer: '330000',
    provisional,
    entries: [LOCAL_ENTRY],
    items: [LOCAL_ITEM],
  });
  return createCatalogLibrary([central, local], {
    node: options.node ?? '330000',
    lineageOf: regionLineage,
  });
}
