import type { Facts, FreeTradeAreaFact, FreeTradeZoneFact } from '../domain/validation/facts.js';
import { normaliseName } from '../domain/identifiers/text.js';
import type { FreeTradeZone } from './free-trade-zones.js';
import type { Reference } from './load-reference.js';
import { nodeOfRegOrg } from './nodes.js';
import { provinceOf } from './region-codes.js';

const ZONE_WORDS = /自由贸易试验区|自贸试验区|自贸区/;

/** The reference tables as validation asks for them (VR7, VR10, VR11). */
export function createFacts(reference: Reference): Facts {
  const zones = indexZones([...reference.freeTradeZones.values()]);
  const noCodes: ReadonlySet<string> = new Set();
  return Object.freeze<Facts>({
    isRegion: (code) => reference.regions.has(code),
    provinceOf,
    nodeOfRegOrg: (regOrg) => nodeOfRegOrg(regOrg)?.code,
    ftz: (nameOrCode) => zones.get(nameOrCode) ?? zones.get(zoneKey(nameOrCode)),
    isEnterpriseType: (code) => reference.enterpriseTypes.has(code),
    isCurrency: (code) => reference.currencies.has(code),
    industrySection: (code) => reference.industries.get(code)?.section,
    codes: (list) => reference.codeLists.get(list) ?? noCodes,
  });
}

function indexZones(zones: readonly FreeTradeZone[]): ReadonlyMap<string, FreeTradeZoneFact> {
  const index = new Map<string, FreeTradeZoneFact>();
  for (const zone of zones) {
    const fact = toFact(zone);
    index.set(zone.code, fact).set(zone.name, fact).set(zoneKey(zone.name), fact);
  }
  return index;
}

function toFact({ code, name, province, areas }: FreeTradeZone): FreeTradeZoneFact {
  const index = new Map<string, FreeTradeAreaFact>();
  for (const area of areas) index.set(area.code, area).set(areaKey(area.name), area);
  return Object.freeze({
    code,
    name,
    province,
    area: (nameOrCode: string) => index.get(nameOrCode) ?? index.get(areaKey(nameOrCode)),
  });
}

/** 中国(浙江)自由贸易试验区, 浙江自由贸易试验区 and 浙江自贸区 are the same zone. */
function zoneKey(name: string): string {
  return normaliseName(name).replace(/^中国/, '').replace(/[()]/g, '').replace(ZONE_WORDS, '#');
}

/** 舟山离岛 and 舟山离岛片区 are the same area. */
function areaKey(name: string): string {
  return normaliseName(name).replace(/片区$/, '');
}
