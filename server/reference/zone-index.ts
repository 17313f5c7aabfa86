import type { FreeTradeAreaFact, FreeTradeZoneFact } from '../domain/validation/facts.js';
import { normaliseName } from '../domain/identifiers/text.js';
import type { FreeTradeZone } from './free-trade-zones.js';

const ZONE_WORDS = /自由贸易试验区|自贸试验区|自贸区/;

/**
 * Finds a zone by code or by name, in full or short form and in whatever brackets (VR11); the same
 * for whoever asks what a scope implies and for whoever registers.
 */
export function indexZones(
  zones: Iterable<FreeTradeZone>,
): (nameOrCode: string) => FreeTradeZoneFact | undefined {
  const index = new Map<string, FreeTradeZoneFact>();
  for (const zone of zones) {
    const fact = toFact(zone);
    index.set(zone.code, fact).set(zone.name, fact).set(zoneKey(zone.name), fact);
  }
  return (nameOrCode) => index.get(nameOrCode) ?? index.get(zoneKey(nameOrCode));
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
