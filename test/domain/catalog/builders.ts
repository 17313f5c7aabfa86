import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  AuthorityLevel,
  AuthoritySystem,
  CatalogReleaseSchema,
  PermitItemSchema,
  ScopeCategory,
  ScopeEntrySchema,
  SetLevel,
  type CatalogRelease,
  type PermitItem,
  type ScopeEntry,
} from '#gen/zhengzhao/v1/catalog_pb.js';
import { ReformMode } from '#gen/zhengzhao/v1/common_pb.js';

/** A valid entry, of a general activity: a permit one would need an item (R6). */
export function entry(
  code: string,
  init: MessageInitShape<typeof ScopeEntrySchema> = {},
): ScopeEntry {
  return create(ScopeEntrySchema, {
    scopeEntryCode: code,
    name: `表述${code}`,
    category: ScopeCategory.GENERAL,
    ...init,
  });
}

/** An entry of a permit activity, which should lead to an item (R6). */
export function permitEntry(
  code: string,
  init: MessageInitShape<typeof ScopeEntrySchema> = {},
): ScopeEntry {
  return entry(code, { category: ScopeCategory.PERMIT, ...init });
}

/** A valid central item that maps to the entries given. */
export function item(
  code: string,
  entryCodes: readonly string[],
  init: MessageInitShape<typeof PermitItemSchema> = {},
): PermitItem {
  return create(PermitItemSchema, {
    permitItemCode: code,
    name: `事项${code}`,
    setLevel: SetLevel.CENTRAL,
    ownerNode: '100000',
    reformMode: ReformMode.OPTIMISED,
    competentDeptCode: 'D1',
    competentDeptName: '某部',
    defaultAuthoritySystem: AuthoritySystem.PROVINCIAL_OR_BELOW,
    licensingAuthorities: [authority('000000', 'D1')],
    scopeEntryCodes: [...entryCodes],
    effectiveFrom: '2019-12-01',
    ...init,
  });
}

/** An item of a province. */
export function localItem(
  code: string,
  entryCodes: readonly string[],
  init: MessageInitShape<typeof PermitItemSchema> = {},
): PermitItem {
  return item(code, entryCodes, {
    setLevel: SetLevel.LOCAL,
    ownerNode: '330000',
    licensingAuthorities: [authority('330000', 'D33')],
    ...init,
  });
}

/** A receiving department of a region. */
export function authority(regionCode: string, orgCode: string) {
  return {
    regionCode,
    orgCode,
    orgName: `机关${orgCode}`,
    level: AuthorityLevel.PROVINCE,
    decides: true,
  };
}

/** A valid release: central from 2019-12-01, unless stated otherwise. */
export function release(init: MessageInitShape<typeof CatalogReleaseSchema> = {}): CatalogRelease {
  return create(CatalogReleaseSchema, {
    version: 'v1',
    layer: '100000',
    effectiveFrom: '2019-12-01',
    titleZh: '测试',
    provenance: '测试',
    entries: [entry('E1')],
    items: [item('I1', ['E1'])],
    ...init,
  });
}
