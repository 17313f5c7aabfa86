import { Severity } from '#gen/zhengzhao/v1/common_pb.js';
import type { FreeTradeZoneFact } from '../validation/facts.js';
import type { FindingList } from './release-findings.js';

/** What the registrar says about the zone (R43). */
export interface ZoneClaim {
  /** 自贸区名称 or code; empty: not in a zone. */
  readonly ftz: string;
  /** 自贸区片区名称 or code; empty: not stated. */
  readonly ftzArea: string;
  /** Node of the domicile; undefined when its region is in none. */
  readonly province: string | undefined;
}

/**
 * Checks that zone, area and province fit together (R43, VR11), and tells whether the enterprise is
 * in a pilot zone. `zone`: the one that `claim.ftz` names, if any. The registrar's judgement is never replaced, only its consistency is checked.
 */
export function checkZone(
  list: FindingList,
  claim: ZoneClaim,
  zone: FreeTradeZoneFact | undefined,
): boolean {
  if (claim.ftz === '') {
    if (claim.ftzArea !== '') areaWithoutZone(list, claim);
    return false;
  }
  if (!zone) {
    list.add('ftz', {
      rule: 'VR11',
      code: 'FTZ_UNKNOWN',
      zh: '自贸区“{}”不在 18 个自由贸易试验区之内。',
      en: 'The zone "{}" is none of the 18 pilot free-trade zones.',
      value: claim.ftz,
    });
    return false;
  }
  if (claim.province !== undefined && zone.province !== claim.province) otherProvince(list, zone);
  checkArea(list, claim, zone);
  return true;
}

function checkArea(list: FindingList, claim: ZoneClaim, zone: FreeTradeZoneFact): void {
  if (zone.area(claim.ftzArea)) return;
  const stated = claim.ftzArea !== '';
  list.add('ftz_area', {
    rule: 'VR11',
    code: stated ? 'FTZ_AREA_UNKNOWN' : 'FTZ_AREA_MISSING',
    zh: stated ? `片区“{}”不属于${zone.name}。` : '登记时必须同时填写自贸区片区。',
    en: stated
      ? `The area "{}" does not belong to ${zone.name}.`
      : 'The area of the zone must be stated in the registration.',
    value: claim.ftzArea,
    severity: stated ? Severity.ERROR : Severity.WARNING,
  });
}

function otherProvince(list: FindingList, zone: FreeTradeZoneFact): void {
  list.add('ftz', {
    rule: 'VR11',
    code: 'FTZ_OTHER_PROVINCE',
    zh: '{}不在住所所在省份。',
    en: '{} is not in the province of the domicile.',
    value: zone.name,
  });
}

function areaWithoutZone(list: FindingList, claim: ZoneClaim): void {
  list.add('ftz_area', {
    rule: 'VR11',
    code: 'FTZ_MISSING',
    zh: '填写了片区“{}”，但没有填写自贸区。',
    en: 'The area "{}" is stated without a zone.',
    value: claim.ftzArea,
  });
}
