import { UnattributedReason } from '#gen/zhengzhao/v1/data_center_pb.js';
import { normaliseName } from '../identifiers/text.js';
import type { Party } from '../message.js';
import type { Enterprise } from '../registration/enterprise.js';

/** How a record came to its enterprise. */
export type AttributionMethod =
  'uscc' | 'uscc+name' | 'uscc+former-name' | 'reg_no+name' | 'manual';

/** 记名 succeeded, or why a person must look (R29). */
export type AttributionResult =
  | { readonly named: true; readonly enterprise: Enterprise; readonly method: AttributionMethod }
  | { readonly named: false; readonly reason: UnattributedReason };

/** The enterprises an attribution may look at. */
export interface EnterpriseDirectory {
  byUscc(uscc: string): Enterprise | undefined;
  byRegNo(regNo: string): readonly Enterprise[];
}

function unnamed(reason: UnattributedReason): AttributionResult {
  return { named: false, reason };
}

function nameMatch(enterprise: Enterprise, name: string): 'current' | 'former' | undefined {
  const wanted = normaliseName(name);
  // A name of which nothing is left is nobody's.
  if (wanted === '') return undefined;
  if (normaliseName(enterprise.entName) === wanted) return 'current';
  return enterprise.formerNames.some((former) => normaliseName(former) === wanted)
    ? 'former'
    : undefined;
}

function byCode(enterprise: Enterprise, party: Party): AttributionResult {
  // A filing names the code alone (R44), which is exact.
  if (party.entName === '') return { named: true, enterprise, method: 'uscc' };
  const match = nameMatch(enterprise, party.entName);
  if (!match) return unnamed(UnattributedReason.NAME_DIFFERS);
  const method = match === 'current' ? 'uscc+name' : 'uscc+former-name';
  return { named: true, enterprise, method };
}

function byOldNumber(candidates: readonly Enterprise[], party: Party): AttributionResult {
  const matching = candidates.filter((enterprise) => nameMatch(enterprise, party.entName));
  const [only, another] = matching;
  if (!only)
    return unnamed(
      candidates.length > 0 ? UnattributedReason.NAME_DIFFERS : UnattributedReason.ENTITY_NOT_FOUND,
    );
  if (another) return unnamed(UnattributedReason.AMBIGUOUS);
  return { named: true, enterprise: only, method: 'reg_no+name' };
}

/**
 * 记名 (VR25): the code and a current or former name must agree; without a code, the old
 * registration number and the name, exactly one enterprise. Never a guess by likeness.
 */
export function attribute(
  party: Party,
  node: string,
  directory: EnterpriseDirectory,
): AttributionResult {
  const result = identify(party, directory);
  if (result.named && result.enterprise.homeNode !== node)
    return unnamed(UnattributedReason.MOVED_AWAY);
  return result;
}

/** Whom a party is, wherever the enterprise is kept (VR25). */
export function identify(party: Party, directory: EnterpriseDirectory): AttributionResult {
  return party.uscc ? attributeByCode(party, directory) : attributeByRegNo(party, directory);
}

function attributeByCode(party: Party, directory: EnterpriseDirectory): AttributionResult {
  const enterprise = directory.byUscc(party.uscc);
  return enterprise ? byCode(enterprise, party) : unnamed(UnattributedReason.ENTITY_NOT_FOUND);
}

function attributeByRegNo(party: Party, directory: EnterpriseDirectory): AttributionResult {
  return party.regNo
    ? byOldNumber(directory.byRegNo(party.regNo), party)
    : unnamed(UnattributedReason.ENTITY_NOT_FOUND);
}

/** What the work list and the sender read about a reason. */
export const unattributedTexts: Readonly<
  Record<UnattributedReason, { readonly zh: string; readonly en: string }>
> = {
  [UnattributedReason.UNSPECIFIED]: { zh: '', en: '' },
  [UnattributedReason.ENTITY_NOT_FOUND]: {
    zh: '本节点没有此代码或注册号的主体;登记信息到达后将自动记名。',
    en: 'No enterprise with this code or number here; attributed by itself when its registration arrives.',
  },
  [UnattributedReason.NAME_DIFFERS]: {
    zh: '代码相符,但名称既非现用名也非曾用名;请核对后人工记名或退回。',
    en: 'The code is known, the name is neither current nor former; attribute by hand or send back.',
  },
  [UnattributedReason.AMBIGUOUS]: {
    zh: '多个主体具有相同的注册号和名称;请人工选择。',
    en: 'Several enterprises have this old number and name; choose by hand.',
  },
  [UnattributedReason.ROUTE_UNRESOLVED]: {
    zh: '总局尚无此主体,归属省份待定;登记信息到达后自动下发。',
    en: 'The national node does not know the enterprise yet; sent on when its registration arrives.',
  },
  [UnattributedReason.MOVED_AWAY]: {
    zh: '主体的登记机关在其他省,应由该省记名。',
    en: 'The enterprise is kept by another province, which has to attribute it.',
  },
};
